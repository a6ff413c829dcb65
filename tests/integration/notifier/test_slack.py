"""Slack from an event to the channel: what arrives, what its answers mean, and that its URL stays a secret."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr
from sqlmodel import col, select

from services.notifier.handlers.digests import Digester
from services.notifier.worker import make_courier
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.digests import DigestStore
from shared.db.notifier.revisions import RevisionStore
from shared.db.notifier.rotation import EndpointSecrets
from shared.db.session import Database
from shared.db.tables import AttemptRow, BodyRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.endpoint_addresses import UnusableAddress
from shared.domain.subscriptions import Subscription
from shared.secrets import secret_box
from shared.settings import Settings
from shared.usecases.accounts import Accounts, NotAllowed
from shared.usecases.making import make_accounts
from shared.usecases.revising import Reviser
from tests.factories.accounts import START, add_change
from tests.factories.posting import Post
from tests.fakes.block_kit import texts
from tests.fakes.slack import PATH, FakeSlack, fake_slack

KEY = PATH.rpartition("/")[2]


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as slack:
        yield slack


class Channels:
    """The notifier as the worker puts it together, with Alice's channel in it."""

    def __init__(self, database: Database, clock: ManualClock, settings: Settings) -> None:
        self.database, self.clock, self.settings = database, clock, settings
        self.post = Post(database, clock)
        self.accounts = AccountStore(database)
        self.owner: Accounts = make_accounts(settings, database, clock)
        for name, plan in (("alice", "compliance"), ("bob", "watcher"), ("charlie", "free")):
            self.accounts.ensure_account(f"acc_{name}", name.title(), plan, START)

    def add(self, url: str, owner: str = "alice") -> EndpointRow:
        endpoint = self.owner.add_endpoint(f"acc_{owner}", Channel.SLACK, url).endpoint
        self.owner.subscribe(f"acc_{owner}", Subscription(platforms=frozenset({"acme"})), [endpoint.id])
        return endpoint

    def drain(self) -> None:
        async def main() -> None:
            courier, close = make_courier(self.settings, self.database, self.clock)
            try:
                await courier.drain()
            finally:
                await close()

        asyncio.run(main())

    def endpoint(self, endpoint_id: str) -> EndpointRow:
        with self.database.reading() as session:
            return session.get_one(EndpointRow, endpoint_id)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data=tmp_path / "data",
        secret_key=SecretStr("k" * 32),
        allow_loopback=True,
        slack_hosts=("127.0.0.1",),
        slack_per_second=1000,  # the pace has a test of its own, and the courier waits until it may send again
    )


@pytest.fixture
def channels(database: Database, clock: ManualClock, settings: Settings) -> Channels:
    return Channels(database, clock, settings)


def test_a_change_arrives_in_the_channel_once(channels: Channels, slack: FakeSlack, change_id: str) -> None:
    channels.add(slack.url)
    channels.post.tell(change_id)
    channels.drain()
    channels.drain()
    [payload] = slack.taken
    said = list(texts(payload))
    assert said[0] == "[HIGH · effective 24 Apr] Acme Terms of Service: Notice before termination is shorter"
    assert said[-1] == f"Clausewatch {channels.post.only().id}"
    assert slack.refused == []


def test_a_test_message_arrives(channels: Channels, slack: FakeSlack) -> None:
    endpoint = channels.add(slack.url)
    channels.owner.test_endpoint("acc_alice", endpoint.id)
    channels.drain()
    assert [payload["text"] for payload in slack.taken] == ["Clausewatch test"]


def test_its_url_is_sealed_at_rest_and_masked_wherever_it_is_shown(
    channels: Channels, slack: FakeSlack, change_id: str
) -> None:
    endpoint = channels.add(slack.url)
    channels.post.tell(change_id)
    slack.answers += [(500, f"failed for {PATH}", {}), (404, "no_service", {})]
    with structlog.testing.capture_logs() as logs:
        channels.drain()
        channels.clock.advance(timedelta(minutes=1))
        channels.drain()
    with channels.database.reading() as session:
        stored = session.exec(select(EndpointRow)).one()
        kept = [
            stored.model_dump(mode="json"),
            *(row.model_dump(mode="json") for row in session.exec(select(AttemptRow))),
            *(row.model_dump(mode="json") for row in session.exec(select(NoticeRow))),
            *(row.body.decode() for row in session.exec(select(BodyRow))),
            [str(delivery) for delivery in channels.accounts.deliveries()],
        ]
    assert endpoint.address.startswith(slack.base + "/services/T0001/B0001/…")
    assert stored.secret is not None
    assert secret_box(channels.settings).open(stored.secret) == slack.url
    assert len(channels.accounts.attempts(channels.post.only().id)) == 2
    assert KEY not in json.dumps([kept, logs], default=str)
    assert endpoint.id in json.dumps(logs, ensure_ascii=False, default=str)


def test_the_same_url_is_the_same_endpoint_and_another_is_another(channels: Channels, slack: FakeSlack) -> None:
    first, again, other = (channels.add(url) for url in (slack.url, slack.url, slack.url + "x"))
    assert first.id == again.id != other.id
    assert first.address != other.address


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://hooks.slack.com/services/T1/B1/key", "not at hooks.slack.com"),
        ("https://127.0.0.2/services/T1/B1/key", "not at 127.0.0.2"),
        ("http://192.168.0.1/services/T1/B1/key", "only https is allowed"),
    ],
)
def test_a_url_elsewhere_is_refused_without_repeating_it(channels: Channels, url: str, why: str) -> None:
    with pytest.raises(UnusableAddress) as caught:
        channels.add(url)
    assert why in str(caught.value)
    assert "key" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "word"), [(404, "no_service"), (410, "channel_is_archived"), (403, "invalid_token"), (400, "no_team")]
)
def test_a_dead_webhook_is_disabled_at_once_and_its_owner_told_why(
    channels: Channels, slack: FakeSlack, change_id: str, status: int, word: str
) -> None:
    endpoint = channels.add(slack.url)
    channels.post.box()
    channels.post.tell(change_id)
    slack.answers.append((status, word, {}))
    channels.drain()
    channels.post.tell(add_change(channels.database, "doc_acme_1", 2))
    channels.drain()
    disabled = channels.endpoint(endpoint.id)
    assert (disabled.state, disabled.reason) == (EndpointState.DISABLED.value, "endpoint-gone")
    assert len(slack.asked) == 1
    with channels.database.reading() as session:
        [incident] = session.exec(select(NoticeRow).where(col(NoticeRow.kind) == "endpoint.incident")).all()
    assert word in incident.data["detail"]
    states = sorted((d.state, d.reason) for d in channels.accounts.deliveries() if d.channel == "slack")
    assert states == [("dead", "endpoint-gone"), ("held", "endpoint-disabled")]


def test_a_rate_limit_waits_as_long_as_slack_asks(channels: Channels, slack: FakeSlack, change_id: str) -> None:
    channels.add(slack.url)
    channels.post.tell(change_id)
    slack.answers.append((429, "rate_limited", {"Retry-After": "90"}))
    channels.drain()
    assert channels.post.only().due_at == START + timedelta(seconds=90)
    channels.clock.advance(timedelta(seconds=89))
    channels.drain()
    assert slack.taken == []
    channels.clock.advance(timedelta(seconds=1))
    channels.drain()
    assert (channels.post.states(), len(slack.taken)) == ([("delivered", None)], 1)


def test_a_message_of_ours_that_slack_refuses_is_dead_and_the_endpoint_lives(
    channels: Channels, slack: FakeSlack, change_id: str
) -> None:
    endpoint = channels.add(slack.url)
    channels.post.tell(change_id)
    slack.answers.append((400, "invalid_blocks", {}))
    with structlog.testing.capture_logs() as logs:
        channels.drain()
    assert channels.post.states() == [("dead", "refused")]
    assert channels.endpoint(endpoint.id).state == EndpointState.ACTIVE.value
    assert [log["answer"] for log in logs if log["event"] == "slack.message_refused"] == ["invalid_blocks"]


def test_low_severity_waits_for_the_weekly_digest(channels: Channels, slack: FakeSlack, change_id: str) -> None:
    channels.add(slack.url)
    channels.post.tell(change_id, severity="low")
    channels.drain()
    assert (channels.post.states(), channels.post.only().cadence) == ([("held", "digest")], "weekly")
    assert slack.taken == []


def test_what_waited_for_the_digest_comes_in_one_message(channels: Channels, slack: FakeSlack, change_id: str) -> None:
    channels.add(slack.url)
    for one in (change_id, add_change(channels.database, "doc_acme_1", 2)):
        channels.post.tell(one, severity="low")
    channels.clock.advance(timedelta(days=7))
    Digester(DigestStore(channels.database), channels.clock, lambda: None).make_due()
    channels.drain()
    [payload] = slack.taken
    assert "Weekly digest of 13 April 2026: 2 changes" in payload["text"]
    assert {delivery.state for delivery in channels.accounts.deliveries()} == {"delivered"}


def test_a_channel_that_was_told_hears_of_a_correction_and_a_retraction(
    channels: Channels, slack: FakeSlack, change_id: str
) -> None:
    channels.add(slack.url)
    channels.post.tell(change_id)
    channels.drain()
    reviser = Reviser(RevisionStore(channels.database), channels.clock)
    reviser.correct(change_id, "It holds for trials only", severity="medium")
    channels.drain()
    reviser.retract(change_id, "The page was a draft")
    channels.drain()
    _, corrected, retracted = slack.taken
    assert corrected["text"].startswith("[CORRECTED · MEDIUM · effective 24 Apr] Acme Terms of Service")
    assert "Corrected: It holds for trials only" in set(texts(corrected))
    assert retracted["text"].startswith("[RETRACTED] Acme Terms of Service")
    assert "Retracted: The page was a draft" in set(texts(retracted))


def test_plans_count_slack_endpoints_with_webhooks(channels: Channels, slack: FakeSlack) -> None:
    with pytest.raises(NotAllowed, match="0 webhook and Slack endpoints"):
        channels.add(slack.url, "charlie")
    for name in ("a", "b"):
        channels.add(slack.url + name, "bob")
    with pytest.raises(NotAllowed, match="2 webhook and Slack endpoints"):
        channels.owner.add_endpoint("acc_bob", Channel.WEBHOOK, "https://127.0.0.1/hook")


def test_a_slack_url_is_never_rotated_away(channels: Channels, slack: FakeSlack) -> None:
    endpoint = channels.add(slack.url)
    box = secret_box(channels.settings)
    secrets = EndpointSecrets(channels.database)
    assert not secrets.rotate("acc_alice", endpoint.id, box.seal("whsec_x"), START, START)
    sealed = channels.endpoint(endpoint.id).secret
    assert sealed is not None
    assert box.open(sealed) == slack.url


def test_a_burst_goes_to_a_channel_at_slack_s_pace(
    database: Database, clock: ManualClock, settings: Settings, slack: FakeSlack, change_id: str
) -> None:
    quick = Channels(database, clock, settings.model_copy(update={"slack_per_second": 2.0}))
    quick.add(slack.url)
    for one in (change_id, *(add_change(database, "doc_acme_1", number) for number in (2, 3, 4))):
        quick.post.tell(one)
    begun = time.monotonic()
    quick.drain()
    assert len(slack.taken) == 4
    assert time.monotonic() - begun >= 1.0, "two may go at once, and two a second after them"
