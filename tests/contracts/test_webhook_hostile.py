"""Receivers that answer badly, slowly, endlessly or not at all."""

import asyncio
import gzip
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from services.notifier.adapters.webhook import ANSWER_BYTES, WebhookSender
from services.notifier.core.messages import ANSWER_LIMIT, Message, SendFailed, SendFailureKind
from shared.domain.addresses import EgressPolicy
from shared.http.connector import guarded_connector
from tests.contracts.senders import LOCAL, NOW, serving

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def sender(policy: EgressPolicy = LOCAL, *, deadline_s: float = 5.0) -> WebhookSender:
    return WebhookSender(guarded_connector(policy), policy, now=lambda: NOW, deadline_s=deadline_s)


async def post(url: str, *, policy: EgressPolicy = LOCAL, deadline_s: float = 5.0) -> SendFailed | str:
    one = sender(policy, deadline_s=deadline_s)
    try:
        return (await one.send(Message("dlv_1", url, b"{}"))).answer
    except SendFailed as failed:
        return failed
    finally:
        await one.close()


@asynccontextmanager
async def raw(answer: Answering) -> AsyncIterator[str]:
    """A server that says what it likes once it has seen a request's headers."""

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await answer(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answering, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()


def failed(outcome: SendFailed | str) -> SendFailed:
    assert isinstance(outcome, SendFailed)
    assert not outcome.ambiguous
    return outcome


@pytest.mark.parametrize(
    ("status", "headers", "kind", "retry_after"),
    [
        (500, {}, SendFailureKind.STATUS, None),
        (404, {}, SendFailureKind.STATUS, None),
        (410, {}, SendFailureKind.GONE, None),
        (302, {"Location": "/elsewhere"}, SendFailureKind.REDIRECT, None),
        (307, {"Location": "/elsewhere"}, SendFailureKind.REDIRECT, None),
        (429, {"Retry-After": "90"}, SendFailureKind.STATUS, 90.0),
        (503, {"Retry-After": "Fri, 10 Apr 2026 08:01:00 GMT"}, SendFailureKind.STATUS, 60.0),
        (503, {"Retry-After": "later"}, SendFailureKind.STATUS, None),
        (500, {"Retry-After": "90"}, SendFailureKind.STATUS, None),
    ],
)
def test_a_status_is_classified_and_no_redirect_followed(
    status: int, headers: dict[str, str], kind: SendFailureKind, retry_after: float | None
) -> None:
    paths = []

    async def answer(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=status, headers=headers, text="why not")

    async def main() -> SendFailed | str:
        async with serving(answer) as base:
            return await post(f"{base}/hook")

    outcome = failed(asyncio.run(main()))
    assert (outcome.kind, outcome.status, outcome.retry_after, outcome.answer) == (kind, status, retry_after, "why not")
    assert paths == ["/hook"]


def test_an_endless_answer_is_read_to_its_limit_and_cut_off() -> None:
    written = 0

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while written < 1_000_000_000:
            writer.write(b"x" * 65_536)
            await writer.drain()
            written += 65_536

    async def main() -> SendFailed | str:
        async with raw(answer) as url:
            return await post(url)

    tracemalloc.start()
    outcome = asyncio.run(main())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome == "x" * ANSWER_LIMIT
    assert written < 50_000_000
    assert peak < 20_000_000


def test_a_compressed_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < ANSWER_BYTES

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=500, body=bomb, headers={"Content-Encoding": "gzip"})

    async def main() -> SendFailed | str:
        async with serving(answer) as base:
            return await post(base)

    tracemalloc.start()
    outcome = failed(asyncio.run(main()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.status == 500
    assert "\0" not in outcome.answer
    assert peak < 10_000_000


async def _silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def _slow_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 1_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def _slow_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1_000):
        writer.write(b"y")
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("answer", [_silent, _slow_headers, _slow_body])
def test_the_deadline_covers_everything(answer: Answering) -> None:
    async def main() -> tuple[SendFailed | str, float]:
        async with raw(answer) as url:
            started = asyncio.get_running_loop().time()
            outcome = await post(url, deadline_s=0.4)
            return outcome, asyncio.get_running_loop().time() - started

    outcome, seconds = asyncio.run(main())
    assert failed(outcome).kind is SendFailureKind.TIMEOUT
    assert seconds < 2


async def _hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Closes without a word."""


async def _http_09(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"thanks\n")


async def _half(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


async def _huge_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"y" * 1_000_000 + b"\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("answer", [_hang_up, _http_09, _half, _huge_headers])
def test_what_is_no_answer_is_a_protocol_failure(answer: Answering) -> None:
    async def main() -> SendFailed | str:
        async with raw(answer) as url:
            return await post(url)

    assert failed(asyncio.run(main())).kind is SendFailureKind.PROTOCOL


def test_a_port_that_nobody_listens_on_is_a_connect_failure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        outcome = asyncio.run(post(f"http://127.0.0.1:{free.getsockname()[1]}/"))
    assert (failed(outcome).kind, failed(outcome).permanent) == (SendFailureKind.CONNECT, False)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest",
        "http://alice.example/hook",
        "https://user:password@alice.example/hook",
        "https://2130706433/hook",
        "ftp://alice.example/hook",
        "not a url",
        "https://localhost/hook",
    ],
)
def test_a_url_that_must_not_be_asked_for_is_refused_for_good(url: str) -> None:
    outcome = asyncio.run(post(url, policy=EgressPolicy(allow_http=False, allowed_ports=None)))
    assert failed(outcome).permanent
    assert failed(outcome).kind in {SendFailureKind.INVALID_ADDRESS, SendFailureKind.BLOCKED_ADDRESS}


def test_a_name_that_leads_to_a_private_address_is_refused_when_connecting() -> None:
    asked = []

    def lookup(host: str) -> list[str]:
        asked.append(host)
        return ["93.184.215.14", "10.0.0.1"]

    async def main() -> SendFailed | str:
        policy = EgressPolicy(allow_http=False, allowed_ports=None)
        one = WebhookSender(guarded_connector(policy, lookup=lookup), policy, now=lambda: NOW)
        try:
            return (await one.send(Message("dlv_1", "https://alice.example/hook", b"{}"))).answer
        except SendFailed as refused:
            return refused
        finally:
            await one.close()

    outcome = failed(asyncio.run(main()))
    assert (outcome.kind, outcome.permanent) == (SendFailureKind.BLOCKED_ADDRESS, True)
    assert asked == ["alice.example"]


def test_the_connection_is_used_again_after_a_short_answer() -> None:
    connections = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        connections.add(request.transport.get_extra_info("peername"))
        return web.Response(text="ok")

    async def main() -> None:
        one = sender()
        async with serving(answer) as base:
            for number in range(3):
                await one.send(Message(f"dlv_{number}", base, b"{}"))
            await one.close()

    asyncio.run(main())
    assert len(connections) == 1
