"""Rows 6–10 of the fault matrix: broker and database lose messages, go away and come back; the database's rows decide.

All of them are in the long form alone (`make faults`), which leaves the broker away for ten minutes.
"""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.topology import DELIVERIES_DUE, QUEUES
from shared.db.migrate import upgrade
from tests.faults.matrix_bench import Bench, Post, benched, long_form
from tests.servers.postgres import StoppablePostgres, running_postgres
from tests.servers.waiting import eventually

pytestmark = long_form

OUTAGE_S = 600
QUEUE = QUEUES["notifier"].name


@pytest.fixture
def bench(tmp_path: Path, postgresql_url: str) -> Iterator[Bench]:
    with benched(tmp_path, postgresql_url) as bench:
        yield bench


@pytest.fixture(scope="module")
def _server() -> Iterator[StoppablePostgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def server(_server: StoppablePostgres) -> Iterator[StoppablePostgres]:
    """A PostgreSQL that only this module's tests use, running."""
    yield _server
    _server.start()


@pytest.fixture
def own_bench(tmp_path: Path, server: StoppablePostgres) -> Iterator[Bench]:
    """A bench whose database may be stopped."""
    name = f"test_{uuid4().hex[:12]}"
    server.run("CREATE DATABASE {}", name)
    upgrade(server.url(name))
    with benched(tmp_path, server.url(name)) as bench:
        yield bench
        server.start()


def test_row_06_the_broker_restarts_empty(bench: Bench) -> None:
    bench.hook()
    for number in (1, 2, 3):
        bench.change(number)
    bench.publish()
    with bench.valkey.client() as broker:
        assert broker.llen(QUEUE) >= 3
    bench.valkey.kill()
    shutil.rmtree(bench.valkey.folder / "appendonlydir")
    bench.valkey.start()
    with bench.valkey.client() as broker:
        assert broker.dbsize() == 0
    bench.worker()
    with bench.scheduled():
        bench.wait_for(delivered=3)
    bench.assert_invariant()


def test_row_07_the_broker_is_down(bench: Bench) -> None:
    """What comes to pass meanwhile is sent when it is back, by workers that were there all the time."""
    bench.hook()
    bench.change(1)
    worker = bench.worker()
    with bench.scheduled():
        bench.wait_for(delivered=1)
        bench.valkey.kill()
        bench.change(2)
        bench.tell(3)
        threading.Event().wait(OUTAGE_S)  # the outage itself, not a synchronisation
        bench.valkey.start()
        bench.wait_for(delivered=3)
    assert worker.popen.poll() is None
    bench.assert_invariant()


def test_row_08_a_consumer_dies_between_the_pop_and_the_note_of_it(bench: Bench) -> None:
    """The message is gone from the queue and nowhere else: as kombu leaves it that BRPOPs and dies."""
    bench.hook()
    bench.change()
    bench.publish()
    with bench.valkey.client() as broker:
        assert broker.llen(QUEUE) >= 1
        while broker.lpop(QUEUE) is not None:
            pass
        assert broker.hlen("unacked") == 0
    bench.worker()
    with bench.scheduled():
        bench.wait_for(delivered=1)
    bench.assert_invariant()


def test_row_09_the_database_is_down_at_the_claim(own_bench: Bench, server: StoppablePostgres) -> None:
    bench = own_bench
    bench.hook()
    bench.change(1)
    worker = bench.worker()
    with bench.scheduled():
        bench.wait_for(delivered=1)
    bench.tell(2)
    server.stop()
    publisher = Publisher(make_app("test", bench.valkey.url))
    publisher.wake(DELIVERIES_DUE, 1, waiting=10)
    publisher.close()
    worker.wait_until_said("deliveries.database_unavailable")
    server.start()
    with bench.scheduled():
        bench.wait_for(delivered=2)
    assert worker.popen.poll() is None
    bench.assert_invariant()


def test_row_10_the_database_goes_down_after_the_post(own_bench: Bench, server: StoppablePostgres) -> None:
    """The worker keeps the result until it can record it: nothing is repeated."""
    bench = own_bench
    bench.hook()
    bench.tell(1)
    _stop_before_answering(bench, server)
    worker = bench.worker()
    _wake_until_sent(bench)
    worker.wait_until_said("attempts.not_recorded")
    server.start()
    bench.wait_for(delivered=1)
    bench.tell(2)
    with bench.scheduled():
        bench.wait_for(delivered=2)
    bench.assert_invariant()
    assert bench.attempts() == {"delivered": 2}


def test_row_10_the_database_goes_down_after_the_post_and_the_worker_with_it(
    own_bench: Bench, server: StoppablePostgres
) -> None:
    """Nobody knows any more that it was sent: it is repeated once, by the same id."""
    bench = own_bench
    bench.hook()
    bench.tell(1)
    _stop_before_answering(bench, server)
    worker = bench.worker()
    _wake_until_sent(bench)
    worker.wait_until_said("attempts.not_recorded")
    worker.kill()
    server.start()
    bench.run_out_leases()
    bench.worker()
    with bench.scheduled():
        bench.wait_for(delivered=1)
    bench.assert_invariant(repeats=1)
    assert len(bench.receiver.log) == 2


def _stop_before_answering(bench: Bench, server: StoppablePostgres) -> None:
    def stop_and_answer(_: Post) -> int:
        if len(bench.receiver.log) == 1:
            server.stop()
        return 200

    bench.receiver.answer = stop_and_answer


def _wake_until_sent(bench: Bench) -> None:
    """One call, which waits in the queue for the worker to come up."""
    publisher = Publisher(make_app("test", bench.valkey.url))
    publisher.wake(DELIVERIES_DUE, 1, waiting=1)
    publisher.close()
    eventually(lambda: bench.receiver.log, why="nothing was sent")
