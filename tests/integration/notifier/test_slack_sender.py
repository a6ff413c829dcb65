"""What Slack's answers mean to the sender, and what it never connects to or gives away."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from services.notifier.adapters.slack import SlackSender
from services.notifier.core.compose.slack import addressed, slack_message
from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind
from shared.domain.addresses import EgressPolicy
from shared.domain.notices import NoticeKind
from shared.http.connector import guarded_connector
from shared.http.resolving import Lookup, system_lookup
from tests.factories.accounts import START
from tests.fakes.hostile_server import Answer, hostile_server
from tests.fakes.slack import PATH, FakeSlack, fake_slack

LOCAL = EgressPolicy(allow_http=False, allow_loopback=True, allowed_ports=None)
KEY = PATH.rpartition("/")[2]
TEST = addressed(slack_message(NoticeKind.ENDPOINT_TEST, START, {}), "dlv_1")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as slack:
        yield slack


def send(
    url: str,
    *,
    hosts: tuple[str, ...] = ("127.0.0.1",),
    policy: EgressPolicy = LOCAL,
    deadline_s: float = 5.0,
    lookup: Lookup = system_lookup,
) -> Accepted | SendFailed:
    async def main() -> Accepted | SendFailed:
        sender = SlackSender(
            guarded_connector(policy, lookup=lookup), policy, now=lambda: START, hosts=hosts, deadline_s=deadline_s
        )
        try:
            return await sender.send(Message("dlv_1", url, TEST))
        except SendFailed as failed:
            return failed
        finally:
            await sender.close()

    return asyncio.run(main())


def failed(outcome: Accepted | SendFailed) -> SendFailed:
    assert isinstance(outcome, SendFailed)
    assert KEY not in str(outcome) + outcome.answer
    return outcome


def test_what_slack_takes_is_accepted(slack: FakeSlack) -> None:
    assert send(slack.url) == Accepted(200, "ok")
    [payload] = slack.taken
    assert payload["text"] == "Clausewatch test"
    assert slack.asked[0]["connection"] == "close"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, "no_service", SendFailureKind.GONE),
        (404, "channel_not_found", SendFailureKind.GONE),
        (410, "channel_is_archived", SendFailureKind.GONE),
        (403, "invalid_token", SendFailureKind.GONE),
        (403, "action_prohibited", SendFailureKind.GONE),
        (400, "invalid_token", SendFailureKind.GONE),
        (400, "no_team", SendFailureKind.GONE),
        (404, "", SendFailureKind.GONE),
        (400, "invalid_blocks", SendFailureKind.REJECTED),
        (400, "invalid_payload", SendFailureKind.REJECTED),
        (413, "too large", SendFailureKind.REJECTED),
        (500, "rollup_error", SendFailureKind.STATUS),
        (500, "no_service", SendFailureKind.STATUS),
        (503, "channel_not_found", SendFailureKind.STATUS),
        (429, "rate_limited", SendFailureKind.STATUS),
        (302, "", SendFailureKind.REDIRECT),
        (200, "<html>Sign in to the guest network</html>", SendFailureKind.PROTOCOL),
        (200, "", SendFailureKind.PROTOCOL),
        (201, "ok", SendFailureKind.PROTOCOL),
    ],
)
def test_answers_are_read_as_slack_means_them(slack: FakeSlack, status: int, body: str, kind: SendFailureKind) -> None:
    slack.answers.append((status, body, {"Location": slack.url}))
    outcome = failed(send(slack.url))
    assert (outcome.kind, outcome.status, outcome.answer) == (kind, status, body)
    assert outcome.permanent is (kind is SendFailureKind.REJECTED)
    assert not outcome.ambiguous


@pytest.mark.parametrize(
    ("status", "header", "seconds"), [(429, "30", 30.0), (503, "7", 7.0), (429, "soon", None), (500, "30", None)]
)
def test_retry_after_is_passed_on(slack: FakeSlack, status: int, header: str, seconds: float | None) -> None:
    slack.answers.append((status, "rate_limited", {"Retry-After": header}))
    assert failed(send(slack.url)).retry_after == seconds


def test_an_error_page_that_repeats_the_url_does_not_give_it_away(slack: FakeSlack) -> None:
    slack.answers.append((502, f"cannot POST {PATH} (key {KEY})" + "x" * 5_000, {}))
    outcome = failed(send(slack.url))
    assert outcome.answer.startswith("cannot POST … (key …)")
    assert len(outcome.answer) == 200


@pytest.mark.parametrize(
    ("url", "hosts", "policy", "kind"),
    [
        ("https://hooks.slack.example/services/T/B/x", ("hooks.slack.com",), LOCAL, SendFailureKind.INVALID_ADDRESS),
        ("https://evil.example/?hooks.slack.com", ("hooks.slack.com",), LOCAL, SendFailureKind.INVALID_ADDRESS),
        ("http://hooks.slack.com/services/T/B/x", ("hooks.slack.com",), LOCAL, SendFailureKind.INVALID_ADDRESS),
        ("https://127.0.0.1/x", ("127.0.0.1",), EgressPolicy(), SendFailureKind.INVALID_ADDRESS),
        ("https://10.0.0.1/x", ("10.0.0.1",), LOCAL, SendFailureKind.INVALID_ADDRESS),
    ],
)
def test_only_allowed_hosts_are_connected_to(
    url: str, hosts: tuple[str, ...], policy: EgressPolicy, kind: SendFailureKind
) -> None:
    outcome = failed(send(url, hosts=hosts, policy=policy))
    assert (outcome.kind, outcome.permanent) == (kind, True)


@pytest.mark.parametrize(
    ("answer", "kind", "ambiguous"),
    [
        (lambda talk: talk.hang(), SendFailureKind.TIMEOUT, True),
        (lambda talk: (talk.send(b"HTTP/1.1 200 OK\r\nX: "), talk.drip(b"x")), SendFailureKind.TIMEOUT, True),
        (lambda talk: talk.reset(), SendFailureKind.PROTOCOL, True),
        (lambda talk: (talk.send(b"SSH-2.0 hello\r\n\r\n"), talk.reset()), SendFailureKind.PROTOCOL, True),
    ],
    ids=["hangs", "drips", "resets", "speaks something else"],
)
def test_a_silence_after_the_request_is_ambiguous(answer: Answer, kind: SendFailureKind, ambiguous: bool) -> None:
    with hostile_server(answer) as server:
        outcome = failed(send(server.url(PATH), deadline_s=0.4))
    assert (outcome.kind, outcome.ambiguous) == (kind, ambiguous)


def test_an_answer_without_end_is_read_to_its_limit_only() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 200_000
    with hostile_server(lambda talk: talk.send(body)) as server:
        outcome = failed(send(server.url(PATH)))
    assert (outcome.kind, outcome.answer) == (SendFailureKind.PROTOCOL, "x" * 200)


def test_a_connection_that_is_never_made_is_certain() -> None:
    ended = threading.Event()

    def never(_host: str) -> list[str]:
        ended.wait()
        return []

    try:
        outcome = failed(send("https://slow.example/x", hosts=("slow.example",), deadline_s=0.3, lookup=never))
    finally:
        ended.set()
    assert (outcome.kind, outcome.ambiguous) == (SendFailureKind.CONNECT, False)


def test_a_port_where_nobody_listens_is_certain(slack: FakeSlack) -> None:
    with fake_slack() as other:
        url = other.url
    outcome = failed(send(url))
    assert (outcome.kind, outcome.ambiguous) == (SendFailureKind.CONNECT, False)
