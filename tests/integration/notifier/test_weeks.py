"""What a plan held back is told once, after its week, with counts and the plan that would have let it through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes

import pytest
from sqlmodel import col, select

from shared.clock import ManualClock
from shared.db.notifier.plan_changes import PlanStore
from shared.db.notifier.weeks import tell_weeks
from shared.db.session import Database
from shared.db.tables import HeldBackRow, NoticeRow
from shared.domain.deliveries import Channel
from tests.factories.accounts import START, add_change, add_endpoint, subscribe
from tests.factories.posting import Post

MONDAY = datetime(2026, 4, 13, tzinfo=UTC)


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    return Post(database, clock)


def told(database: Database) -> list[dict[str, object]]:
    statement = select(NoticeRow).where(col(NoticeRow.kind) == "account.plan").order_by(col(NoticeRow.created_at))
    with database.reading() as session:
        return [row.data for row in session.exec(statement) if row.data["phase"] == "held-back"]


def hold_back(post: Post, changes: int, first: int = 3) -> None:
    for number in range(first, first + changes):
        post.tell(add_change(post.database, "doc_acme_1", number))


def test_a_week_is_told_once_it_is_over_and_once(post: Post, database: Database) -> None:
    post.hook("https://alice.example/1")
    post.hook("https://alice.example/2")
    add_endpoint(post.accounts, "alice", Channel.EMAIL, "alice@reader.example")
    PlanStore(database).change("acc_alice", "free", START)
    with database.transaction() as session:  # active again by other hands: plans decide at delivery time all the same
        for subscription, _ in post.accounts.subscriptions("acc_alice"):
            subscription.state = "active"
            session.add(subscription)
    hold_back(post, 3)
    assert {(d.state, d.reason) for d in post.accounts.deliveries() if d.channel == "webhook"} == {
        ("skipped", "plan-platforms")
    }
    tell_weeks(database, MONDAY - timedelta(seconds=1))
    assert told(database) == []
    tell_weeks(database, MONDAY)
    tell_weeks(database, MONDAY + timedelta(hours=1))
    held = [{"reason": "plan-platforms", "platform": "acme", "count": 6}]
    assert told(database) == [{"phase": "held-back", "plan": "free", "week": "2026-04-06", "held": held}]
    with database.reading() as session:
        assert session.exec(select(HeldBackRow)).all() == []
    post.clock.at = MONDAY + timedelta(hours=1)
    hold_back(post, 1, first=20)
    tell_weeks(database, MONDAY + timedelta(days=7))
    assert [week["week"] for week in told(database)] == ["2026-04-06", "2026-04-13"]
    post.clock.at = MONDAY + timedelta(days=7)
    post.drain()
    mail = message_from_bytes(post.mail.received[-2].body)
    assert " ".join(str(mail["Subject"]).split()) == (
        "[PLAN] Your plan held back 6 messages in the week from 6 April 2026."
    )
    (text, _) = mail.get_payload()
    words = " ".join(text.get_payload(decode=True).decode().split())
    assert (
        "- 6 messages about acme were not sent: the plan free covers 1 platform; the plan watcher covers 25 platforms."
        in words
    )


def test_mail_slowed_by_a_plan_waits_with_that_reason_and_is_told_after_its_week(
    post: Post, database: Database
) -> None:
    box = add_endpoint(post.accounts, "alice", Channel.EMAIL, "alice@reader.example")
    subscribe(post.accounts, "alice", [box], platforms=frozenset({"acme"}))
    PlanStore(database).change("acc_alice", "free", START)
    hold_back(post, 2)
    waiting = [row for row in post.accounts.deliveries() if row.notice_kind == "change.detected"]
    assert [(row.state, row.reason, row.cadence) for row in waiting] == [("held", "plan-cadence", "weekly")] * 2
    tell_weeks(database, MONDAY)
    assert [week["held"] for week in told(database)] == [[{"reason": "plan-cadence", "platform": "acme", "count": 2}]]


def test_two_schedulers_tell_a_week_once(post: Post, database: Database) -> None:
    post.accounts.ensure_account("acc_bob", "Bob", "free", START)
    with database.transaction() as session:
        session.add(
            HeldBackRow(
                account_id="acc_bob",
                week=date(2026, 4, 6),
                reason="plan-endpoints",
                platform="acme",
                count=2,
            )
        )
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(tell_weeks, database, MONDAY) for _ in range(2)]:
            done.result(60)
    assert len(told(database)) == 1


def test_what_is_told_counts_for_nothing(post: Post, database: Database) -> None:
    post.hook()
    hold_back(post, 2)
    tell_weeks(database, MONDAY)
    assert told(database) == []
