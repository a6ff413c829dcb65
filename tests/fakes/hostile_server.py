"""A web server that does exactly what a test tells it to, byte by byte, on a free port of the loopback interface."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Answer = Callable[["Conversation"], None]


@dataclass
class Conversation:
    """One request on a connection: what was asked, and the means to answer it in any way."""

    path: str
    headers: dict[str, str]
    connection: socket.socket
    stopping: threading.Event

    def send(self, data: bytes) -> None:
        """Send raw bytes; a client that has gone away is none of the server's concern."""
        with contextlib.suppress(OSError):
            self.connection.sendall(data)

    def answer(self, status: int = 200, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
        """Send one well-formed answer."""
        lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers)]
        if not any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in headers):
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def drip(self, data: bytes, pause_s: float = 0.02) -> None:
        """Send one byte at a time, for ever, until the client hangs up or the test ends."""
        with contextlib.suppress(OSError):
            while not self.stopping.wait(pause_s):
                self.connection.sendall(data)

    def hang(self) -> None:
        """Say nothing until the test ends."""
        self.stopping.wait()

    def reset(self) -> None:
        """Drop the connection with a TCP reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.connection.close()


@dataclass
class HostileServer:
    """Serves `answer` to every request, keeping connections open. `seen` lists paths, `connections` counts accepts."""

    answer: Answer
    tls: ssl.SSLContext | None = None
    seen: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        """The port that the system gave."""
        return int(self._listener.getsockname()[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """The address of a path here."""
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        """Stop serving and wait for every thread."""
        self._stopping.set()
        for connection in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            stream = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with stream:
                while (request := _read_request(stream)) is not None:
                    path, headers = request
                    self.seen.append(path)
                    self.asked.append(headers)
                    self.answer(Conversation(path, headers, stream, self._stopping))
        self._open.discard(connection)


def _read_request(connection: socket.socket) -> tuple[str, dict[str, str]] | None:
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65536)
        if not received:
            return None
        data += received
    first, *rest = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return first.split(" ")[1], {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}


@contextlib.contextmanager
def hostile_server(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    """Run a server for the length of a `with` block."""
    server = HostileServer(answer, tls)
    try:
        yield server
    finally:
        server.close()
