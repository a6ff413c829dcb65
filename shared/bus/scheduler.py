"""One loop that wakes everybody else: it relays the outbox, sweeps, and calls workers where work is due."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import OperationalError

from shared.bus.publisher import BrokerDown
from shared.bus.relay import BATCH
from shared.bus.topology import CHECKS_DUE, DELIVERIES_DUE
from shared.clock import Clock
from shared.db.due import Due
from shared.logging import get_logger
from shared.metrics import DUE_LAG

SWEEP_EVERY_S = 5.0
_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 10.0

log = get_logger()


class DueWork(Protocol):
    """What is due; see `shared.db.due.DueWork`."""

    def checks(self, now: datetime) -> Due: ...

    def deliveries(self, now: datetime) -> Due: ...


class Step(Protocol):
    """The relay, or the sweep: one pass, and how much it did."""

    def run_once(self) -> int: ...


class Waker(Protocol):
    """Wakes a service up; see `shared.bus.publisher.Publisher`."""

    def wake(self, name: str, copies: int, *, waiting: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Load:
    """How much one wake-up call takes on: checks in parallel, deliveries in a batch."""

    check_concurrency: int
    delivery_batch: int


@dataclass(slots=True)
class Chore:
    """Something to do every so often. It first runs when the scheduler starts."""

    name: str
    every_s: float
    run: Callable[[], object]
    due_at: float = field(default=0.0, init=False)


class Scheduler:
    """Ticks until told to stop. While broker or database are away it waits, since all it does can be done later."""

    def __init__(
        self,
        relay: Step,
        sweep: Step,
        waker: Waker,
        due: DueWork,
        clock: Clock,
        load: Load,
        *,
        tick_s: float,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._relay, self._waker, self._due, self._clock, self._load = relay, waker, due, clock, load
        self._tick_s = tick_s
        self._chores = (Chore("sweep", SWEEP_EVERY_S, sweep.run_once), *chores)
        self._backoff_s = 0.0
        self.turned_at = clock.monotonic()
        """When the last round ended, by the monotonic clock: the scheduler's sign of life."""
        self.is_waiting = True
        """Whether the last round found broker or database away; so it is before the first."""

    def run(self, stop: threading.Event) -> None:
        """Tick every `tick_s` seconds until `stop` is set."""
        while not stop.is_set():
            stop.wait(self._tick_s if self.tick() else self._backoff_s)

    def tick(self) -> bool:
        """One round; False where broker or database are away."""
        try:
            while self._relay.run_once() == BATCH:
                pass
            self._wake_for_due_work()
            self._do_chores()
        except (BrokerDown, OperationalError) as error:
            self._went_down(error)
            return False
        finally:
            self.turned_at = self._clock.monotonic()
        self._came_back()
        return True

    def _wake_for_due_work(self) -> None:
        now = self._clock.now()
        checks, deliveries = self._due.checks(now), self._due.deliveries(now)
        for name, due in (("checks", checks), ("deliveries", deliveries)):
            DUE_LAG.labels(name).set(max((now - due.oldest).total_seconds(), 0) if due.oldest else 0)
        if checks.count:
            copies = min(checks.count, self._load.check_concurrency)
            self._waker.wake(CHECKS_DUE, copies, waiting=copies)
        if deliveries.count:
            copies = -(-deliveries.count // self._load.delivery_batch)
            self._waker.wake(DELIVERIES_DUE, copies, waiting=copies)

    def _do_chores(self) -> None:
        for chore in self._chores:
            now = self._clock.monotonic()
            if chore.due_at <= now:
                chore.run()
                chore.due_at = now + chore.every_s

    def _went_down(self, error: Exception) -> None:
        if not self._backoff_s:
            log.warning("scheduler.waiting", on=_what(error), error=str(error).splitlines()[0])
        self._backoff_s = min(max(self._backoff_s * 2, _FIRST_BACKOFF_S), _LONGEST_BACKOFF_S)
        self.is_waiting = True

    def _came_back(self) -> None:
        if self._backoff_s:
            log.info("scheduler.resumed")
        self._backoff_s = 0.0
        self.is_waiting = False


def _what(error: Exception) -> str:
    return "broker" if isinstance(error, BrokerDown) else "database"
