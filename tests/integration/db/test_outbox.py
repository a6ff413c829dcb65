"""The outbox's promises: with the state or not at all, once per consumer, nothing forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.bus.publisher import BrokerDown
from shared.bus.relay import MAX_PUBLICATIONS, Relay, Sweep, sweep_delay
from shared.clock import ManualClock
from shared.db.outbox import Inbox, OutboxStore, StoredEvent, announce, mark_handled
from shared.db.session import Database
from shared.events import SnapshotCaptured

START = datetime(2026, 1, 1, tzinfo=UTC)
CONSUMERS = {SnapshotCaptured.name: ("differ", "notifier")}


class RecordingPublisher:
    """A broker's front that remembers what it was given, and can be down."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str | None]] = []
        self.is_down = False

    def events(self, events: list[StoredEvent], *, only: str | None = None) -> None:
        if self.is_down:
            raise BrokerDown("refused")
        self.given += [(event.id, only) for event in events]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def publisher() -> RecordingPublisher:
    return RecordingPublisher()


def announced(database: Database, clock: ManualClock, document: str = "doc_1") -> str:
    with database.transaction() as session:
        event = SnapshotCaptured(document_id=document, snapshot_id="snp_1")
        return announce(session, event, correlation_id="cor_1", now=clock.now())


def relay(database: Database, publisher: RecordingPublisher, clock: ManualClock) -> Relay:
    return Relay(OutboxStore(database), publisher, clock, sweep_after=timedelta(seconds=30))  # type: ignore[arg-type]


def sweep(database: Database, publisher: RecordingPublisher, clock: ManualClock) -> Sweep:
    return Sweep(OutboxStore(database), publisher, clock, CONSUMERS, after=timedelta(seconds=30))  # type: ignore[arg-type]


def test_an_event_of_a_transaction_that_fails_does_not_exist(
    database: Database, clock: ManualClock, publisher: RecordingPublisher
) -> None:
    def write_and_fail() -> None:
        with database.transaction() as session:
            announce(session, SnapshotCaptured(document_id="d", snapshot_id="s"), correlation_id="c", now=clock.now())
            raise RuntimeError("the state could not be written")

    with pytest.raises(RuntimeError, match="state"):
        write_and_fail()
    assert relay(database, publisher, clock).run_once() == 0


def test_the_relay_publishes_each_event_once_in_order(
    database: Database, clock: ManualClock, publisher: RecordingPublisher
) -> None:
    ids = [announced(database, clock, f"doc_{n}") for n in range(3)]
    assert relay(database, publisher, clock).run_once() == 3
    assert relay(database, publisher, clock).run_once() == 0
    assert publisher.given == [(event_id, None) for event_id in ids]


def test_a_broker_that_is_down_loses_nothing(
    database: Database, clock: ManualClock, publisher: RecordingPublisher
) -> None:
    event_id = announced(database, clock)
    publisher.is_down = True
    with pytest.raises(BrokerDown):
        relay(database, publisher, clock).run_once()
    publisher.is_down = False
    relay(database, publisher, clock).run_once()
    assert publisher.given == [(event_id, None)]


def test_the_sweep_republishes_only_to_the_consumer_that_is_missing(
    database: Database, clock: ManualClock, publisher: RecordingPublisher
) -> None:
    event_id = announced(database, clock)
    relay(database, publisher, clock).run_once()
    Inbox(database, "differ", poison_after=3).handled(event_id, clock.now())
    publisher.given.clear()
    assert sweep(database, publisher, clock).run_once() == 0, "too early"
    clock.advance(timedelta(seconds=31))
    assert sweep(database, publisher, clock).run_once() == 1
    assert publisher.given == [(event_id, "notifier")]
    assert sweep(database, publisher, clock).run_once() == 0, "backs off"


def test_an_event_that_all_consumers_handled_is_closed(
    database: Database, clock: ManualClock, publisher: RecordingPublisher
) -> None:
    event_id = announced(database, clock)
    relay(database, publisher, clock).run_once()
    for consumer in ("differ", "notifier"):
        Inbox(database, consumer, poison_after=3).handled(event_id, clock.now())
    clock.advance(timedelta(minutes=1))
    assert sweep(database, publisher, clock).run_once() == 0
    assert OutboxStore(database).unsettled(clock.now() + timedelta(days=1), 10) == []


def test_what_nobody_handles_is_buried_in_sight_and_can_be_revived(
    database: Database, clock: ManualClock, publisher: RecordingPublisher
) -> None:
    event_id = announced(database, clock)
    relay(database, publisher, clock).run_once()
    Inbox(database, "differ", poison_after=3).handled(event_id, clock.now())
    for _ in range(MAX_PUBLICATIONS + 1):
        clock.advance(timedelta(hours=2))
        sweep(database, publisher, clock).run_once()
    store = OutboxStore(database)
    assert [(row.event_id, row.consumer) for row in store.dead_letters()] == [(event_id, "notifier")]
    assert store.revive(clock.now()) == 1
    assert store.dead_letters() == []
    assert [event.id for event in store.unpublished(10)] == [event_id]


def test_handled_twice_is_handled_once(database: Database, clock: ManualClock) -> None:
    event_id = announced(database, clock)
    with database.transaction() as session:
        assert mark_handled(session, event_id, "differ", clock.now())
    with database.transaction() as session:
        assert not mark_handled(session, event_id, "differ", clock.now())


def test_failures_are_counted_for_each_consumer(database: Database, clock: ManualClock) -> None:
    inbox = Inbox(database, "differ", poison_after=3)
    event_id = announced(database, clock)
    assert inbox.failures(event_id) == 0
    inbox.failed(event_id, "boom", clock.now())
    assert inbox.failures(event_id) == 1
    assert Inbox(database, "notifier", poison_after=3).failures(event_id) == 0


def test_failures_add_up_to_a_dead_letter(database: Database, clock: ManualClock) -> None:
    inbox = Inbox(database, "differ", poison_after=3)
    event_id = announced(database, clock)
    assert [inbox.failed(event_id, "boom", clock.now()) for _ in range(3)] == [False, False, True]
    assert inbox.is_settled(event_id)
    assert not Inbox(database, "notifier", poison_after=3).is_settled(event_id)


@pytest.mark.parametrize(("publications", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (39, 3600)])
def test_sweep_delay(publications: int, seconds: int) -> None:
    assert sweep_delay(publications, timedelta(seconds=30)) == timedelta(seconds=seconds)
