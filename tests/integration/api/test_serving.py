"""Connections that say nothing, or never end what they say, take nobody's place and are closed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from services.api import serving
from services.api.guard import IN_FLIGHT, Guard
from services.api.serving import Impatient, config_of

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

KERNEL_HOLDS = 16_384
LARGE = 40 * KERNEL_HOLDS


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """Hello, and at any other path more than what the network holds for somebody who does not read."""
    await PlainTextResponse("hello" if scope["path"] == "/" else "~" * LARGE)(scope, receive, send)


@asynccontextmanager
async def served(state: ServerState | None = None, app: ASGIApp = hello) -> AsyncIterator[int]:
    """The port of our server with an application that says hello, on a socket made as `clausewatch api` makes it."""
    config, state = config_of(Guard(app)), state or ServerState()
    config.load()
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_HOLDS)
    server = await loop.create_server(lambda: Impatient(config, state, {}), sock=listener)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await server.wait_closed()


async def closed(connection: Connection) -> bytes:
    """What it was answered until it was closed."""
    reader, writer = connection
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHo"],
    ids=["nothing", "half a head", "a request, then nothing", "a request, then half a head"],
)
def test_the_silent_take_nobodys_place_and_are_closed(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_S", 0.5)

    async def main() -> None:
        async with served() as port:
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(IN_FLIGHT + 1)]
            for _, writer in silent:
                writer.write(said)
            async with httpx.AsyncClient() as client:
                assert (await client.get(f"http://127.0.0.1:{port}/")).text == "hello"
            answers = await asyncio.gather(*(closed(connection) for connection in silent))
            assert {answer.count(b"hello") for answer in answers} == {said.count(b"\r\n\r\n")}

    asyncio.run(main())


def test_no_answer_waits_for_the_acknowledgement_of_its_head() -> None:
    async def main() -> None:
        state = ServerState()
        async with served(state) as port, httpx.AsyncClient() as client:
            await client.get(f"http://127.0.0.1:{port}/")
            [connection] = state.connections
            theirs = connection.transport.get_extra_info("socket")
            assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1

    asyncio.run(main())


def test_more_requests_at_once_than_there_is_room_for_are_refused() -> None:
    held = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await held.wait()
        await hello(scope, receive, send)

    async def main() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Guard(slow)), base_url="http://a") as client:
            asked = [asyncio.create_task(client.get("/")) for _ in range(IN_FLIGHT)]
            await asyncio.sleep(0)
            refused = await client.get("/")
            held.set()
            answers = await asyncio.gather(*asked)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert {answer.status_code for answer in answers} == {200}

    asyncio.run(main())


def silent_reader(port: int, said: bytes) -> socket.socket:
    """A connection that asked, and reads nothing by itself."""
    asker = socket.socket()
    asker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_HOLDS)
    asker.connect(("127.0.0.1", port))
    asker.sendall(said)
    asker.setblocking(False)
    return asker


@pytest.mark.parametrize("ending", ["", "Connection: close\r\n"], ids=["kept", "to be closed"])
@pytest.mark.parametrize("times", [1, 3], ids=["one answer", "several"])
def test_who_takes_nothing_is_closed(ending: str, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_S", 0.1)
    monkeypatch.setattr(serving, "TAKE_S", 0.2)

    async def main() -> None:
        state = ServerState()
        async with served(state, large) as port, asyncio.timeout(20):
            asked = f"GET /large HTTP/1.1\r\nHost: a\r\n{ending}\r\n".encode()
            with silent_reader(port, asked * times):
                while not state.connections:
                    await asyncio.sleep(0)
                while state.connections:
                    await asyncio.sleep(0.01)

    asyncio.run(main())


@pytest.mark.parametrize("ending", ["", "Connection: close\r\n"], ids=["kept", "to be closed"])
def test_who_takes_an_answer_slowly_gets_it_whole(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_S", 0.1)
    monkeypatch.setattr(serving, "TAKE_S", 0.5)

    async def main() -> None:
        loop, taken = asyncio.get_running_loop(), 0
        async with served(app=large) as port, asyncio.timeout(20):
            with silent_reader(port, f"GET /large HTTP/1.1\r\nHost: a\r\n{ending}\r\n".encode()) as asker:
                while taken < LARGE:
                    read = await loop.sock_recv(asker, KERNEL_HOLDS)
                    assert read, f"closed after {taken} of {LARGE} bytes"
                    taken += len(read)
                    await asyncio.sleep(0.02)

    asyncio.run(main())


def test_who_asks_on_and_reads_nothing_takes_nobodys_place() -> None:
    async def main() -> None:
        async with served(app=large) as port:
            asked = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n" * 5
            with ExitStack() as askers:
                for _ in range(IN_FLIGHT + 1):
                    askers.enter_context(silent_reader(port, asked))
                async with httpx.AsyncClient() as client:
                    answers = [(await client.get(f"http://127.0.0.1:{port}/")).text for _ in range(10)]
            assert set(answers) == {"hello"}

    asyncio.run(main())


def test_pipelined_requests_are_answered_in_their_order_however_slowly_they_are_read() -> None:
    async def main() -> None:
        async with served(app=large) as port, asyncio.timeout(20):
            asked = b"".join(
                b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path for path in (b"/large", b"/", b"/large", b"/")
            )
            loop, read = asyncio.get_running_loop(), b""
            with silent_reader(port, asked) as asker:
                while read.count(b"hello") < 2:
                    read += await loop.sock_recv(asker, KERNEL_HOLDS)
            assert read.count(b"~") == 2 * LARGE
            assert read.endswith(b"hello")

    asyncio.run(main())
