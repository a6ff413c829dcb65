"""One part at a time from a real server on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from services.fetcher.adapters.http_capture import HttpCapture
from services.fetcher.core.asking import Validators, user_agent
from shared.clock import SystemClock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed
from shared.http.client import GuardedClient
from tests.fakes.hostile_server import Answer, Conversation, HostileServer, hostile_server

Serve = Callable[[Answer], HostileServer]


@pytest.fixture(scope="module")
def client() -> Iterator[GuardedClient]:
    with GuardedClient(EgressPolicy(allow_loopback=True), SystemClock()) as client:
        yield client


@pytest.fixture
def capture(client: GuardedClient) -> HttpCapture:
    return HttpCapture(client, user_agent("1", "https://example.com"), deadline_s=5, max_bytes=1_000_000)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(hostile_server(answer))


def page(c: Conversation) -> None:
    """A page with an entity tag, as a plain web server serves it; /moved leads to it."""
    if c.path == "/moved":
        c.answer(302, headers=[("Location", "/terms")])
    elif c.headers.get("if-none-match") == '"v1"':
        c.answer(304, headers=[("ETag", '"v1"')])
    else:
        c.answer(200, b"<p>Terms</p>", [("ETag", '"v1"'), ("Content-Type", "text/html")])


def test_an_unchanged_page_answers_304_to_its_validators(capture: HttpCapture, serve: Serve) -> None:
    server = serve(page)
    first = capture.capture(server.url("/terms"), None)
    again = capture.capture(server.url("/terms"), Validators(first.header("etag"), None, first.final_url))
    assert (first.status, first.body, again.status, again.body) == (200, b"<p>Terms</p>", 304, b"")


def test_a_confirming_check_is_unconditional(capture: HttpCapture, serve: Serve) -> None:
    server = serve(page)
    response = capture.capture(server.url("/terms"), Validators('"v1"'), confirming=True)
    assert response.body == b"<p>Terms</p>"
    assert "if-none-match" not in server.asked[0]


def test_validators_reach_the_end_of_the_redirects(capture: HttpCapture, serve: Serve) -> None:
    server = serve(page)
    response = capture.capture(server.url("/moved"), Validators('"v1"', None, server.url("/terms")))
    assert (response.status, response.final_url) == (304, server.url("/terms"))


def test_a_304_from_another_place_is_asked_again(capture: HttpCapture, serve: Serve) -> None:
    server = serve(page)
    response = capture.capture(server.url("/moved"), Validators('"v1"', None, server.url("/old-terms")))
    assert (response.status, response.body) == (200, b"<p>Terms</p>")


@pytest.mark.parametrize("status", [206, 304, 400, 401, 403, 404, 410, 429, 500, 503])
def test_other_statuses_are_failures_with_what_the_server_asked_for(
    capture: HttpCapture, serve: Serve, status: int
) -> None:
    server = serve(lambda c: c.answer(status, b"", [("Retry-After", "120")]))
    with pytest.raises(FetchFailed) as caught:
        capture.capture(server.url(), None)
    assert (caught.value.kind, caught.value.status) == (FailureKind.HTTP_STATUS, status)
    assert caught.value.retry_after == 120


def test_the_size_cap_holds(capture: HttpCapture, serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, b"a" * 1_000_001))
    with pytest.raises(FetchFailed) as caught:
        capture.capture(server.url(), None)
    assert caught.value.kind is FailureKind.TOO_LARGE
