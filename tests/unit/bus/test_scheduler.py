import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from shared.bus.publisher import BrokerDown
from shared.bus.relay import BATCH
from shared.bus.scheduler import SWEEP_EVERY_S, Chore, Load, Scheduler
from shared.clock import ManualClock
from shared.db.due import Due
from shared.metrics import DUE_LAG

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOTHING = Due(0, None)


class Steps:
    """A relay or a sweep that does so much at each pass."""

    def __init__(self, *did: int) -> None:
        self.did = list(did)
        self.passes = 0

    def run_once(self) -> int:
        self.passes += 1
        return self.did.pop(0) if self.did else 0


class Broker:
    """Remembers wake-up calls; may be down."""

    def __init__(self) -> None:
        self.woken: list[tuple[str, int, int]] = []
        self.down = False

    def wake(self, name: str, copies: int, *, waiting: int) -> None:
        if self.down:
            raise BrokerDown("no route")
        self.woken.append((name, copies, waiting))


class Work:
    """So much due work."""

    def __init__(self, checks: Due = NOTHING, deliveries: Due = NOTHING) -> None:
        self._checks, self._deliveries = checks, deliveries

    def checks(self, now: datetime) -> Due:
        return self._checks

    def deliveries(self, now: datetime) -> Due:
        return self._deliveries


class Bench:
    def __init__(self, work: Work | None = None, *, chores: tuple[Chore, ...] = (), relay: Steps | None = None) -> None:
        self.clock = ManualClock(NOW)
        self.broker = Broker()
        self.relay, self.sweep = relay or Steps(), Steps()
        self.scheduler = Scheduler(
            self.relay,
            self.sweep,
            self.broker,
            work or Work(),
            self.clock,
            Load(check_concurrency=8, delivery_batch=100),
            tick_s=0.2,
            chores=chores,
        )


@pytest.mark.parametrize(
    ("work", "woken"),
    [
        (Work(), []),
        (Work(checks=Due(3, NOW)), [("checks.due", 3, 3)]),
        (Work(checks=Due(50, NOW)), [("checks.due", 8, 8)]),
        (Work(checks=Due(0, NOW)), []),
        (Work(deliveries=Due(1, NOW)), [("deliveries.due", 1, 1)]),
        (Work(deliveries=Due(201, NOW)), [("deliveries.due", 3, 3)]),
    ],
)
def test_workers_are_woken_where_work_is_due(work: Work, woken: list[tuple[str, int, int]]) -> None:
    bench = Bench(work)

    assert bench.scheduler.tick()

    assert bench.broker.woken == woken


def test_a_full_batch_is_followed_by_the_next_at_once() -> None:
    bench = Bench(relay=Steps(BATCH, BATCH, 3))

    bench.scheduler.tick()

    assert bench.relay.passes == 3


def test_the_lag_of_due_work_is_shown() -> None:
    Bench(Work(checks=Due(0, NOW - timedelta(seconds=90)))).scheduler.tick()

    assert DUE_LAG.labels("checks")._value.get() == 90
    assert DUE_LAG.labels("deliveries")._value.get() == 0


def test_chores_run_when_their_time_has_come() -> None:
    ran: list[str] = []
    bench = Bench(chores=(Chore("hourly", 3600, lambda: ran.append("hourly")),))
    for _ in range(3):
        bench.scheduler.tick()
        bench.clock.advance(timedelta(seconds=SWEEP_EVERY_S))

    assert (bench.sweep.passes, ran) == (3, ["hourly"])
    bench.clock.advance(timedelta(hours=1))
    bench.scheduler.tick()
    assert ran == ["hourly", "hourly"]


def test_a_chore_whose_broker_was_down_is_made_up_for() -> None:
    bench = Bench()
    bench.scheduler = Scheduler(
        Steps(),
        Steps(),
        bench.broker,
        Work(),
        bench.clock,
        Load(8, 100),
        tick_s=0.2,
        chores=(Chore("retention", 3600, lambda: bench.broker.wake("retention.due", 1, waiting=1)),),
    )
    bench.broker.down = True
    assert not bench.scheduler.tick()
    bench.broker.down = False
    assert bench.scheduler.tick()

    assert bench.broker.woken == [("retention.due", 1, 1)]


def test_a_broker_that_is_away_is_told_of_once_and_once_more_when_it_is_back() -> None:
    bench = Bench(Work(checks=Due(1, NOW)))
    bench.broker.down = True
    with capture_logs() as logs:
        assert [bench.scheduler.tick() for _ in range(3)] == [False] * 3
        bench.broker.down = False
        assert [bench.scheduler.tick() for _ in range(2)] == [True] * 2

    assert [entry["event"] for entry in logs] == ["scheduler.waiting", "scheduler.resumed"]
    assert logs[0]["on"] == "broker"


class Stop(threading.Event):
    """An event whose waits pass at once and are counted; set after so many."""

    def __init__(self, after: int, each: Callable[[], None]) -> None:
        super().__init__()
        self.waits: list[float | None] = []
        self._after, self._each = after, each

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        self._each()
        if len(self.waits) == self._after:
            self.set()
        return self.is_set()


def test_it_waits_longer_and_longer_while_the_broker_is_away() -> None:
    bench = Bench(Work(checks=Due(1, NOW)))
    bench.broker.down = True
    stop = Stop(8, lambda: None)

    bench.scheduler.run(stop)

    assert stop.waits == [0.5, 1, 2, 4, 8, 10, 10, 10]


def test_it_ticks_until_it_is_stopped() -> None:
    bench = Bench()
    stop = Stop(3, lambda: bench.clock.advance(timedelta(seconds=0.2)))

    bench.scheduler.run(stop)

    assert stop.waits == [0.2, 0.2, 0.2]
    assert bench.clock.monotonic() - bench.scheduler.turned_at == pytest.approx(0.2)
    assert not bench.scheduler.is_waiting


def test_it_turns_but_waits_while_the_broker_is_away() -> None:
    bench = Bench(Work(checks=Due(1, NOW)))
    assert bench.scheduler.is_waiting, "nothing is known before the first round"
    bench.broker.down = True
    bench.clock.advance(timedelta(seconds=90))
    bench.scheduler.tick()
    assert bench.scheduler.is_waiting
    assert bench.scheduler.turned_at == bench.clock.monotonic()
    bench.broker.down = False
    bench.scheduler.tick()
    assert not bench.scheduler.is_waiting
