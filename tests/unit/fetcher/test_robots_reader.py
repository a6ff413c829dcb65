"""A robots.txt from a real server on loopback: what it says, or why it cannot be asked."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from services.fetcher.adapters.robots_reader import RobotsReader
from services.fetcher.core.asking import user_agent
from services.fetcher.core.robots import RobotsFile
from shared.clock import SystemClock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed
from shared.http.client import GuardedClient
from tests.fakes.hostile_server import Answer, Conversation, HostileServer, hostile_server

Serve = Callable[[Answer], HostileServer]


@pytest.fixture
def reader() -> Iterator[RobotsReader]:
    with GuardedClient(EgressPolicy(allow_loopback=True), SystemClock()) as client:
        yield RobotsReader(client, user_agent("1", "https://example.com"))


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(hostile_server(answer))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda c: c.answer(200, b"User-agent: *\nDisallow: /x"), RobotsFile(200, "User-agent: *\nDisallow: /x")),
        (lambda c: c.answer(404, b"no such page"), RobotsFile(404)),
        (lambda c: c.answer(503), RobotsFile(503)),
        (lambda c: c.answer(302, headers=[("Location", "/robots.txt")]), RobotsFile(302)),
    ],
)
def test_every_status_is_an_answer(reader: RobotsReader, serve: Serve, answer: Answer, expected: RobotsFile) -> None:
    server = serve(answer)
    hops: list[str] = []

    assert reader.read(server.url(""), hops.append) == expected
    assert hops[0] == f"{server.url('')}/robots.txt"
    assert server.seen[0] == "/robots.txt"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Conversation.reset, FailureKind.CONNECT),
        (lambda c: c.answer(302, headers=[("Location", "http://10.0.0.1/")]), FailureKind.BLOCKED_ADDRESS),
    ],
)
def test_a_server_that_cannot_be_asked_is_a_failure(
    reader: RobotsReader, serve: Serve, answer: Answer, kind: FailureKind
) -> None:
    with pytest.raises(FetchFailed) as caught:
        reader.read(serve(answer).url(""), lambda url: None)
    assert caught.value.kind is kind


def test_a_busy_host_is_not_asked(reader: RobotsReader, serve: Serve) -> None:
    server = serve(lambda c: c.answer(404))

    def on_hop(url: str) -> None:
        raise FetchFailed(FailureKind.HOST_BUSY, "another request is under way", retry_after=2)

    with pytest.raises(FetchFailed) as caught:
        reader.read(server.url(""), on_hop)
    assert caught.value.kind is FailureKind.HOST_BUSY
    assert server.seen == []
