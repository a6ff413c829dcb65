"""One change to 100,000 subscriptions: how soon its deliveries are written, how soon the first one is out, memory.

    python -m benchmarks.fanout [--database postgresql|sqlite|both] [--watchers 100000]

Each watcher is an account with a webhook and a subscription; they name the platform, the document or its type in
several ways that all meet the change; one in ten has a second subscription to the same endpoint, one in ten is on a
plan without webhooks. The notifier's own teller writes the deliveries in this process, while a courier in another
thread sends them to a sink in another process, as a worker does. At the end each endpoint of a plan with webhooks was
sent the change once.
"""

import argparse
import gc
import threading
import time
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy import func, insert, select
from sqlmodel import col

from benchmarks.deliveries import ENGINES, databases
from benchmarks.sink import RunningSink, running_sink
from services.notifier.adapters.loop import LoopThread
from services.notifier.handlers.telling import Teller
from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import (
    AccountRow,
    DeliveryRow,
    EndpointRow,
    SubscriptionEndpointRow,
    SubscriptionRow,
    SubscriptionTermRow,
)
from shared.domain.signing import secret_from
from shared.logging import configure_logging
from shared.secrets import secret_box
from shared.settings import Settings
from tests.factories.accounts import add_change, add_document, change_event

TERMS = (
    (("platform", "acme"),),
    (("document", "doc_acme_1"),),
    (("platform", "acme"), ("type", "Terms of Service")),
)
"""What subscriptions name, in turn; all of it meets the change."""

_BATCH = 5_000


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--watchers", type=int, default=100_000)
    options = parser.parse_args()
    configure_logging("ERROR", json=True, process="benchmark")
    for engine in ENGINES if options.database == "both" else (options.database,):
        with databases(engine) as make, running_sink() as sink:
            print(f"{engine}, {options.watchers:,} watchers, load average {psutil.getloadavg()[0]:.1f}")
            measure(make(), sink, options.watchers)


def measure(settings: Settings, sink: RunningSink, watchers: int) -> None:
    """Seed, tell, send, check and print."""
    database = Database(settings.sqlalchemy_url)
    clock = SystemClock(timedelta(0))
    document_id = add_document(database)
    change_id = add_change(database, document_id)
    wanted = seed(database, settings, sink.url, watchers)

    async def courier():  # type: ignore[no-untyped-def]
        return make_courier(settings, database, clock)

    loop = LoopThread(courier)
    watched = _Peak()
    try:
        gc.freeze()  # as the worker does
        teller = Teller(TellingStore(database), clock, loop.wake, grouping=timedelta(minutes=10))
        cpu, begun = time.process_time(), time.monotonic()
        teller.change_detected(change_event(change_id), event_id="evt_bench", correlation_id="cor_bench")
        written, cpu = time.monotonic() - begun, time.process_time() - cpu
        while sink.count() < wanted:
            time.sleep(0.2)
            loop.wake()
        log = sink.log()
    finally:
        loop.close()
        grew = watched.stop()
    try:
        alone = tell_alone(database, clock, document_id)
    finally:
        with database.reading() as session:
            rows = session.scalar(select(func.count(col(DeliveryRow.endpoint_id).distinct()))) or 0
        database.close()
    assert rows == watchers, rows
    assert len(log) == len({webhook_id for webhook_id, _ in log}) == wanted, len(log)
    print(f"  rows written in        {written:7.2f} s ({cpu:.1f} s of CPU, sending beside it included)")
    print(f"  the same, none sent    {alone:7.2f} s")
    print(f"  first delivery out     {log[0][1] - begun:7.2f} s after the event was taken up")
    print(f"  all {wanted:,} received in {log[-1][1] - begun:7.1f} s")
    print(f"  memory grew by         {grew:7.1f} MB at most")


def tell_alone(database: Database, clock: SystemClock, document_id: str) -> float:
    """Seconds to write the rows of another change while nothing is sent."""
    teller = Teller(TellingStore(database), clock, lambda: None, grouping=timedelta(minutes=10))
    another = change_event(add_change(database, document_id, 2))
    begun = time.monotonic()
    teller.change_detected(another, event_id="evt_alone", correlation_id="cor_alone")
    return time.monotonic() - begun


def seed(database: Database, settings: Settings, url: str, watchers: int) -> int:
    """Fill the database; how many of the watchers are to receive something."""
    now = datetime.now(UTC)  # noqa: TID251
    sealed = secret_box(settings).seal(secret_from(b"s" * 32))
    for begin in range(0, watchers, _BATCH):
        numbers = range(begin, min(begin + _BATCH, watchers))
        accounts = [
            {"id": f"acc_{n}", "name": "", "plan": _plan(n), "timezone": "UTC", "created_at": now} for n in numbers
        ]
        endpoints = [
            {
                "id": f"ep_{n}",
                "account_id": f"acc_{n}",
                "kind": "webhook",
                "address": f"{url}/{n}",
                "secret": sealed,
                "created_at": now,
            }
            for n in numbers
        ]
        named = [
            (n, f"sub_{n}_{i}", TERMS[(n + i) % len(TERMS)]) for n in numbers for i in range(2 if n % 10 == 5 else 1)
        ]
        subscriptions = [{"id": name, "account_id": f"acc_{n}", "created_at": now} for n, name, _ in named]
        links = [{"subscription_id": name, "endpoint_id": f"ep_{n}"} for n, name, _ in named]
        terms = [
            {"subscription_id": name, "kind": kind, "value": value} for _, name, terms in named for kind, value in terms
        ]
        with database.transaction() as session:
            for table, rows in (
                (AccountRow, accounts),
                (EndpointRow, endpoints),
                (SubscriptionRow, subscriptions),
                (SubscriptionEndpointRow, links),
                (SubscriptionTermRow, terms),
            ):
                session.execute(insert(table), rows)
    return sum(_plan(number) != "free" for number in range(watchers))


def _plan(number: int) -> str:
    return "free" if number % 10 == 0 else "watcher" if number % 10 < 5 else "compliance"


class _Peak:
    """Watches this process's memory from a thread, from when it is made."""

    def __init__(self) -> None:
        self._process, self._over = psutil.Process(), threading.Event()
        self._first = self._most = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """How many MB it grew by at most."""
        self._over.set()
        self._thread.join()
        return (self._most - self._first) / 1e6

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self._most = max(self._most, self._process.memory_info().rss)


if __name__ == "__main__":
    main()
