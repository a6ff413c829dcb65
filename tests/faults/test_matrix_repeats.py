"""Rows 11, 12, 26–28, 30 and 34 of the fault matrix: things that come twice, at once, late, or by a wrong clock."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from standardwebhooks import Webhook, WebhookVerificationError

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.clock import SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.replay import UNDELIVERED, Wanted, replay_many
from shared.db.notifier.rotation import EndpointSecrets
from shared.db.outbox import OutboxStore
from shared.db.tables import DeliveryRow, NoticeRow, QuotaRow
from shared.domain.deliveries import IllegalMove
from shared.domain.plans import PLANS
from shared.secrets import secret_box
from shared.usecases.rotation import Rotation
from tests.faults.matrix_bench import ALICE, Bench, Post, benched, long_form
from tests.servers.waiting import eventually

pytestmark = long_form

TEN_MINUTES_S = 600


@pytest.fixture
def bench(tmp_path: Path, postgresql_url: str) -> Iterator[Bench]:
    with benched(tmp_path, postgresql_url) as bench:
        yield bench


@pytest.fixture
def either_bench(tmp_path: Path, database_url: str) -> Iterator[Bench]:
    """A bench on each engine in turn, for what their locks decide."""
    with benched(tmp_path, database_url) as bench:
        yield bench


def _all_at_once(tasks: list[Callable[[], object]]) -> None:
    ready = threading.Barrier(len(tasks))

    def begin(task: Callable[[], object]) -> None:
        ready.wait(60)
        task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        for done in [pool.submit(begin, task) for task in tasks]:
            done.result(120)


def _failing_first(bench: Bench) -> Callable[[Post], int]:
    """500 to whatever comes first, 200 from then on."""
    return lambda post: 500 if post is bench.receiver.log[0] else 200


def _make_due(bench: Bench) -> None:
    """As if the time of every retry had come."""
    with bench.database.transaction() as session:
        failed = update(DeliveryRow).where(col(DeliveryRow.state) == "failed")
        session.execute(failed.values(due_at=bench.now))


def test_row_11_an_event_comes_several_times(bench: Bench) -> None:
    """To two workers with two threads each; it is one notice and one delivery for each endpoint."""
    bench.hook("one")
    bench.hook("two")
    event_id = bench.change()
    [event] = OutboxStore(bench.database).unpublished(10)
    publisher = Publisher(make_app("test", bench.valkey.url))
    publisher.events([event] * 8)
    publisher.close()
    bench.worker()
    bench.worker()
    with bench.scheduled():
        bench.wait_for(delivered=2)
        bench.wait_for_empty_queue()
    assert bench.handled() == [event_id]
    assert len(bench.receiver.log) == 2
    bench.assert_invariant()


def test_row_12_two_workers_take_the_same_task_at_once(either_bench: Bench) -> None:
    bench = either_bench
    hooks, changes = 5, 8
    for number in range(hooks):
        bench.hook(f"hook-{number}")
    for number in range(1, changes + 1):
        bench.tell(number)
    for _ in range(2):
        bench.worker(CLAUSEWATCH_NOTIFIER_BATCH="4")
    with bench.scheduled():
        bench.wait_for(delivered=hooks * changes)
    assert len(bench.receiver.log) == hooks * changes
    assert bench.attempts() == {"delivered": hooks * changes}
    bench.assert_invariant()


def test_row_26_a_secret_is_rotated_between_an_attempt_and_its_retry(bench: Bench) -> None:
    endpoint_id, old = bench.hook()
    bench.tell(1)
    bench.receiver.answer = _failing_first(bench)
    bench.worker()
    with bench.scheduled():
        bench.wait_for(failed=1)
        clock = SystemClock()
        rotation = Rotation(
            EndpointSecrets(bench.database), secret_box(bench.settings), clock, lambda size: b"n" * size
        )
        new = rotation.rotate(ALICE, endpoint_id, timedelta(hours=1)).secret
        _make_due(bench)
        bench.wait_for(delivered=1)
    before, after = bench.receiver.log
    assert [_verifies(old, before), _verifies(new, before)] == [True, False]
    assert [_verifies(old, after), _verifies(new, after)] == [True, True]
    bench.assert_invariant(repeats=1)


def _verifies(secret: str, post: Post) -> bool:
    try:
        Webhook(secret).verify(post.body, dict(post.headers))
    except WebhookVerificationError:
        return False
    return True


@pytest.mark.parametrize("off_by_s", [-TEN_MINUTES_S, TEN_MINUTES_S])
def test_row_27_a_worker_s_clock_is_ten_minutes_off(bench: Bench, off_by_s: int) -> None:
    """What is due by the database's clock goes out, what is due in five minutes waits, and signatures bear its time."""
    _, secret = bench.hook()
    bench.tell(1)
    with bench.database.transaction() as session:
        session.execute(update(DeliveryRow).values(due_at=bench.now + timedelta(minutes=5)))
    bench.tell(2)
    bench.worker(clock_off_by_s=off_by_s)
    with bench.scheduled():
        bench.wait_for(delivered=1, pending=1)
        bench.tell(3)  # once this has come, the worker has looked at the one that waits once more
        bench.wait_for(delivered=2, pending=1)
    true = bench.now.astimezone(UTC).timestamp()
    for post in bench.receiver.log:
        assert _verifies(secret, post), "the public library allows five minutes"
        assert abs(true - int(post.headers["webhook-timestamp"])) < 60
    [waiting] = [row for row in bench.deliveries() if row.state == "pending"]
    assert waiting.id not in bench.receiver.ids
    assert sorted(bench.receiver.ids) == sorted(row.id for row in bench.deliveries() if row.id != waiting.id)


def test_row_28_changes_of_a_document_arrive_out_of_order(bench: Bench) -> None:
    """A retry is overtaken; `data.sequence` tells the receiver which is the newer."""
    bench.hook()
    bench.tell(1)
    bench.receiver.answer = _failing_first(bench)
    bench.worker()
    with bench.scheduled():
        bench.wait_for(failed=1)
        bench.tell(2)
        bench.wait_for(failed=1, delivered=1)
        _make_due(bench)
        bench.wait_for(delivered=2)
    data = [json.loads(post.body)["data"] for post in bench.receiver.log]
    assert [one["sequence"] for one in data] == [2, 4, 2]
    assert len({one["document"]["id"] for one in data}) == 1
    bench.assert_invariant(repeats=1)


def test_row_30_a_plan_s_cap_is_reached_by_workers_at_once(either_bench: Bench) -> None:
    """The receiver gets as many as there was room for, never more; what was held back says why."""
    bench = either_bench
    hooks, changes, room = 5, 5, 10
    limit = PLANS["compliance"].deliveries_per_day
    for number in range(hooks):
        bench.hook(f"hook-{number}")
    for number in range(1, changes + 1):
        bench.tell(number)
    with bench.database.transaction() as session:
        session.add(QuotaRow(account_id=ALICE, day=bench.now.astimezone(UTC).date(), used=limit - room))
    for _ in range(2):
        bench.worker(CLAUSEWATCH_NOTIFIER_BATCH="3")
    with bench.scheduled():
        eventually(lambda: not _on_their_way(bench), why="some are neither sent nor held")
    held = [row for row in _of_changes(bench) if row.state == "held"]
    sent = [row.id for row in _of_changes(bench) if row.state == "delivered"]
    assert sorted(bench.receiver.ids) == sorted(sent)
    assert (len(sent), len(held)) == (room, hooks * changes - room)
    assert {row.reason for row in held} == {"quota"}
    with bench.database.reading() as session:
        assert session.exec(select(QuotaRow.used)).one() == limit


def _of_changes(bench: Bench) -> list[DeliveryRow]:
    with bench.database.reading() as session:
        told = set(session.exec(select(NoticeRow.id).where(NoticeRow.kind == "change.detected")))
    return [row for row in bench.deliveries() if row.notice_id in told]


def _on_their_way(bench: Bench) -> list[str]:
    return [row.id for row in _of_changes(bench) if row.state not in {"delivered", "held"}]


def test_row_34_a_replay_amid_automatic_retries(bench: Bench) -> None:
    """However many ask, and while it is being sent: one pending per change and endpoint, one more request."""
    bench.hook()
    bench.tell(1)
    asked = threading.Event()

    def answer(post: Post) -> int:
        if post is bench.receiver.log[0]:
            return 500
        return 200 if asked.wait(60) else 500

    bench.receiver.answer = answer
    bench.worker()
    bench.worker()
    with bench.scheduled():
        bench.wait_for(failed=1)
        delivery_id = bench.deliveries()[0].id
        _all_at_once([lambda: _replay_one(bench, delivery_id), lambda: _replay_all(bench)] * 4)
        eventually(lambda: len(bench.receiver.log) == 2, why="it was not sent again")
        _replay_one(bench, delivery_id)
        _replay_all(bench)
        asked.set()
        bench.wait_for(delivered=1)
        bench.tell(2)
        bench.wait_for(delivered=2)
    assert bench.receiver.ids.count(delivery_id) == 2
    bench.assert_invariant(repeats=1)


def _replay_one(bench: Bench, delivery_id: str) -> None:
    try:
        AccountStore(bench.database).replay(delivery_id, bench.now)
    except IllegalMove:  # it is pending already, or on its way
        return


def _replay_all(bench: Bench) -> None:
    replay_many(bench.database, Wanted(ALICE, UNDELIVERED), bench.now)
