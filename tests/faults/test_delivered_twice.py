"""One event in the hands of two workers at the same moment: it takes effect once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from services.differ.handlers.registering import Registrar
from services.differ.handlers.turns import Turns
from services.differ.tasks import Resources, on_snapshot_captured
from services.notifier.handlers.telling import Teller
from shared.bus.task import Context
from shared.clock import ManualClock
from shared.db.differ import DifferStore
from shared.db.differ_leases import DrainLeases
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.telling import TellingStore
from shared.db.outbox import Inbox
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow, EventHandledRow, NoticeRow, SnapshotRow
from shared.domain.deliveries import Channel
from shared.events import SnapshotCaptured
from tests.factories.accounts import START, add_change, add_document, add_endpoint, change_event, subscribe
from tests.factories.judging import Bench, terms

WORKERS = 3


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def _all_at_once(work: Callable[[], object]) -> None:
    """Do the same in every worker; what any of them raises is raised here."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work) for _ in range(WORKERS)]:
            done.result(timeout=120)


def test_a_snapshot_is_judged_once(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every worker has its whole verdict ready before the first may commit."""
    bench = Bench(database, tmp_path)
    bench.confirm(terms())
    changed = terms(("13 years", "16 years"))
    bench.look(changed)
    bench.clock.advance(timedelta(minutes=10))
    snapshot_id = bench.record(changed, confirming=True)
    [event_id] = [row.event_id for row in bench.rows(SnapshotRow) if row.id == snapshot_id]
    event, context = SnapshotCaptured(document_id=bench.document_id, snapshot_id=snapshot_id), Context(event_id, "cor")
    all_ready, record = threading.Barrier(WORKERS, timeout=120), DifferStore.record

    def record_together(store: DifferStore, *verdict: object) -> None:
        all_ready.wait()
        record(store, *verdict)  # type: ignore[arg-type]

    monkeypatch.setattr(DifferStore, "record", record_together)
    monkeypatch.setattr(DrainLeases, "take", lambda *_: True)  # as if each lease had lapsed: the fence must hold alone
    _all_at_once(
        lambda: on_snapshot_captured(
            Resources(
                Inbox(database, "differ", poison_after=3),
                bench.clock,
                bench.differ(),
                Turns(DrainLeases(database), bench.clock, lasts=timedelta(seconds=15)),
                Registrar(RegistryStore(database), bench.clock),
            ),
            event,
            context,
        )
    )

    assert [version.sequence for version in bench.versions] == [1, 2]
    assert len(bench.changes) == len(bench.events("change.detected")) == 1
    assert bench.judgement(snapshot_id).outcome == "confirmed"
    assert [row.consumer for row in bench.rows(EventHandledRow) if row.event_id == event_id] == ["differ"]


@pytest.mark.parametrize("event_ids", [("evt_1",) * WORKERS, tuple(f"evt_{n}" for n in range(WORKERS))])
def test_a_change_is_told_once(database: Database, event_ids: tuple[str, ...]) -> None:
    """The same event several times, or several events of one change."""
    change_id, accounts = add_change(database, add_document(database)), AccountStore(database)
    for owner in ("alice", "bob"):
        hook = add_endpoint(accounts, owner, Channel.WEBHOOK, f"https://{owner}.example/hook")
        subscribe(accounts, owner, [hook], platforms=frozenset({"acme"}))
    teller = Teller(TellingStore(database), ManualClock(START), told=lambda: None)
    waiting, all_ready = iter(event_ids), threading.Barrier(WORKERS, timeout=120)

    def tell() -> None:
        event_id = next(waiting)
        all_ready.wait()
        teller.change_detected(change_event(change_id), event_id=event_id, correlation_id="cor")

    _all_at_once(tell)

    with database.reading() as session:
        assert len(session.exec(select(NoticeRow)).all()) == 1
        assert sorted(delivery.account_id for delivery in session.exec(select(DeliveryRow))) == ["acc_alice", "acc_bob"]
        assert {row.event_id for row in session.exec(select(EventHandledRow))} == set(event_ids)
