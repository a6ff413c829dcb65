"""CPU and rate of durable signed webhook deliveries, beside a plain synchronous loop in the same run.

    python -m benchmarks.deliveries [--database postgresql|sqlite|both] [--deliveries 20000] [--endpoints 100]
    python -m benchmarks.deliveries --hanging

A delivery here is: claimed with a lease, charged to its account's quota, signed, sent to a sink in another process,
and recorded with its attempt, by the notifier's own courier as the worker makes it. The bodies have 2 KB. The plain
loop does what a first version would: one row, one `httpx.post`, one commit at a time; beside it the same with one
client, whose connections are kept. CPU is this process's own; the
database server's is shown beside it, the sink's is not ours. Every run checks that each delivery arrived once, under
its own id, and has one attempt.

`--hanging` measures how long others wait, due → received, with and without one endpoint of all that never answers.
"""

import argparse
import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
from sqlalchemy import create_engine, text

from benchmarks.delivering import Load, record_one, seed, standing
from benchmarks.sink import RunningSink, running_sink
from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.migrate import upgrade
from shared.db.session import Database
from shared.domain import signing
from shared.logging import configure_logging
from shared.settings import Settings
from tests.servers.postgres import running_postgres

ENGINES = ("postgresql", "sqlite")
PLAIN = 500
HANGING_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """What a number of deliveries took; CPU and wall time in seconds."""

    count: int
    wall_s: float
    cpu_s: float
    server_cpu_s: float

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.count / self.wall_s

    def row(self, name: str) -> str:
        """A line of the table."""
        each, server = 1000 * self.cpu_s / self.count, 1000 * self.server_cpu_s / self.count
        return f"{name:<34}{self.count:>8}{self.rate:>10.0f}{each:>12.3f}{server:>14.3f}"


def main() -> None:
    """Run and print."""
    options = _options()
    configure_logging("ERROR", json=True, process="benchmark")
    for engine in ENGINES if options.database == "both" else (options.database,):
        print(f"{engine}: load average {psutil.getloadavg()[0]:.1f}")
        if options.hanging:
            _hanging(engine, options.endpoints)
        else:
            _throughput(engine, Load(options.deliveries, options.endpoints))


def _throughput(engine: str, load: Load) -> None:
    print(f"{'':<34}{'count':>8}{'a second':>10}{'CPU ms each':>12}{'server CPU ms':>14}")
    with databases(engine) as make, running_sink() as sink:
        plain = plain_loop(make(), sink, keeps_client=False)
        print(plain.row("plain synchronous loop"))
        kept = plain_loop(make(), sink, keeps_client=True)
        print(kept.row("the same, one client"))
        sink.forget()
        ours = deliver(make(), sink, load)
        print(ours.row("courier"))
        _check(sink, load)
    print(f"{ours.rate / plain.rate:.1f} times the plain loop, {ours.rate / kept.rate:.1f} times with one client")


def deliver(settings: Settings, sink: RunningSink, load: Load) -> Measured:
    """Seed, then let one courier send everything."""
    database = Database(settings.sqlalchemy_url)
    try:
        seed(database, settings, sink.url, load)
        gc.freeze()  # as the worker does
        with measuring(load.deliveries, settings.sqlalchemy_url) as measured:
            asyncio.run(_until_received(settings, database, sink, load.deliveries))
        delivered, attempts = standing(database)
        assert (delivered, attempts) == (load.deliveries, load.deliveries), (delivered, attempts)
        return measured()
    finally:
        database.close()


def plain_loop(settings: Settings, sink: RunningSink, *, keeps_client: bool) -> Measured:
    """The same deliveries one by one."""
    database = Database(settings.sqlalchemy_url)
    try:
        rows = seed(database, settings, sink.url, Load(PLAIN, 10))
        secret = signing.secret_from(b"s" * 32)
        with httpx.Client() as client, measuring(len(rows), settings.sqlalchemy_url) as measured:
            post = client.post if keeps_client else httpx.post
            for delivery_id, url, body in rows:
                headers = dict(signing.headers(delivery_id, int(time.time()), body, [secret]))  # noqa: TID251
                status = post(url, content=body, headers=headers, timeout=15).status_code
                record_one(database, delivery_id, status)
        return measured()
    finally:
        database.close()


def _hanging(engine: str, endpoints: int) -> None:
    """Rounds with and without, in turn, so that a noisy neighbour disturbs both alike."""
    waits: dict[bool, list[float]] = {False: [], True: []}
    with databases(engine) as make, running_sink() as sink:
        for _ in range(HANGING_ROUNDS):
            for hangs in (False, True):
                waits[hangs].append(_p99(make(), sink, Load(endpoints * 20, endpoints, hangs=hangs)))
    without, with_one = statistics.median(waits[False]), statistics.median(waits[True])
    print(f"p99 of others, due → received, median of {HANGING_ROUNDS} rounds of {endpoints * 20} deliveries:")
    print(f"  without a hanging endpoint {without * 1000:7.1f} ms   {[round(one * 1000) for one in waits[False]]}")
    print(f"  with one among {endpoints:<11} {with_one * 1000:7.1f} ms   {[round(one * 1000) for one in waits[True]]}")
    print(f"  {100 * (with_one / without - 1):+.1f} %")


def _p99(settings: Settings, sink: RunningSink, load: Load) -> float:
    """How long deliveries to endpoints that answer wait from the moment they are due."""
    database = Database(settings.sqlalchemy_url)
    try:
        others = {delivery_id for delivery_id, url, _ in seed(database, settings, sink.url, load) if "hangs" not in url}
        sink.forget()
        due_at = time.monotonic()
        asyncio.run(_until_received(settings, database, sink, len(others)))
        waited = sorted(at - due_at for webhook_id, at in sink.log() if webhook_id in others)
        return waited[int(len(waited) * 0.99)]
    finally:
        database.close()


async def _until_received(settings: Settings, database: Database, sink: RunningSink, wanted: int) -> None:
    courier, close = make_courier(settings, database, SystemClock(timedelta(0)))
    running = asyncio.create_task(courier.run())
    courier.wake()
    while await asyncio.to_thread(sink.count) < wanted:
        await asyncio.sleep(0.1)
        courier.wake()
    courier.stop()
    await running
    await close()


def _check(sink: RunningSink, load: Load) -> None:
    ids = [webhook_id for webhook_id, _ in sink.log()]
    assert len(ids) == len(set(ids)) == load.deliveries, (len(ids), len(set(ids)))


@contextmanager
def databases(engine: str) -> Iterator[Callable[[], Settings]]:
    """Makes settings with an empty, migrated database for each call."""
    with tempfile.TemporaryDirectory(prefix="cw-deliveries-") as folder:
        made = 0

        def settings(url: str) -> Settings:
            upgrade(url)
            return Settings(
                database_url=url,
                data=Path(folder),
                allow_loopback=True,
                allow_http_webhooks=True,
                endpoint_per_second=1_000_000,
                endpoint_in_flight=64,
                delivery_deadline_s=10,
            )

        if engine == "sqlite":

            def on_sqlite() -> Settings:
                nonlocal made
                made += 1
                return settings(f"sqlite:///{folder}/{made}.db")

            yield on_sqlite
            return
        with running_postgres() as server:

            def on_postgresql() -> Settings:
                nonlocal made
                made += 1
                server.run("CREATE DATABASE {}", f"run{made}")
                return settings(server.url(f"run{made}"))

            yield on_postgresql


@contextmanager
def measuring(count: int, url: str) -> Iterator[Callable[[], Measured]]:
    """Times the block; the result is there once it has ended."""
    servers = _server_cpu(url)
    cpu, wall = time.process_time(), time.perf_counter()
    result: list[Measured] = []
    yield lambda: result[0]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    result.append(Measured(count, wall, cpu, _server_cpu(url) - servers))


def _server_cpu(url: str) -> float:
    """CPU seconds of the database's processes so far; 0 for SQLite, which works inside ours."""
    if url.startswith("sqlite"):
        return 0.0
    engine = create_engine(url)
    with engine.connect() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
        parent = psutil.Process(int(backend or 0)).parent()
        family = [parent, *parent.children()] if parent else []
        used = sum(sum(one.cpu_times()[:4]) for one in family)
    engine.dispose()
    return used


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--deliveries", type=int, default=20_000)
    parser.add_argument("--endpoints", type=int, default=100)
    parser.add_argument("--hanging", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
