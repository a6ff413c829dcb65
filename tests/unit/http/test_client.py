"""What the client gives for ordinary answers: redirects, conditional requests, content codings, cookies."""

import gzip
import ssl
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from shared.clock import ManualClock, SystemClock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed, Redirect
from shared.http.client import GuardedClient
from tests.fakes.hostile_server import Conversation
from tests.unit.http.conftest import Serve

TEXT = b"We may change these terms with thirty days' notice. " * 400


def bare_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CODINGS = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "GZIP": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
    "gzip ": gzip.compress(TEXT) + b"\0\0\0\0",
    "deflate": zlib.compress(TEXT),
    "Deflate": bare_deflate(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
    "ZSTD": zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]),
    "gzip, br": brotli.compress(gzip.compress(TEXT)),
    "identity": TEXT,
    "utf-8": TEXT,
    "": TEXT,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_content_codings_are_taken_off(client: GuardedClient, serve: Serve, coding: str) -> None:
    server = serve(lambda c: c.answer(200, CODINGS[coding], [("Content-Encoding", coding)]))
    assert client.get(server.url()).body == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_of_nothing_has_no_coding_to_take_off(client: GuardedClient, serve: Serve, coding: str) -> None:
    server = serve(lambda c: c.answer(304, b"", [("Content-Encoding", coding), ("Content-Length", "99999999")]))
    response = client.get(server.url(), max_bytes=1000)
    assert (response.status, response.body) == (304, b"")


def test_the_answer_is_kept_with_its_circumstances(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, b"x", [("ETag", 'W/"\xe9 1"'), ("X-Two", "a"), ("x-two", "b")]))
    response = client.get(server.url("/terms?a=1"), headers=[("User-Agent", "Test/1 (+https://example.com)")])
    assert response.url == response.final_url == server.url("/terms?a=1")
    assert response.headers == (("etag", 'W/"\xe9 1"'), ("x-two", "a"), ("x-two", "b"), ("content-length", "1"))
    assert response.header("x-two") == "a"
    assert dict(response.request_headers) == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "Test/1 (+https://example.com)",
        "accept-encoding": "gzip, deflate, br, zstd",
    }
    assert response.started_at <= response.finished_at


@pytest.mark.parametrize("status", [200, 203, 304, 401, 404, 410, 429, 500, 503])
def test_every_final_status_is_an_answer(client: GuardedClient, serve: Serve, status: int) -> None:
    server = serve(lambda c: c.answer(status))
    assert client.get(server.url()).status == status


def test_redirects_are_followed_and_recorded_hop_by_hop(client: GuardedClient, serve: Serve) -> None:
    def answer(c: Conversation) -> None:
        if c.path == "/a":
            c.answer(301, b"moved", [("Location", "/b c?q=ü#part".encode().decode("latin-1"))])
        elif c.path == "/b%20c?q=%C3%BC":
            c.answer(302, headers=[("Location", f"//localhost:{server.port}/end")])
        else:
            c.answer(200, b"there")

    server = serve(answer)
    hops: list[str] = []
    response = client.get(server.url("/a"), on_hop=hops.append)
    middle, end = server.url("/b%20c?q=%C3%BC"), server.url("/end", host="localhost")
    assert response.redirects == (Redirect(server.url("/a"), 301, middle), Redirect(middle, 302, end))
    assert (response.url, response.final_url, response.body) == (server.url("/a"), end, b"there")
    assert hops == [server.url("/a"), middle, end]


def test_a_redirect_status_without_location_is_an_answer(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.answer(302, b"nowhere"))
    response = client.get(server.url())
    assert (response.status, response.body) == (302, b"nowhere")


def test_a_hop_that_is_refused_is_not_asked_for(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.answer(302, headers=[("Location", "/forbidden")]))

    def on_hop(url: str) -> None:
        if url.endswith("/forbidden"):
            raise FetchFailed(FailureKind.ROBOTS, "robots.txt disallows it")

    with pytest.raises(FetchFailed) as caught:
        client.get(server.url("/start"), on_hop=on_hop)
    assert caught.value.kind is FailureKind.ROBOTS
    assert server.seen == ["/start"]


def test_a_hop_may_itself_ask_for_something(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, c.path.encode()))
    inner: list[bytes] = []

    def on_hop(url: str) -> None:
        inner.append(client.get(server.url("/robots.txt"), deadline_s=5).body)

    assert client.get(server.url("/terms"), on_hop=on_hop).body == b"/terms"
    assert inner == [b"/robots.txt"]


def test_a_wait_for_ones_turn_does_not_use_up_the_deadline(tls_context: ssl.SSLContext, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, c.path.encode()))
    clock = ManualClock(datetime(2026, 9, 1, tzinfo=UTC))

    def wait_and_read_robots(url: str) -> None:
        clock.advance(timedelta(minutes=5))
        assert client.get(server.url("/robots.txt"), deadline_s=3).body == b"/robots.txt"

    with GuardedClient(EgressPolicy(allow_loopback=True), clock, tls=tls_context) as client:
        response = client.get(server.url("/terms"), deadline_s=3, on_hop=wait_and_read_robots)
    assert response.body == b"/terms"
    assert response.finished_at - response.started_at == timedelta(minutes=5)


def test_cookies_live_for_one_chain_of_redirects(client: GuardedClient, serve: Serve) -> None:
    def answer(c: Conversation) -> None:
        if c.headers.get("cookie") == "consent=yes":
            c.answer(200, b"the terms", [("Set-Cookie", "session=1")])
        else:
            c.answer(302, headers=[("Location", c.path), ("Set-Cookie", "consent=yes; Path=/")])

    server = serve(answer)
    for _ in range(2):
        response = client.get(server.url("/terms"))
        assert response.body == b"the terms"
        assert len(response.redirects) == 1
        kept = {name for name, _ in (*response.request_headers, *response.headers)}
        assert not kept & {"cookie", "set-cookie"}


def test_connections_are_used_again(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, b"x"))
    for _ in range(5):
        client.get(server.url())
    assert server.connections == 1


def test_a_connection_that_the_server_closed_is_passed_over(client: GuardedClient, serve: Serve) -> None:
    """The server drops the connection when the second request on it arrives, as it does at the end of keep-alive."""
    asked: set[int] = set()

    def answer(c: Conversation) -> None:
        if id(c.connection) in asked:
            c.reset()
        else:
            asked.add(id(c.connection))
            kept.append(c.connection)
            c.answer(200, b"x")

    kept: list[object] = []
    server = serve(answer)
    assert client.get(server.url()).body == b"x"
    assert client.get(server.url()).body == b"x"
    assert server.connections == 2


def test_threads_share_one_client(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, c.path.encode()))
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda n: client.get(server.url(f"/{n}")).body, range(80)))
    assert bodies == [f"/{n}".encode() for n in range(80)]


def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tls_context: ssl.SSLContext, serve: Serve
) -> None:
    proxy = serve(lambda c: c.answer(200, b"proxied"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url())
    server = serve(lambda c: c.answer(200, b"direct"))
    with GuardedClient(EgressPolicy(allow_loopback=True), SystemClock(), tls=tls_context) as client:
        assert client.get(server.url()).body == b"direct"
    assert proxy.seen == []
