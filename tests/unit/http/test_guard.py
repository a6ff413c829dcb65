"""The guard at connect time: names that resolve to where we may not go, and names that change their mind."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence

import pytest

from shared.clock import SystemClock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed, Response
from shared.http.client import GuardedClient
from shared.http.resolving import Lookup
from tests.unit.http.conftest import Serve

LOOPBACK_ALLOWED = EgressPolicy(allow_loopback=True, allowed_ports=None)
Get = Callable[..., Response]


class Answers:
    """A name server that gives one answer after another, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@pytest.fixture
def get(tls_context: ssl.SSLContext) -> Get:
    def get(url: str, lookup: Lookup, policy: EgressPolicy = LOOPBACK_ALLOWED, deadline_s: float = 10) -> Response:
        with GuardedClient(policy, SystemClock(), tls=tls_context, lookup=lookup) as client:
            return client.get(url, deadline_s=deadline_s)

    return get


def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(get: Get, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, c.headers["host"].encode()))
    names = Answers(["127.0.0.1"], ["10.0.0.1"])
    assert get(server.url(host="terms.example"), names).body == f"terms.example:{server.port}".encode()
    assert names.asked == ["terms.example"]


def test_a_name_that_rebinds_is_refused_at_its_next_connection(serve: Serve, tls_context: ssl.SSLContext) -> None:
    server = serve(lambda c: (c.answer(200, b"x", [("Connection", "close")]), c.connection.close())[0])
    names = Answers(["127.0.0.1"], ["169.254.169.254"])
    with GuardedClient(LOOPBACK_ALLOWED, SystemClock(), tls=tls_context, lookup=names) as client:
        client.get(server.url(host="terms.example"))
        with pytest.raises(FetchFailed) as caught:
            client.get(server.url(host="terms.example"))
    assert caught.value.kind is FailureKind.BLOCKED_ADDRESS
    assert "169.254.169.254" in caught.value.detail
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1", "10.0.0.1"],
        ["10.0.0.1", "127.0.0.1"],
        ["127.0.0.1", "::ffff:127.0.0.1"],
        ["127.0.0.1", "fd00:ec2::254"],
        ["127.0.0.1", "64:ff9b::7f00:1"],
    ],
)
def test_one_bad_answer_spoils_them_all(get: Get, serve: Serve, answer: list[str]) -> None:
    server = serve(lambda c: c.answer())
    with pytest.raises(FetchFailed) as caught:
        get(server.url(host="terms.example"), Answers(answer))
    assert caught.value.kind is FailureKind.BLOCKED_ADDRESS
    assert server.connections == 0


def test_a_name_for_loopback_is_refused_where_loopback_is(get: Get, serve: Serve) -> None:
    server = serve(lambda c: c.answer())
    with pytest.raises(FetchFailed) as caught:
        get(server.url(host="terms.example"), Answers(["127.0.0.1"]), EgressPolicy(allowed_ports=None))
    assert caught.value.kind is FailureKind.BLOCKED_ADDRESS
    assert server.connections == 0


def test_an_address_that_does_not_answer_is_followed_by_the_next(get: Get, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, b"second"))
    assert get(server.url(host="terms.example"), Answers(["127.0.0.2", "127.0.0.1"])).body == b"second"


@pytest.mark.parametrize("host", ["localhost", "shop.localhost", "SHOP.LocalHost."])
def test_localhost_names_are_never_looked_up(get: Get, serve: Serve, host: str) -> None:
    server = serve(lambda c: c.answer(200, b"home"))
    names = Answers(["10.0.0.1"])
    assert get(server.url(host=host), names).body == b"home"
    assert names.asked == []


def test_a_name_without_address_is_a_dns_failure(get: Get) -> None:
    def unknown(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for lookup in (unknown, Answers([])):
        with pytest.raises(FetchFailed) as caught:
            get("http://terms.example/", lookup)
        assert caught.value.kind is FailureKind.DNS
        assert "terms.example" in caught.value.detail


def test_a_name_that_cannot_be_looked_up_is_a_dns_failure(get: Get) -> None:
    def picky(host: str) -> list[str]:
        raise UnicodeError("label too long")

    with pytest.raises(FetchFailed) as caught:
        get("http://terms.example/", picky)
    assert caught.value.kind is FailureKind.DNS


def test_a_slow_name_server_is_waited_for_within_the_deadline(get: Get) -> None:
    over = threading.Event()

    def slow(host: str) -> list[str]:
        over.wait(10)
        return ["127.0.0.1"]

    with pytest.raises(FetchFailed) as caught:
        get("http://terms.example/", slow, deadline_s=0.2)
    over.set()
    assert caught.value.kind is FailureKind.TIMEOUT
    assert "name servers" in caught.value.detail
