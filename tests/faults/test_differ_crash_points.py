"""Where a differ may die or be overtaken: one judgement, one version, one change (guarantees 1, 2 and 6)."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.differ.handlers.registering import Registrar
from services.differ.handlers.turns import Turns
from services.differ.tasks import Resources, on_snapshot_captured
from shared.bus.relay import Relay
from shared.bus.task import Context
from shared.db.differ import DifferStore
from shared.db.differ_leases import DrainLeases
from shared.db.outbox import Inbox, OutboxStore, StoredEvent
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.events import SnapshotCaptured
from tests.factories.judging import Bench, terms

CHANGED = terms(("30 days' notice if", "14 days' notice if"))


LEASE = timedelta(seconds=15)


class Died(Exception):
    """The process ended here."""


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    database = Database(database_url)
    yield Bench(database, tmp_path)
    database.close()


def _resources(bench: Bench) -> Resources:
    turns = Turns(DrainLeases(bench.database), bench.clock, lasts=LEASE)
    registrar = Registrar(RegistryStore(bench.database), bench.clock)
    return Resources(Inbox(bench.database, "differ", poison_after=3), bench.clock, bench.differ(), turns, registrar)


def _event_of(bench: Bench, snapshot_id: str) -> tuple[SnapshotCaptured, Context]:
    event = SnapshotCaptured(document_id=bench.document_id, snapshot_id=snapshot_id)
    [row] = [row for row in OutboxStore(bench.database).unpublished(100) if row.payload["snapshot_id"] == snapshot_id]
    return event, Context(row.id, row.correlation_id)


def test_two_workers_with_two_snapshots_of_one_new_text(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one has read the confirming snapshot when the faster one commits its judgement."""
    bench.confirm(terms())
    bench.look(CHANGED)
    bench.clock.advance(timedelta(minutes=10))
    bench.record(CHANGED, confirming=True)
    bench.record(CHANGED)
    record, overtaken = DifferStore.record, []

    def overtake(store: DifferStore, *args: object) -> None:
        if not overtaken:
            overtaken.append(True)
            assert bench.differ().drain(bench.document_id) == 2
        record(store, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(DifferStore, "record", overtake)
    assert bench.differ().drain(bench.document_id) == 0
    assert [version.sequence for version in bench.versions] == [1, 2]
    assert len(bench.changes) == len(bench.events("change.detected")) == 1


def test_a_second_worker_keeps_away_from_a_document_that_is_being_judged(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A judgement that outlasts the sweep's patience has its event published again while it runs."""
    bench.confirm(terms())
    event = _event_of(bench, bench.record(CHANGED))
    first, second = _resources(bench), _resources(bench)
    record, met = DifferStore.record, []

    def meet(store: DifferStore, *args: object) -> None:
        monkeypatch.setattr(second.drain, "drain", lambda _: pytest.fail("it judged the same document"))
        on_snapshot_captured(second, *event)
        met.append(second.inbox.is_settled(event[1].event_id))
        record(store, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(DifferStore, "record", meet)
    on_snapshot_captured(first, *event)
    assert met == [False]
    assert first.inbox.is_settled(event[1].event_id)


def test_a_snapshot_that_comes_as_a_turn_ends_is_judged_in_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own event may have found the lease held, and gone away."""
    event = _event_of(bench, bench.record(terms()))
    release, late = DrainLeases.release, []

    def capture_then_release(leases: DrainLeases, document_id: str, token: str) -> None:
        if not late:
            late.append(bench.record(terms(), confirming=True))
        release(leases, document_id, token)

    monkeypatch.setattr(DrainLeases, "release", capture_then_release)
    on_snapshot_captured(_resources(bench), *event)
    assert bench.judgement(late[0]).outcome == "confirmed"


def test_the_turn_of_a_worker_that_died_runs_out(bench: Bench) -> None:
    bench.record(terms())
    leases, now = DrainLeases(bench.database), bench.clock.now()
    assert leases.take(bench.document_id, "dead", now, now + LEASE)
    turns = _resources(bench).turns
    drain = bench.differ().drain
    assert not turns.run(bench.document_id, drain)
    bench.clock.advance(LEASE)
    assert turns.run(bench.document_id, drain)
    leases.release(bench.document_id, "dead")  # it was not dead, only late: the token no longer counts
    assert leases.take(bench.document_id, "next", now, now + LEASE)


def test_a_long_turn_is_renewed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.record(terms())
    leases, renewed = DrainLeases(bench.database), threading.Event()
    renew = leases.renew

    def renew_and_tell(*args: object) -> None:
        renew(*args)  # type: ignore[arg-type]
        renewed.set()

    monkeypatch.setattr(leases, "renew", renew_and_tell)
    lasts = timedelta(seconds=0.2)

    def long_work(document_id: str) -> None:
        bench.clock.advance(lasts)
        for _ in range(2):  # the first may have begun before the clock moved
            renewed.clear()
            assert renewed.wait(30)
        now = bench.clock.now()
        assert not leases.take(document_id, "other", now, now + lasts)
        bench.drain.drain(document_id)

    assert Turns(leases, bench.clock, lasts=lasts).run(bench.document_id, long_work)


def test_an_old_event_swept_in_after_a_newer_one(bench: Bench) -> None:
    bench.confirm(terms())
    first = bench.record(CHANGED)
    bench.clock.advance(timedelta(minutes=10))
    second = bench.record(CHANGED, confirming=True)
    resources = _resources(bench)
    old, new = _event_of(bench, first), _event_of(bench, second)
    on_snapshot_captured(resources, *new)
    before = (bench.versions, bench.changes, bench.head)
    on_snapshot_captured(resources, *old)
    assert (bench.versions, bench.changes, bench.head) == before
    assert [bench.judgement(one).outcome for one in (first, second)] == ["candidate", "confirmed"]


def test_death_after_the_commit_before_the_acknowledgement(bench: Bench) -> None:
    bench.confirm(terms())
    bench.look(CHANGED)
    bench.clock.advance(timedelta(minutes=10))
    snapshot = bench.record(CHANGED, confirming=True)
    event = _event_of(bench, snapshot)
    bench.differ().drain(bench.document_id)  # committed; the message was never acknowledged
    resources = _resources(bench)
    assert resources.inbox.is_settled(event[1].event_id)
    on_snapshot_captured(resources, *event)
    assert len(bench.changes) == 1


def test_death_in_the_middle_of_the_commit_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.confirm(terms())
    bench.look(CHANGED)
    before = bench.head
    bench.clock.advance(timedelta(minutes=10))
    snapshot = bench.record(CHANGED, confirming=True)

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr("shared.db.differ.mark_handled", die)
        with pytest.raises(Died):
            bench.differ().drain(bench.document_id)
    assert (len(bench.versions), bench.changes, bench.head) == (1, [], before)
    assert bench.events("change.detected") == []
    assert bench.differ().drain(bench.document_id) == 1
    assert bench.judgement(snapshot).outcome == "confirmed"
    assert len(bench.changes) == 1


class ForgetfulPublisher:
    """A broker that takes events and a relay that dies before it can note it."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.dies = True

    def events(self, events: list[StoredEvent], *, only: str | None = None) -> None:
        self.given += [event.id for event in events]
        if self.dies:
            raise Died


def test_a_relay_that_dies_before_it_marks_publishes_again_and_nothing_happens_twice(bench: Bench) -> None:
    bench.record(terms())
    snapshot = bench.record(terms(), confirming=True)
    publisher = ForgetfulPublisher()
    store = OutboxStore(bench.database)
    relay = Relay(store, publisher, bench.clock, sweep_after=timedelta(seconds=30))  # type: ignore[arg-type]
    event = _event_of(bench, snapshot)
    with pytest.raises(Died):
        relay.run_once()
    publisher.dies = False
    assert relay.run_once() == 2
    assert len(publisher.given) == 4
    resources = _resources(bench)
    for _ in range(publisher.given.count(event[1].event_id)):
        on_snapshot_captured(resources, *event)
    assert [version.sequence for version in bench.versions] == [1]
