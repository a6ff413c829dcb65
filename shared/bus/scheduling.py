"""Composition root of the scheduler: settings → outbox, broker and due work → one ticking loop."""

import signal
import threading
from datetime import timedelta
from types import FrameType

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.relay import Relay, Sweep
from shared.bus.scheduler import Chore, Load, Scheduler
from shared.bus.topology import CONSUMERS, DIGESTS_DUE, REGISTRY_DUE, RETENTION_DUE
from shared.clock import Clock, SystemClock
from shared.db.differ import DifferStore
from shared.db.due import DueWork
from shared.db.identity.idempotency import forget_keys
from shared.db.identity.sessions import Sessions
from shared.db.ledger.sequencing import Sequencer
from shared.db.notifier.weeks import tell_weeks
from shared.db.outbox import OutboxStore
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.evidence.heads import signing_key
from shared.metrics import serve_probes
from shared.settings import Settings

_DIGESTS_EVERY_S = 5.0
_REGISTRY_EVERY_S = 1.0
_LEDGER_EVERY_S = 1.0
_HOUR_S = 3600.0
_MINUTE_S = 60.0
_KEEP_SETTLED_EVENTS = timedelta(days=7)
_KEEP_ANSWERS = timedelta(hours=24)
"""To requests with an idempotency key (docs/api.md)."""


def make_scheduler(settings: Settings, database: Database, publisher: Publisher, clock: Clock) -> Scheduler:
    """The scheduler with its chores: what has no event and no due row of its own."""
    store = OutboxStore(database)
    after = timedelta(seconds=settings.sweep_after_s)
    differ = DifferStore(database)
    unstable_after = timedelta(seconds=settings.unstable_after_s)
    due, registry, sessions = DueWork(database), RegistryStore(database), Sessions(database)
    sequencer = Sequencer(database, clock, signing_key(settings))

    def wake_for_digests() -> None:
        if due.digests(clock.now()).count:
            publisher.wake(DIGESTS_DUE, 1, waiting=1)

    def wake_for_registry() -> None:
        if registry.is_due():
            publisher.wake(REGISTRY_DUE, 1, waiting=1)

    return Scheduler(
        Relay(store, publisher, clock, sweep_after=after),
        Sweep(store, publisher, clock, CONSUMERS, after=after),
        publisher,
        due,
        clock,
        Load(settings.fetch_concurrency, settings.notifier_batch),
        tick_s=settings.tick_s,
        chores=(
            Chore("digests", _DIGESTS_EVERY_S, wake_for_digests),
            Chore("registry", _REGISTRY_EVERY_S, wake_for_registry),
            Chore("ledger", _LEDGER_EVERY_S, sequencer.run_once),
            Chore("retention", _HOUR_S, lambda: publisher.wake(RETENTION_DUE, 1, waiting=1)),
            Chore("plan limits", _HOUR_S, lambda: tell_weeks(database, clock.now())),
            Chore("settled events", _HOUR_S, lambda: store.forget_settled(clock.now() - _KEEP_SETTLED_EVENTS)),
            Chore("kept answers", _HOUR_S, lambda: forget_keys(database, clock.now() - _KEEP_ANSWERS)),
            Chore("sessions", _HOUR_S, lambda: sessions.forget_expired(clock.now())),
            Chore("unsettled", _MINUTE_S, lambda: differ.overdue_candidates(clock.now() - unstable_after, clock.now())),
        ),
    )


def run(settings: Settings, broker_url: str) -> int:
    """Tick until SIGTERM or SIGINT; the exit status."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    database = Database(settings.sqlalchemy_url, pool_size=2)
    clock = SystemClock(database.clock_offset())
    publisher = Publisher(make_app("scheduler", broker_url))
    scheduler = make_scheduler(settings, database, publisher, clock)
    if settings.metrics_port is not None:
        alive = 10 * settings.tick_s + _MINUTE_S
        serve_probes(
            settings.metrics_host,
            settings.metrics_port,
            ready=lambda: not scheduler.is_waiting,
            live=lambda: clock.monotonic() - scheduler.turned_at < alive,
        )
    try:
        scheduler.run(stop)
    finally:
        publisher.close()
        database.close()
    return 0
