"""Owners are told once that an endpoint fails, is disabled and recovered, whoever records it and whenever."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, select

from services.notifier.core.messages import Accepted, SendFailureKind
from services.notifier.handlers.outcomes import result_of
from shared.clock import ManualClock
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.notifier.records import Claim, Result
from shared.db.notifier.subscriptions import SubscriptionStore
from shared.db.session import Database
from shared.db.tables import AttemptRow, ChangeRow, DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.digests import QuietHours
from tests.factories.accounts import START, add_change, add_endpoint
from tests.factories.posting import LEASE, Post, failure
from tests.factories.reports import report

LATER = START + timedelta(hours=2)


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    return Post(database, clock)


def incidents(post: Post) -> list[tuple[str, str]]:
    """Phase and endpoint of every incident told, in order."""
    statement = select(NoticeRow).where(col(NoticeRow.kind) == "endpoint.incident").order_by(col(NoticeRow.created_at))
    with post.database.reading() as session:
        return [(row.data["phase"], row.data["endpoint"]["id"]) for row in session.exec(statement)]


def told(post: Post) -> list[tuple[str, str]]:
    """Phase and receiver of every delivery of an incident."""
    statement = (
        select(NoticeRow, EndpointRow)
        .join(DeliveryRow, col(DeliveryRow.notice_id) == col(NoticeRow.id))
        .join(EndpointRow, col(EndpointRow.id) == col(DeliveryRow.endpoint_id))
        .where(col(NoticeRow.kind) == "endpoint.incident")
    )
    with post.database.reading() as session:
        return sorted((notice.data["phase"], endpoint.id) for notice, endpoint in session.exec(statement))


def fail_until_told(post: Post, hook: str) -> None:
    """Eight attempts fail within two hours."""
    post.web.default = failure(status=503)
    for number in range(3, 11):
        post.tell(add_change(post.database, "doc_acme_1", number))
        post.drain()
        post.clock.advance(timedelta(minutes=15))
    assert incidents(post) == [("failing", hook)]


def test_failing_disabled_and_recovered_are_each_told_once(post: Post, change_id: str) -> None:
    hook, box = post.hook(), post.box()
    fail_until_told(post, hook)
    for _ in range(8):
        post.clock.advance(timedelta(days=1))
        post.drain()
    assert incidents(post) == [("failing", hook), ("disabled", hook)]
    post.accounts.set_endpoint_state(hook, EndpointState.ACTIVE, post.clock.now())
    assert len(incidents(post)) == 2
    post.web.default = Accepted(200)
    post.tell(change_id)
    post.drain()
    post.drain()
    assert incidents(post) == [("failing", hook), ("disabled", hook), ("recovered", hook)]
    assert told(post) == [("disabled", box), ("failing", box), ("recovered", box)]
    subjects = [str(message_from_bytes(m.body)["Subject"]).strip() for m in post.mail.received]
    assert [subject for subject in subjects if "endpoint" in subject] == [
        "[FAILING] An endpoint cannot be reached.",
        "[DISABLED] An endpoint has been failing for five days, and is disabled.",
        "[RECOVERED] An endpoint is reached again.",
    ]


def test_what_nobody_was_told_of_is_no_recovery(post: Post, change_id: str) -> None:
    post.hook()
    post.box()
    post.tell(change_id)
    post.web.answers = [failure(status=503)]
    post.drain()
    post.clock.advance(timedelta(minutes=10))
    post.drain()
    assert incidents(post) == []
    assert post.states() == [("delivered", None), ("delivered", None)]


@pytest.mark.parametrize("fault", ["local", "not-composable"])
def test_a_fault_of_ours_is_not_the_endpoint_s(post: Post, change_id: str, fault: str) -> None:
    hook = post.hook()
    if fault == "local":
        post.web.default = failure(SendFailureKind.LOCAL)
    else:
        with post.database.transaction() as session:
            session.get_one(ChangeRow, change_id).report = report(headline={"text": "x" * 40_000, "proof": []})
    post.tell(change_id)
    post.drain()
    with post.database.reading() as session:
        assert session.exec(select(AttemptRow.outcome)).first() == fault
        endpoint = session.get_one(EndpointRow, hook)
    assert (endpoint.failing_since, endpoint.failures) == (None, 0)


@pytest.mark.parametrize(
    ("others", "receivers"),
    [
        (("email", "slack"), {"email"}),
        (("slack",), {"slack"}),
        (("webhook",), set()),
        (("failing email", "slack"), {"slack"}),
        (("paused email", "slack"), {"slack"}),
        ((), set()),
    ],
)
def test_working_mailboxes_are_told_and_where_there_is_none_slack(
    post: Post, others: Sequence[str], receivers: set[str]
) -> None:
    hook = post.hook()
    kinds = {}
    for other in others:
        state, _, kind = other.rpartition(" ")
        endpoint = add_endpoint(post.accounts, "alice", Channel(kind), f"{kind}@reader.example")
        kinds[endpoint] = kind
        with post.database.transaction() as session:
            row = session.get_one(EndpointRow, endpoint)
            row.incident = "failing" if state == "failing" else None
            row.state = "paused" if state == "paused" else "active"
            session.add(row)
    fail_until_told(post, hook)
    assert {kinds[endpoint] for _, endpoint in told(post)} == receivers


def test_a_mailbox_is_not_told_of_itself(post: Post) -> None:
    box = post.box()
    post.mail.default = failure(status=451)
    for number in range(3, 11):
        post.tell(add_change(post.database, "doc_acme_1", number))
        post.drain()
        post.clock.advance(timedelta(minutes=15))
    assert incidents(post) == [("failing", box)]
    assert told(post) == []


def test_quiet_hours_put_the_message_off(post: Post) -> None:
    hook = post.hook()
    add_endpoint(post.accounts, "alice", Channel.EMAIL, "alice@reader.example")
    SubscriptionStore(post.database).set_hours("acc_alice", "UTC", QuietHours.parse("08:00-20:00"), post.clock.now())
    fail_until_told(post, hook)
    post.drain()
    assert post.mail.received == []
    post.clock.at = START.replace(hour=20)
    post.drain()
    assert len(post.mail.received) == 1


def _claims(database: Database) -> list[Claim]:
    """What one worker takes of what is due."""
    return DeliveryStore(database).claim(LATER, lease=LEASE, limit=4, per_endpoint=2, channels=[Channel.WEBHOOK])


@pytest.mark.parametrize("phase", ["failing", "disabled", "recovered"])
def test_two_workers_that_record_at_once_tell_once(post: Post, database: Database, phase: str) -> None:
    hooks = [post.hook(f"https://alice.example/{number}") for number in range(2)]
    add_endpoint(post.accounts, "alice", Channel.EMAIL, "alice@reader.example")
    _fail_before(database, hooks, phase)
    for number in range(3, 7):
        post.tell(add_change(database, "doc_acme_1", number))
    outcome: Any = {"failing": failure(status=503), "disabled": failure(SendFailureKind.GONE, status=410)}.get(phase)
    workers = [Database(database.engine.url.render_as_string(hide_password=False)) for _ in range(2)]
    in_hand = [
        [result_of(one, outcome or Accepted(200), LATER, 1, now=LATER, chance=lambda: 0.5) for one in _claims(worker)]
        for worker in workers
    ]
    assert [{result.claim.endpoint_id for result in results} for results in in_hand] == [set(hooks), set(hooks)]
    both = Barrier(2)

    def record(worker: Database, results: Sequence[Result]) -> None:
        both.wait(30)
        DeliveryStore(worker).record(results, LATER)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(record, *work) for work in zip(workers, in_hand, strict=True)]:
            done.result(60)
    for worker in workers:
        worker.close()
    assert sorted(incidents(post)) == sorted((phase, hook) for hook in hooks)
    assert len(told(post)) == 2


def test_a_worker_that_dies_before_it_has_recorded_tells_nothing_and_the_next_tells_once(
    post: Post, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = post.hook()
    _fail_before(database, [hook], "failing")
    post.tell(add_change(database, "doc_acme_1", 3))
    store = DeliveryStore(database)
    refused = failure(status=503)
    results = [result_of(one, refused, LATER, 1, now=LATER, chance=lambda: 0.5) for one in _claims(database)]
    with monkeypatch.context() as patched:
        patched.setattr("shared.db.notifier.deliveries.settle_digests", _dies)
        with pytest.raises(KeyboardInterrupt):
            store.record(results, LATER)
    assert incidents(post) == []
    store.record(results, LATER)
    assert incidents(post) == [("failing", hook)]


def _dies(*_: object) -> None:
    """The transaction's last statement, at which the process ends."""
    raise KeyboardInterrupt


def _fail_before(database: Database, endpoints: Sequence[str], phase: str) -> None:
    """The state in which one more attempt brings this phase."""
    with database.transaction() as session:
        for endpoint_id in endpoints:
            row = session.get_one(EndpointRow, endpoint_id)
            row.failing_since, row.failures = START, 20
            if phase == "recovered":
                row.incident, row.incident_since = "failing", START
            session.add(row)
