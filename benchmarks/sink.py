"""A receiver that costs as little as one can: it answers 200 to every POST, and remembers ids and times.

    python -m benchmarks.sink          prints its port, then serves until its standard input ends

A POST to a path that ends in /hangs is never answered. `GET /log` gives a line for each POST, in order of arrival: the
webhook-id and when its headers were read, by the machine's monotonic clock in seconds; `GET /count` how many there are,
and `GET /forget` begins anew.
"""

import asyncio
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
_LENGTH, _ID = b"content-length: ", b"webhook-id: "


class Sink(asyncio.Protocol):
    """One connection: HTTP/1.1 as our clients speak it, requests one after another."""

    def __init__(self, log: list[tuple[bytes, float]]) -> None:
        self._log, self._rest = log, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end].lower() + b"\r\n"
            length = int(_value(head, _LENGTH) or b"0")
            if len(self._rest) < end + 4 + length:
                return
            path = self._rest.split(b" ", 2)[1]
            self._rest = self._rest[end + 4 + length :]
            self._answer(path, _value(head, _ID))

    def _answer(self, path: bytes, webhook_id: bytes) -> None:
        if path in (b"/log", b"/count", b"/forget"):
            lines = b"".join(b"%s %.6f\n" % one for one in self._log) if path == b"/log" else b""
            body = lines or b"%d" % len(self._log)
            if path == b"/forget":
                self._log.clear()
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
            return
        self._log.append((webhook_id, time.monotonic()))
        if not path.endswith(b"/hangs"):
            self._transport.write(_OK)


def _value(head: bytes, name: bytes) -> bytes:
    begin = head.find(name)
    return head[begin + len(name) : head.index(b"\r\n", begin)] if begin >= 0 else b""


class RunningSink:
    """A sink in a process of its own."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def log(self) -> list[tuple[str, float]]:
        """Ids and times of arrival, in order."""
        lines = self._asked("log").splitlines() if self.count() else []
        return [(webhook_id, float(at)) for webhook_id, at in (line.split(" ") for line in lines)]

    def count(self) -> int:
        """How many POSTs there were."""
        return int(self._asked("count"))

    def forget(self) -> None:
        """Begin anew."""
        self._asked("forget")

    def _asked(self, what: str) -> str:
        with urllib.request.urlopen(f"{self.url}/{what}", timeout=60) as answer:
            text: str = answer.read().decode()
            return text


@contextmanager
def running_sink() -> Iterator[RunningSink]:
    """A sink for the length of the block."""
    argv = [sys.executable, "-m", "benchmarks.sink"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield RunningSink(int(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(10)


async def _serve() -> None:
    log: list[tuple[bytes, float]] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(log), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
