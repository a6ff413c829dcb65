"""Deliveries go out: once, with the same words every time, and every attempt on record."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select
from standardwebhooks import Webhook

from services.notifier.core.messages import Accepted, Message, SendFailureKind
from shared.clock import ManualClock, SystemClock
from shared.db.notifier.records import Result
from shared.db.session import Database
from shared.db.tables import BodyRow, ChangeRow, DeliveryRow, EndpointRow, NoticeRow, QuotaRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.signing import secret_from
from shared.links import Links
from tests.factories.accounts import START, add_change, add_endpoint, subscribe
from tests.factories.posting import BOX, LEASE, SECRET, Post, failure
from tests.fakes.senders import FakeSender


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    return Post(database, clock)


def test_a_webhook_goes_out_signed_and_once(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    # the public library looks at its own clock for the age of a signature
    post.clock.at = SystemClock().now()
    post.drain()
    post.drain()
    (sent,) = post.web.received
    body = Webhook(SECRET).verify(sent.body, dict(sent.headers))
    assert (body["type"], body["data"]["id"]) == ("change.detected", change_id)
    assert dict(sent.headers)["webhook-id"] == post.only().id == sent.delivery_id
    assert (post.only().state, post.attempts()) == ("delivered", [(1, "delivered")])


def test_an_email_goes_out_with_its_headers(post: Post, change_id: str) -> None:
    endpoint = post.box()
    post.tell(change_id)
    post.drain()
    (sent,) = post.mail.received
    mail = message_from_bytes(sent.body)
    assert mail["To"] == "alice@reader.example"
    assert mail["Message-ID"] == f"<{post.only().id}@cw.example>"
    assert mail["References"] == "<doc_acme_1.thread@cw.example>"
    assert mail["List-Unsubscribe"] == f"<{Links('https://cw.example', BOX).unsubscribe(endpoint)}>"


def test_a_failed_send_is_repeated_by_the_schedule_with_the_same_id_and_words(
    post: Post, change_id: str, database: Database
) -> None:
    post.hook()
    post.tell(change_id)
    post.web.answers = [failure(status=500, answer="oh"), failure(SendFailureKind.TIMEOUT), Accepted(200)]
    post.drain()
    assert (post.only().state, post.only().reason, post.only().due_at) == (
        "failed",
        "status",
        START + timedelta(seconds=5),
    )
    with database.transaction() as session:  # whatever happens to the report, what was said stays said
        session.get_one(ChangeRow, change_id).report = {}
    for wait in (4, 1, 299, 1):
        post.clock.advance(timedelta(seconds=wait))
        post.drain()
    assert post.attempts() == [(1, "status"), (2, "timeout"), (3, "delivered")]
    assert len({(m.delivery_id, m.body) for m in post.web.received}) == 1
    timestamps = [int(dict(m.headers)["webhook-timestamp"]) for m in post.web.received]
    assert [t - timestamps[0] for t in timestamps] == [0, 5, 305]
    first, *_ = post.accounts.attempts(post.only().id)
    assert (first.status, first.answer, first.error) == (500, "oh", "no")


def test_ten_failures_are_the_end_until_the_owner_asks_again(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    post.web.default = failure(status=500)
    for _ in range(12):
        post.drain()
        post.clock.at = max(post.clock.at, post.only().due_at)
    assert post.states() == [("dead", "attempts-exhausted")]
    assert len(post.web.received) == 10
    assert timedelta(hours=75) < post.clock.now() - START < timedelta(hours=77)
    post.accounts.replay(post.only().id, post.clock.now())
    post.web.default = Accepted(200)
    post.drain()
    assert post.states() == [("delivered", None)]


def test_a_body_is_stored_once_for_all_who_get_the_same(post: Post, change_id: str, database: Database) -> None:
    for number in range(5):
        post.hook(f"https://alice.example/{number}")
    post.box()
    post.tell(change_id)
    post.drain()
    with database.reading() as session:
        assert len(session.exec(select(BodyRow)).all()) == 2
    assert len({m.body for m in post.web.received}) == 1
    assert len({m.delivery_id for m in post.web.received}) == 5


def test_gone_disables_at_once_and_tells_the_owner_once(post: Post, change_id: str, database: Database) -> None:
    hook = post.hook()
    post.box()
    second = add_change(database, "doc_acme_1", 2)
    post.tell(change_id)
    post.tell(second)
    post.web.default = failure(SendFailureKind.GONE, status=410)
    post.drain(per_endpoint=1)
    post.drain()
    assert len(post.web.received) == 1
    with database.reading() as session:
        endpoint = session.get_one(EndpointRow, hook)
        incidents = session.exec(select(NoticeRow).where(col(NoticeRow.kind) == "endpoint.incident")).all()
    assert (endpoint.state, endpoint.reason) == ("disabled", "endpoint-gone")
    assert len(incidents) == 1
    hooks = [d for d in post.accounts.deliveries() if d.channel == "webhook"]
    assert sorted((d.state, d.reason) for d in hooks) == [("dead", "endpoint-gone"), ("held", "endpoint-disabled")]
    subjects = [message_from_bytes(m.body)["Subject"] for m in post.mail.received]
    assert sum("DISABLED" in subject for subject in subjects) == 1


def test_enabling_an_endpoint_lets_go_what_waited_for_it(post: Post, change_id: str) -> None:
    hook = post.hook()
    post.tell(change_id)
    post.accounts.set_endpoint_state(hook, EndpointState.DISABLED, START)
    post.drain()
    assert post.states() == [("held", "endpoint-disabled")]
    post.accounts.set_endpoint_state(hook, EndpointState.ACTIVE, START)
    post.drain()
    assert post.states() == [("delivered", None)]


def test_five_days_of_failing_disable_and_a_success_starts_afresh(
    post: Post, change_id: str, database: Database
) -> None:
    hook = post.hook()
    with database.transaction() as session:
        session.get_one(EndpointRow, hook).failing_since = START - timedelta(days=5)
    post.tell(change_id)
    post.web.answers = [failure(status=500)]
    post.drain()
    assert post.states() == [("held", "endpoint-disabled")]
    post.accounts.set_endpoint_state(hook, EndpointState.ACTIVE, START)
    post.web.answers = [failure(status=500), Accepted(200)]
    post.drain()
    with database.reading() as session:
        assert session.get_one(EndpointRow, hook).failing_since == START
    post.clock.advance(timedelta(minutes=10))
    post.drain()
    with database.reading() as session:
        assert session.get_one(EndpointRow, hook).failing_since is None
    assert post.states() == [("delivered", None)]


def test_an_ambiguous_email_is_repeated_once_with_the_same_message_id(post: Post, change_id: str) -> None:
    post.box()
    post.tell(change_id)
    post.mail.default = failure(SendFailureKind.TIMEOUT, ambiguous=True)
    post.drain()
    assert (post.only().state, post.only().due_at) == ("ambiguous", START + timedelta(minutes=30))
    for _ in range(3):
        post.clock.advance(timedelta(minutes=30))
        post.drain()
    assert post.states() == [("dead", "may-have-arrived")]
    assert len(post.mail.received) == 2
    assert len({m.body for m in post.mail.received}) == 1


def test_a_worker_that_dies_in_hand_leaves_the_delivery_to_the_next(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    claim = lambda: post.store.claim(  # noqa: E731
        post.clock.now(), lease=LEASE, limit=10, per_endpoint=10, channels=[Channel.WEBHOOK]
    )
    assert len(claim()) == 1
    post.drain()
    assert post.web.received == []
    post.clock.advance(LEASE)
    post.drain()
    assert post.states() == [("delivered", None)]
    assert len(post.web.received) == 1


def test_what_keeps_killing_its_worker_is_given_up(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    for _ in range(6):
        post.store.claim(post.clock.now(), lease=LEASE, limit=10, per_endpoint=10, channels=[Channel.WEBHOOK])
        post.clock.advance(LEASE)
    assert post.states() == [("dead", "interrupted")]


def test_a_stale_lease_holder_is_fenced_off(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)

    class Stale:
        """Records only after another worker has taken the delivery and finished it."""

        claim, release = post.store.claim, post.store.release

        def record(self, results: list[Result], now: Any) -> list[Result]:
            post.clock.advance(LEASE)
            asyncio.run(post.courier().drain())
            return post.store.record(results, now)

    post.web.answers = [failure(status=500), Accepted(200)]
    asyncio.run(post.courier(Stale()).drain())
    assert (post.states(), post.attempts()) == ([("delivered", None)], [(1, "delivered")])
    assert len({m.delivery_id for m in post.web.received}) == 1


def test_while_the_database_is_away_results_are_kept(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)

    class Away:
        """Fails three times as a lost connection does."""

        claim, release = post.store.claim, post.store.release
        failures = 3

        def record(self, results: list[Result], now: Any) -> list[Result]:
            if self.failures:
                self.failures -= 1
                raise OperationalError("UPDATE", {}, ConnectionError("server closed the connection"))
            return post.store.record(results, now)

    asyncio.run(post.courier(Away()).drain())
    assert (post.states(), len(post.web.received)) == ([("delivered", None)], 1)


def test_two_couriers_at_once_send_each_delivery_once(post: Post, change_id: str) -> None:
    for number in range(40):
        post.hook(f"https://alice.example/{number}")
    post.tell(change_id)

    async def both() -> None:
        await asyncio.gather(post.courier(batch=8).drain(), post.courier(batch=8).drain())

    asyncio.run(both())
    assert len(post.web.received) == len({m.delivery_id for m in post.web.received}) == 40
    assert post.states() == [("delivered", None)] * 40


def test_one_hanging_endpoint_does_not_hold_up_the_others(post: Post, database: Database) -> None:
    for number in range(3):
        post.hook(f"https://alice.example/{number}")
    changes = [add_change(database, "doc_acme_1", number) for number in range(10, 40)]
    for change in changes:
        post.tell(change)
    release = asyncio.Event()

    class Hanging(FakeSender):
        async def send(self, message: Message) -> Accepted:
            if message.address.endswith("/0"):
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                await release.wait()
                self.in_flight -= 1
                return Accepted(200)
            self.received.append(message)
            if len(self.received) == 60:
                release.set()
            return Accepted(200)

    post.web = Hanging()

    async def within_ten_seconds() -> None:
        async with asyncio.timeout(10):
            await post.courier(batch=16, in_flight=8, per_endpoint=2).drain()

    asyncio.run(within_ten_seconds())
    assert post.states() == [("delivered", None)] * 90
    assert post.web.most_in_flight == 2


@pytest.mark.parametrize(("limit", "used"), [(5, 0), (5, 3), (5, 5)])
def test_the_daily_quota_is_never_exceeded_and_the_rest_is_held(
    post: Post, database: Database, limit: int, used: int
) -> None:
    box = add_endpoint(post.accounts, "charlie", Channel.EMAIL, "charlie@reader.example")
    with database.transaction() as session:
        session.add(QuotaRow(account_id="acc_charlie", day=START.date(), used=used))
    for number in range(10, 18):
        change = add_change(database, "doc_acme_1", number)
        post.tell(change)
        with database.transaction() as session:
            notice = session.exec(select(NoticeRow).where(col(NoticeRow.subject) == f"change:{change}")).one()
            session.add(
                DeliveryRow(
                    id=f"dlv_{number}",
                    notice_id=notice.id,
                    endpoint_id=box,
                    account_id="acc_charlie",
                    state="pending",
                    due_at=START,
                    created_at=START,
                )
            )

    async def both() -> None:
        await asyncio.gather(*(post.courier(batch=2).drain() for _ in range(3)))

    asyncio.run(both())
    assert len([mail for mail in post.mail.received if b"[QUOTA]" not in mail.body]) == limit - used
    changes = [one for one in post.accounts.deliveries() if one.notice_kind == "change.detected"]
    assert sorted((one.state, one.reason) for one in changes) == [("delivered", None)] * (limit - used) + [
        ("held", "quota")
    ] * (8 - limit + used)
    with database.reading() as session:
        assert session.get_one(QuotaRow, ("acc_charlie", START.date())).used == limit


def test_a_retry_is_not_charged_again(post: Post, change_id: str, database: Database) -> None:
    post.hook()
    post.tell(change_id)
    post.web.answers = [failure(status=500), failure(status=500)]
    for _ in range(3):
        post.drain()
        post.clock.advance(timedelta(hours=1))
    with database.reading() as session:
        assert session.get_one(QuotaRow, ("acc_alice", START.date())).used == 1


def test_what_cannot_be_composed_is_one_dead_delivery(post: Post, change_id: str, database: Database) -> None:
    hook = post.hook()
    broken = add_change(database, "doc_acme_1", 2, headline={"text": "x" * 40_000, "proof": []})
    post.tell(broken)
    post.tell(change_id)
    post.drain()
    assert hook
    assert post.states() == [("dead", "not-composable"), ("delivered", None)]


def test_a_fault_of_ours_is_an_attempt_and_others_go_out(post: Post, change_id: str) -> None:
    post.hook("https://alice.example/0", secret=SECRET)
    post.hook("https://alice.example/1")

    def answer(message: Message) -> Accepted:
        if message.address.endswith("/0"):
            raise ZeroDivisionError
        return Accepted(200)

    post.web.default = answer
    post.tell(change_id)
    post.drain()
    assert post.states() == [("delivered", None), ("failed", "local")]


def test_a_channel_that_is_not_there_holds(post: Post, change_id: str) -> None:
    slack = add_endpoint(post.accounts, "alice", Channel.SLACK, "https://slack.example/hook")
    subscribe(post.accounts, "alice", [slack])
    post.tell(change_id)
    post.drain()
    assert post.states() == [("held", "no-channel")]


def test_stopping_finishes_what_is_in_flight_and_gives_back_the_rest(post: Post, change_id: str) -> None:
    for number in range(6):
        post.hook(f"https://alice.example/{number}")
    post.tell(change_id)

    async def work() -> None:
        post.web.gate = asyncio.Event()
        courier = post.courier(in_flight=2)
        running = asyncio.create_task(courier.run())
        courier.wake()
        while post.web.in_flight < 2:
            await asyncio.sleep(0.001)
        courier.stop()
        post.web.gate.set()
        async with asyncio.timeout(10):
            await running

    asyncio.run(work())
    assert post.states() == [("delivered", None)] * 2 + [("pending", None)] * 4
    post.web.gate = None
    post.drain()
    assert post.states() == [("delivered", None)] * 6
    assert len(post.web.received) == 6


def test_a_claim_whose_lease_runs_out_is_given_back_unsent(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)

    class Late:
        """Hands out claims after a pause of nearly the whole lease."""

        record, release = post.store.record, post.store.release

        def claim(self, now: Any, **wanted: Any) -> Any:
            claims = post.store.claim(now, **wanted)
            if not post.web.received and claims:
                post.clock.advance(LEASE - timedelta(seconds=5))
                self.claim: Callable[..., Any] = lambda *_, **__: []  # type: ignore[method-assign]
            return claims

    asyncio.run(post.courier(Late()).drain())
    assert post.web.received == []
    assert post.states() == [("pending", None)]


@pytest.mark.parametrize("days", [0, 2])
def test_both_secrets_sign_during_a_rotation(post: Post, change_id: str, database: Database, days: int) -> None:
    hook = post.hook()
    old = secret_from(b"o" * 32)
    with database.transaction() as session:
        endpoint = session.get_one(EndpointRow, hook)
        endpoint.old_secret, endpoint.old_secret_until = BOX.seal(old), START + timedelta(days=1)
    post.tell(change_id)
    post.clock.advance(timedelta(days=days))
    post.drain()
    (sent,) = post.web.received
    assert len(dict(sent.headers)["webhook-signature"].split()) == (2 if days == 0 else 1)


def test_a_dead_delivery_is_replayed_with_the_same_id(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    post.web.answers = [failure(SendFailureKind.INVALID_ADDRESS, permanent=True)]
    post.drain()
    assert post.states() == [("dead", "refused")]
    post.accounts.replay(post.only().id, post.clock.now())
    post.drain()
    assert (post.states(), post.attempts()) == ([("delivered", None)], [(1, "invalid-address"), (2, "delivered")])
    assert len({(m.delivery_id, m.body) for m in post.web.received}) == 1
