"""Servers that misbehave: every one ends in a typed failure, in time, with little memory."""

import gzip
import socket
import ssl
import threading
import time
import tracemalloc

import pytest

from shared.clock import SystemClock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed
from shared.http.client import MOST_REDIRECTS, GuardedClient
from tests.fakes.hostile_server import Answer, Conversation
from tests.unit.http.conftest import Serve

SOON = 0.3
"""Seconds of a deadline that is meant to be missed."""


def failure(client: GuardedClient, url: str, deadline_s: float = 20.0, max_bytes: int = 1_000_000) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        client.get(url, deadline_s=deadline_s, max_bytes=max_bytes)
    assert caught.value.detail
    return caught.value


def drip_header(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    c.drip(b"a")


def drip_body(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    c.drip(b"a")


def drip_chunks(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    c.drip(b"1\r\na\r\n")


def drip_gzip_of_nothing(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
    c.drip(b"14\r\n" + gzip.compress(b"", mtime=0) + b"\r\n")


def endless_continue(c: Conversation) -> None:
    c.drip(b"HTTP/1.1 100 Continue\r\n\r\n")


def half_a_body_then_nothing(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    c.hang()


@pytest.mark.parametrize(
    "answer",
    [
        Conversation.hang,
        drip_header,
        drip_body,
        drip_chunks,
        drip_gzip_of_nothing,
        endless_continue,
        half_a_body_then_nothing,
    ],
)
def test_the_deadline_holds_however_slow_the_server(client: GuardedClient, serve: Serve, answer: Answer) -> None:
    server = serve(answer)
    started = time.monotonic()
    assert failure(client, server.url(), deadline_s=SOON).kind is FailureKind.TIMEOUT
    assert SOON * 0.9 <= time.monotonic() - started < SOON + 2


def test_the_deadline_covers_all_hops_together(client: GuardedClient, serve: Serve) -> None:
    waiting = threading.Event()

    def answer(c: Conversation) -> None:
        waiting.wait(0.12)
        c.answer(302, headers=[("Location", c.path + "x")])

    server = serve(answer)
    assert failure(client, server.url(), deadline_s=SOON).kind is FailureKind.TIMEOUT
    assert 2 <= len(server.seen) <= 4


def test_a_server_that_does_not_finish_the_tls_handshake_is_given_up(client: GuardedClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert failure(client, url, deadline_s=SOON).kind is FailureKind.TIMEOUT


def reset_before_the_answer(c: Conversation) -> None:
    c.reset()


def reset_in_the_body(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    c.reset()


def close_in_the_body(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    c.connection.close()


def close_in_the_chunks(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    c.connection.close()


def close_before_the_answer(c: Conversation) -> None:
    c.connection.close()


def endless_headers(c: Conversation) -> None:
    c.send(b"HTTP/1.1 200 OK\r\n" + b"X-Many: values\r\n" * 20_000)
    c.hang()


def says(data: bytes) -> Answer:
    def answer(c: Conversation) -> None:
        c.send(data)
        c.connection.close()

    return answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reset_before_the_answer, FailureKind.CONNECT),
        (reset_in_the_body, FailureKind.CONNECT),
        (close_in_the_body, FailureKind.PROTOCOL),
        (close_in_the_chunks, FailureKind.PROTOCOL),
        (close_before_the_answer, FailureKind.PROTOCOL),
        (endless_headers, FailureKind.PROTOCOL),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), FailureKind.PROTOCOL),
        (says(b"\x00\xff" * 500), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 OK\r\n\r\n"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\n\r\n"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 302 Found\r\nLocation: http://a:99999999/\r\n\r\n"), FailureKind.BLOCKED_ADDRESS),
        (says(b"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\n\r\n"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 302 Found\r\nLocation: data:text/html,x\r\n\r\n"), FailureKind.PROTOCOL),
        (says(b"HTTP/1.1 302 Found\r\nLocation: https://\xff\xfe.\x80/\r\n\r\n"), FailureKind.PROTOCOL),
    ],
)
def test_broken_answers_are_typed(client: GuardedClient, serve: Serve, answer: Answer, kind: FailureKind) -> None:
    assert failure(client, serve(answer).url()).kind is kind


def test_a_closed_port_is_a_failed_connection(client: GuardedClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert failure(client, f"http://127.0.0.1:{port}/").kind is FailureKind.CONNECT


def test_more_bytes_than_announced_do_not_become_the_next_answer(client: GuardedClient, serve: Serve) -> None:
    def answer(c: Conversation) -> None:
        c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody and more that nobody announced")

    server = serve(answer)
    for _ in range(3):
        assert client.get(server.url()).body == b"body"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_endless_redirects_end(client: GuardedClient, serve: Serve, status: int) -> None:
    server = serve(lambda c: c.answer(status, headers=[("Location", c.path + "a")]))
    failed = failure(client, server.url())
    assert failed.kind is FailureKind.TOO_MANY_REDIRECTS
    assert failed.status == status
    assert len(server.seen) == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://user:word@example.com/",
        "http://example.com:22/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
def test_a_redirect_to_where_we_may_not_go_ends_there(client: GuardedClient, serve: Serve, location: str) -> None:
    server = serve(lambda c: c.answer(302, headers=[("Location", location)]))
    hops: list[str] = []
    with pytest.raises(FetchFailed) as caught:
        client.get(server.url(), on_hop=hops.append)
    assert caught.value.kind is FailureKind.BLOCKED_ADDRESS
    assert hops == [server.url()]


def test_an_announced_size_over_the_cap_is_refused_unread(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"))
    assert failure(client, server.url()).kind is FailureKind.TOO_LARGE


def test_fifty_megabytes_in_one_line_cost_no_more_memory_than_the_cap(client: GuardedClient, serve: Serve) -> None:
    def answer(c: Conversation) -> None:
        c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        for _ in range(800):
            c.send(piece)
        c.send(b"0\r\n\r\n")

    server = serve(answer)
    tracemalloc.start()
    try:
        assert failure(client, server.url(), max_bytes=1_000_000).kind is FailureKind.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


def test_a_body_of_exactly_the_cap_is_accepted(client: GuardedClient, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, b"a" * 1000))
    assert len(client.get(server.url(), max_bytes=1000).body) == 1000
    assert failure(client, server.url(), max_bytes=999).kind is FailureKind.TOO_LARGE


def test_the_client_works_on_after_every_failure(client: GuardedClient, serve: Serve) -> None:
    def answer(c: Conversation) -> None:
        if c.path == "/good":
            c.answer(200, b"good")
        elif c.path == "/reset":
            c.reset()
        else:
            c.hang()

    server = serve(answer)
    for path in ("/reset", "/hang", "/reset", "/hang"):
        failure(client, server.url(path), deadline_s=0.1)
        assert client.get(server.url("/good")).body == b"good"


def test_a_url_that_may_not_be_asked_for_makes_no_connection(serve: Serve, tls_context: ssl.SSLContext) -> None:
    server = serve(lambda c: c.answer())
    with GuardedClient(EgressPolicy(), SystemClock(), tls=tls_context) as strict:
        for host in ("127.0.0.1", "localhost", "a.localhost"):
            assert failure(strict, server.url(host=host)).kind is FailureKind.BLOCKED_ADDRESS
    assert server.connections == 0
