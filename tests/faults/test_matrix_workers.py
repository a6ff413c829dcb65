"""Rows 1–5 and 13 of the fault matrix: workers are killed, stopped and frozen with deliveries in their hands."""

import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.db.notifier.deliveries import DeliveryStore
from shared.db.notifier.records import Claim
from shared.domain.deliveries import INTERRUPTIONS_ALLOWED, INTERRUPTIONS_DOUBTED, Channel
from tests.faults.matrix_bench import Bench, Post, benched, long_form
from tests.servers.waiting import eventually

KILLED = -signal.SIGKILL
UNACKED = "unacked"
"""Where kombu keeps what was handed out and not acknowledged."""


@pytest.fixture
def bench(tmp_path: Path, postgresql_url: str) -> Iterator[Bench]:
    with benched(tmp_path, postgresql_url) as bench:
        yield bench


@long_form
@pytest.mark.parametrize(
    ("point", "posts_then", "repeats"),
    [
        pytest.param("before-the-post", 0, 0, id="row_01"),
        pytest.param("after-the-post", 1, 1, id="row_02"),
        pytest.param("after-the-commit", 1, 0, id="row_03"),
    ],
)
def test_rows_01_02_03_sigkill_with_a_webhook_in_hand(bench: Bench, point: str, posts_then: int, repeats: int) -> None:
    bench.hook()
    bench.change()
    with bench.scheduled():
        assert bench.worker(point).ended() == KILLED
        assert len(bench.receiver.log) == posts_then
        bench.run_out_leases()
        bench.worker()
        bench.wait_for(delivered=1)
        bench.change(2)  # once this has come, the worker has looked at all that was due before
        bench.wait_for(delivered=2)
    bench.assert_invariant(repeats=repeats)
    assert len(bench.receiver.log) == 2 + repeats
    assert bench.attempts() == {"delivered": 2}


@long_form
def test_row_03_sigkill_after_the_commit_before_the_broker_hears_of_it(bench: Bench) -> None:
    """The broker hands the event out again; its notice and deliveries were written, and are not written twice."""
    bench.hook()
    event_id = bench.change()
    bench.publish()  # with no scheduler from here on, nobody but the broker brings the event back
    assert bench.worker("before-the-acknowledgement").ended() == KILLED
    with bench.valkey.client() as broker:
        assert broker.hlen(UNACKED) == 1
        assert bench.handled() == [event_id]
        bench.worker("nowhere")
        eventually(lambda: not broker.hlen(UNACKED), why="the broker did not deliver it again")
    with bench.scheduled():
        bench.wait_for(delivered=1)
    bench.assert_invariant()


@long_form
def test_row_04_a_delivery_that_kills_its_worker_again_and_again(bench: Bench) -> None:
    """It is given up after so many deaths; nobody else's delivery is lost or given up with it."""
    others = 6
    bench.hook("poison")
    for number in range(others):
        bench.hook(f"good-{number}")
    bench.change()
    with bench.scheduled():
        for _ in range(INTERRUPTIONS_ALLOWED):
            assert bench.worker("at-poison").ended() == KILLED
            bench.run_out_leases()
        bench.worker("at-poison")
        bench.wait_for(dead=1, delivered=others)
    [dead] = [row for row in bench.deliveries() if row.state == "dead"]
    assert dead.reason == "interrupted"
    assert dead.id not in bench.receiver.ids
    assert {post.path for post in bench.receiver.log} == {f"/good-{number}" for number in range(others)}
    assert len({(post.webhook_id, post.body) for post in bench.receiver.log}) == others
    assert max(bench.receiver.ids.count(one) for one in bench.receiver.ids) <= 1 + INTERRUPTIONS_DOUBTED


def test_row_04_what_may_kill_workers_is_taken_one_at_a_time(tmp_path: Path, database_url: str) -> None:
    """By the claims themselves, on both engines: fresh deliveries go out with at most one that is doubted."""
    with benched(tmp_path, database_url) as bench:
        for number in range(3):
            bench.hook(f"old-{number}")
        bench.tell(1)
        store = DeliveryStore(bench.database)

        def claim(doubted: int) -> list[Claim]:
            wanted = {"lease": timedelta(minutes=2), "limit": 10, "per_endpoint": 10, "channels": [Channel.WEBHOOK]}
            return store.claim(bench.now, doubted=doubted, **wanted)  # type: ignore[arg-type]

        for _ in range(INTERRUPTIONS_DOUBTED):
            assert [one.is_doubted for one in claim(1)] == [False] * 3
            bench.run_out_leases()
        bench.tell(2)
        assert [one.is_doubted for one in claim(1)].count(True) == 1
        assert claim(0) == []
        assert [one.is_doubted for one in claim(1)] == [True]
        assert [one.is_doubted for one in claim(1)] == [True]
        assert claim(1) == []


@long_form
def test_row_05_sigterm_with_webhooks_in_flight(bench: Bench) -> None:
    """What is under way is finished and recorded, what only waits for a place is given back, due at once."""
    for number in range(6):
        bench.hook(f"hook-{number}")
    bench.change()
    answering = threading.Event()

    def hold(_: Post) -> int:
        return 200 if answering.wait(60) else 500

    bench.receiver.answer = hold
    with bench.scheduled():
        worker = bench.worker(CLAUSEWATCH_NOTIFIER_IN_FLIGHT="2")
        eventually(lambda: len(bench.receiver.log) == 2, why="nothing was in flight")
        worker.signal(signal.SIGTERM)
        worker.wait_until_said("deliveries.stopping")
        answering.set()
        assert worker.ended() == 0
        assert bench.states() == {"delivered": 2, "pending": 4}
        assert {row.claims - row.attempts for row in bench.deliveries()} == {0}, "no claim counts as a death"
        bench.worker()
        bench.wait_for(delivered=6)
    bench.assert_invariant()


@long_form
def test_row_13_a_stale_lease_holder_wakes(bench: Bench) -> None:
    """A frozen worker's lease runs out and another delivers; what the first then writes is refused."""
    bench.hook()
    bench.change()
    thawed = threading.Event()

    def first_fails_late(_: Post) -> int:
        if len(bench.receiver.log) > 1:
            return 200
        return 500 if thawed.wait(60) else 200

    bench.receiver.answer = first_fails_late
    with bench.scheduled():
        stale = bench.worker()
        eventually(lambda: len(bench.receiver.log) == 1, why="nothing was sent")
        stale.signal(signal.SIGSTOP)
        bench.run_out_leases()
        bench.worker()
        bench.wait_for(delivered=1)
        stale.signal(signal.SIGCONT)
        thawed.set()
        stale.wait_until_said("delivery.lease_lost")
    assert bench.states() == {"delivered": 1}
    assert bench.attempts() == {"delivered": 1}
    bench.assert_invariant(repeats=1)
