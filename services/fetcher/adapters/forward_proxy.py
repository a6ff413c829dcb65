"""A forward proxy on loopback for our own browser, which cannot be told to check addresses as we do.

Each connection that a page asks for is resolved here, once, and what was checked is what is connected to. It speaks
HTTP/1.1: absolute-form requests, one a connection, and CONNECT (RFC 9112, 3.2; RFC 9110, 9.3.6). It caches nothing.
"""

import asyncio
import base64
import contextlib
import re
import secrets
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.fetcher.adapters.proxy_messages import (
    ProxyRequest,
    Refused,
    answer_head,
    as_head,
    body_length,
    fields_of,
    forwarded,
    head_lines,
)
from shared.domain.addresses import EgressPolicy, check_url
from shared.http.resolving import BlockedAddress, Lookup, resolve, system_lookup
from shared.logging import get_logger

_USERNAME = "clausewatch"
_MOST_HEAD_BYTES = 64 * 1024
_CHUNK = 64 * 1024
_CLOSING_S = 5.0
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@\\:\[\]]+):(?P<port>[0-9]{1,5})")
_REQUEST = re.compile(r"(?P<method>[A-Z]{1,20}) (?P<target>[!-~]+) HTTP/1\.1")

log = get_logger()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one browser may take: connections at once, and what each may last (seconds) and move (bytes, both ways)."""

    connections: int = 64
    connect_s: float = 10.0
    idle_s: float = 20.0
    total_s: float = 90.0
    bytes: int = 50_000_000


class _Meter:
    """Counts what a connection moves, and puts off the end of its patience at each move."""

    def __init__(self, patience: asyncio.Timeout, bounds: Bounds) -> None:
        self._patience = patience
        self._idle_s = bounds.idle_s
        self._left = bounds.bytes

    def moved(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise ConnectionAbortedError("more bytes than one connection may move")
        if not self._patience.expired():  # else it is being cancelled already
            self._patience.reschedule(asyncio.get_running_loop().time() + self._idle_s)


class ForwardProxy:
    """Listens on 127.0.0.1 at a free port, on a thread of its own, for whoever knows this start's password."""

    def __init__(self, policy: EgressPolicy, *, bounds: Bounds | None = None, lookup: Lookup = system_lookup) -> None:
        self._policy = policy
        self._bounds = bounds or Bounds()
        self._lookup = lookup
        self.username = _USERNAME
        self.password = secrets.token_urlsafe(24)
        credentials = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        self._authorization = f"Basic {credentials}"
        self._open = 0
        self._running: tuple[threading.Thread, asyncio.AbstractEventLoop, asyncio.Event, int] | None = None

    @property
    def port(self) -> int:
        """The port it listens at, once started."""
        if self._running is None:
            raise RuntimeError("the proxy is not running")
        return self._running[3]

    def start(self) -> None:
        """Listen. OSError where no port is to be had."""
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()
        thread = threading.Thread(target=lambda: asyncio.run(self._run(started)), name="forward proxy", daemon=True)
        thread.start()
        self._running = (thread, *started.result())

    def close(self) -> None:
        """End every connection and stop listening."""
        if self._running is not None:
            thread, loop, stop, _ = self._running
            self._running = None
            loop.call_soon_threadsafe(stop.set)
            thread.join()

    async def _run(self, started: "Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]]") -> None:
        conversations: set[asyncio.Task[None]] = set()

        def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._serve(reader, writer))
            conversations.add(task)  # the loop itself holds tasks weakly
            task.add_done_callback(conversations.discard)

        try:
            server = await asyncio.start_server(begin, "127.0.0.1", 0, limit=_MOST_HEAD_BYTES)
        except OSError as error:
            started.set_exception(error)
            return
        stop = asyncio.Event()
        started.set_result((asyncio.get_running_loop(), stop, server.sockets[0].getsockname()[1]))
        await stop.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser, from its first byte to its end."""
        self._open += 1
        try:
            async with asyncio.timeout(self._bounds.total_s), asyncio.timeout(self._bounds.idle_s) as patience:
                await self._answer(reader, writer, _Meter(patience, self._bounds))
        except (OSError, asyncio.IncompleteReadError) as error:  # TimeoutError is an OSError
            log.debug("browser.connection_ended", why=str(error) or type(error).__name__)
        finally:
            self._open -= 1
            await _close(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, meter: _Meter) -> None:
        try:
            if self._open > self._bounds.connections:
                raise Refused("503 Too Many Connections")
            request = self._admitted(await head_lines(reader))
            if request.method == "CONNECT":
                await self._tunnel(request, reader, writer, meter)
            else:
                await self._forward(request, reader, writer, meter)
        except Refused as refused:
            lines = (f"HTTP/1.1 {refused.status}", *refused.fields, "Content-Length: 0", "Connection: close")
            writer.write(as_head(*lines))
            await writer.drain()

    def _admitted(self, lines: list[str]) -> ProxyRequest:
        first = _REQUEST.fullmatch(lines[0])
        if first is None:
            raise Refused("400 Bad Request")
        request = ProxyRequest(first["method"], first["target"], fields_of(lines[1:], "400 Bad Request"))
        given = "".join(request.values("proxy-authorization"))
        if not secrets.compare_digest(given.encode(), self._authorization.encode()):
            raise Refused("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="clausewatch"')
        return request

    async def _tunnel(
        self, request: ProxyRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, meter: _Meter
    ) -> None:
        authority = _AUTHORITY.fullmatch(request.target)
        if authority is None:
            raise Refused("400 Bad Request")
        self._check(f"https://{request.target}/")
        remote_reader, remote = await self._connect(authority["host"], int(authority["port"]))
        try:
            writer.write(as_head("HTTP/1.1 200 Connection Established"))
            await asyncio.gather(_pump(reader, remote, meter), _pump(remote_reader, writer, meter))
        finally:
            await _close(remote)

    async def _forward(
        self, request: ProxyRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, meter: _Meter
    ) -> None:
        """One request, one answer; the end of the connection ends the answer, whatever its own framing says."""
        if not request.target.lower().startswith("http://"):
            raise Refused("400 Bad Request")
        self._check(request.target)
        length = body_length(request)
        url = urlsplit(request.target)
        remote_reader, remote = await self._connect(url.hostname or "", url.port or 80)
        try:
            path = (url.path or "/") + (f"?{url.query}" if url.query else "")
            remote.write(
                as_head(f"{request.method} {path} HTTP/1.1", f"Host: {url.netloc}", *forwarded(request.headers))
            )
            await _pump(reader, remote, meter, length=length)
            writer.write(await answer_head(remote_reader))
            await _pump(remote_reader, writer, meter)
        finally:
            await _close(remote)

    def _check(self, url: str) -> None:
        verdict = check_url(url, self._policy)
        if not verdict.allowed:
            raise _forbidden(url, verdict.why)

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Resolve, check and connect to the first address that answers."""
        target = f"{host}:{port}"
        try:
            async with asyncio.timeout(self._bounds.connect_s):
                addresses = await asyncio.to_thread(
                    resolve, host, port, self._policy, timeout_s=self._bounds.connect_s, lookup=self._lookup
                )
                for address in addresses[:-1]:
                    with contextlib.suppress(OSError):
                        async with asyncio.timeout(self._bounds.connect_s / len(addresses)):
                            return await asyncio.open_connection(str(address), port, limit=_MOST_HEAD_BYTES)
                return await asyncio.open_connection(str(addresses[-1]), port, limit=_MOST_HEAD_BYTES)
        except BlockedAddress as blocked:
            raise _forbidden(target, str(blocked)) from None
        except TimeoutError:
            raise Refused("504 Gateway Timeout") from None
        except OSError:
            raise Refused("502 Bad Gateway") from None


def _forbidden(target: str, why: str) -> Refused:
    log.warning("browser.request_refused", target=target[:200], why=why)
    return Refused("403 Forbidden")


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, meter: _Meter, *, length: int | None = None
) -> None:
    """Move so many bytes, or all of them and then the end."""
    left = length
    while left is None or left > 0:
        chunk = await source.read(_CHUNK if left is None else min(left, _CHUNK))
        if not chunk:
            break
        meter.moved(len(chunk))
        left = None if left is None else left - len(chunk)
        sink.write(chunk)
        await sink.drain()
    if length is None and sink.can_write_eof():
        sink.write_eof()


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close when what is written has gone out, or soon after."""
    writer.close()
    try:
        async with asyncio.timeout(_CLOSING_S):
            await writer.wait_closed()
    except OSError:
        writer.transport.abort()
