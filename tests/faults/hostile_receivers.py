"""Webhook receivers that answer badly, slowly, endlessly or not at all: one server, a behaviour for each path."""

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache

CHUNK = b"x" * 65_536
_SEND_BUFFER = 65_536
"""What the kernel may hold of an answer that nobody reads: as little as it allows."""


@dataclass(frozen=True)
class Received:
    """One request as it came in. `at` is monotonic; `connection` counts from 1."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    connection: int

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


Behaviour = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One request, and the means to answer it in any way."""

    request: Received
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    written: Counter[str]

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        self.written[self.request.path] += len(data)

    async def until_client_leaves(self) -> None:
        """Say nothing more."""
        while await self.reader.read(65_536):
            pass


class HostileReceivers:
    """Listens on a free port of 127.0.0.1, in a thread of its own. A path without a behaviour is answered with 200.

    `log` holds every request whose headers and body came in whole, `connections` counts what was accepted, `written`
    the bytes that the kernel took of the answers by path, and `most_at_once` the requests of a path under way together.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.log: list[Received] = []
        self.connections = 0
        self.written: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self._behaviours: dict[str, Behaviour] = {}
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.port = int(self._socket.getsockname()[1])
        self._loop = asyncio.new_event_loop()
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self._thread.start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def behave(self, path: str, behaviour: Behaviour) -> None:
        """How requests to a path are answered from now on."""
        self._behaviours[path] = behaviour

    def at(self, path: str) -> list[Received]:
        """What came to a path, in order."""
        return [one for one in self.log if one.path == path]

    def close(self) -> None:
        """Hang up on everybody."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(10)
        self._loop.close()
        self._socket.close()

    async def _serve(self) -> None:
        visits: set[asyncio.Task[None]] = set()

        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            visits.add(task)
            task.add_done_callback(visits.discard)
            await self._converse(reader, writer)

        server = await asyncio.start_server(accepted, sock=self._socket, ssl=self._tls)
        await self._ending.wait()
        server.close()
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while not writer.is_closing():
                request = await _request(reader, connection)
                self.log.append(request)
                await self._answer(Visit(request, reader, writer, self.written))
        writer.transport.abort()

    async def _answer(self, visit: Visit) -> None:
        path = visit.request.path
        self._under_way[path] += 1
        self.most_at_once[path] = max(self.most_at_once[path], self._under_way[path])
        try:
            await self._behaviours.get(path, fine)(visit)
        finally:
            self._under_way[path] -= 1


async def _request(reader: asyncio.StreamReader, connection: int) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(first.split(" ")[1], headers, body, time.monotonic(), connection)


def status(code: int, headers: Callable[[], str] = str, body: bytes = b"noted") -> Behaviour:
    """A well-formed answer; `headers` gives further lines, each with its line break."""

    async def behave(visit: Visit) -> None:
        head = f"HTTP/1.1 {code} Whatever\r\n{headers()}Content-Length: {len(body)}\r\n\r\n"
        await visit.send(head.encode("latin-1") + body)

    return behave


fine = status(200)


def saying(data: bytes) -> Behaviour:
    """These bytes, then the end of the connection."""

    async def behave(visit: Visit) -> None:
        await visit.send(data)
        visit.writer.close()

    return behave


def silent(data: bytes = b"") -> Behaviour:
    """These bytes, then nothing, with the connection open."""

    async def behave(visit: Visit) -> None:
        await visit.send(data)
        await visit.until_client_leaves()

    return behave


def endless(data: bytes, more: bytes, pause_s: float = 0.0, most: int = 1_000_000_000) -> Behaviour:
    """These bytes, then more and more of the same with a pause before each, until the client leaves or `most` went."""

    async def behave(visit: Visit) -> None:
        await visit.send(data)
        for _ in range(most // len(more)):
            await asyncio.sleep(pause_s)
            await visit.send(more)

    return behave


async def reset(visit: Visit) -> None:
    """Drop the connection with a TCP reset."""
    connection = visit.writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.writer.transport.abort()


def redirecting(to: str, code: int = 307) -> Behaviour:
    """Sends whoever asks to another address, or to the same once more."""
    return status(code, lambda: f"Location: {to}\r\n")


@lru_cache(1)
def packed() -> bytes:
    """49 KB that unpack to 50 MB; takes a fifth of a second to make."""
    return gzip.compress(b"\0" * 50_000_000)


def bomb(code: int) -> Behaviour:
    """A small answer that is large once it is unpacked."""

    async def behave(visit: Visit) -> None:
        await status(code, lambda: "Content-Encoding: gzip\r\n", packed())(visit)

    return behave


@contextmanager
def unanswered_port() -> Iterator[int]:
    """A port whose queue of connections is full: the kernel drops further SYNs, and who connects waits."""
    with ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = held.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


@contextmanager
def untouched_listener() -> Iterator[socket.socket]:
    """A listener that accepts nothing: `was_touched` says whether anybody connected."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def was_touched(listener: socket.socket) -> bool:
    """Whether a connection waits in its queue; takes it out."""
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
