"""How long pages and lists take, and how large they are, over a registry of made-up policies.

    python -m benchmarks.pages [--database sqlite|postgresql|both] [--documents 300] [--changes 5000] [--requests 120]
                               [--processes 1] [--only TEXT] [--keep FOLDER]

Seeds so many documents (about 67 provisions each) with so many changes by `import-versions`, on SQLite, and copies
the rows to PostgreSQL. The API serves them in so many processes of its own; eight clients that never pause ask every
route that answers GET, one route at a time, signed in as an owner who runs the installation, while something is
committed once a second. Printed are the 50th and 95th percentile of the time from a request's arrival at the server to
its answer, and the bytes transferred; what is slower than 50 ms (likeness to other platforms: 100 ms) or larger than
150 KB is marked.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from sqlalchemy import func, insert, select, update
from sqlmodel import SQLModel

from benchmarks.page_clients import CLIENTS, Measured, ask, neighbour
from benchmarks.page_routes import Target, targets
from benchmarks.page_texts import lay_out
from services.api.app import make_resources, make_routes
from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.importing.command import results
from services.cli.importing.index import read_index
from services.cli.importing.texts import Job
from services.cli.importing.unpacking import unpacked
from services.cli.opening import Opened, open_installation
from shared.db import dump
from shared.db.identity.members import Members
from shared.db.identity.sessions import Sessions
from shared.db.migrate import upgrade
from shared.db.session import Database
from shared.db.tables import ChangeRow, DocumentRow, RegisteredProvisionRow, ScheduleRow
from shared.logging import configure_logging
from shared.settings import Settings, load_settings
from tests.servers.ports import free_ports
from tests.servers.postgres import running_postgres

ENGINES = ("sqlite", "postgresql")
_STARTS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom, how often, of how many processes, and what: routes that hold a text."""

    token: str
    requests: int
    processes: int
    only: str


def main() -> None:
    """Seed, ask, print; the exit status says whether anything was marked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--changes", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=120)
    parser.add_argument("--processes", type=int, default=1, help="CLAUSEWATCH_API_PROCESSES")
    parser.add_argument("--only", default="", help="routes that hold this text")
    parser.add_argument("--keep", type=Path, help="seed in this folder, or use what was seeded there before")
    options = parser.parse_args()
    configure_logging("ERROR", json=True, process="benchmark")
    engines = ENGINES if options.database == "both" else (options.database,)
    with tempfile.TemporaryDirectory(prefix="cw-pages-") as made:
        data: Path = options.keep or Path(made)
        os.environ["CLAUSEWATCH_DATA"] = str(data)
        os.environ.pop("DATABASE_URL", None)
        with open_installation(load_settings()) as opened:
            token = _seeded(opened, options.documents, options.changes)
            asked = Asked(token, options.requests, options.processes, options.only)
            marked = [_measure_engine(engine, opened, asked) for engine in engines]
    raise SystemExit(any(marked))


def _seeded(opened: Opened, documents: int, changes: int) -> str:
    """Lay out, import, and sign in; the session's cookie."""
    database = opened.database
    if not _count(database, DocumentRow):
        with tempfile.TemporaryDirectory(prefix="cw-texts-") as folder:
            lay_out(Path(folder) / "given", documents, 1 + -(-changes // documents))
            with unpacked(Path(folder) / "given") as archive:
                index = read_index(archive, opened.clock.now())
                jobs = (Job(document, texts) for document, texts in index.documents.items())
                began = time.monotonic()
                faults = [fault for done in results(jobs, opened, psutil.cpu_count() or 1) for fault in done.faults]
        assert not faults, faults[:3]
        _watch_all(opened)
        print(f"seeded in {time.monotonic() - began:.0f} s")
    counted = ", ".join(f"{_count(database, row):,} {row.__tablename__}" for row in (DocumentRow, ChangeRow))
    print(f"{counted}, {_count(database, RegisteredProvisionRow):,} provisions that stand")
    local_accounts(opened)
    now = opened.clock.now()
    owner, _ = Members(database).add(LOCAL_ACCOUNT, "owner@reader.example", "owner", now, is_operator=True)
    return Sessions(database).begin(owner.id, now)


def _watch_all(opened: Opened) -> None:
    """As documents that are watched: with a schedule, so that pages show their health."""
    now = opened.clock.now()
    with opened.database.transaction() as session:
        ids = list(session.scalars(select(DocumentRow.id)))  # type: ignore[call-overload]
        session.execute(update(DocumentRow).values(state="active"))
        rows = [
            {
                "document_id": document_id,
                "host": "policies.example",
                "next_check_at": now,
                "last_checked_at": now,
                "interval_s": 3600.0,
                "failures": 0,
                "browser_needed": False,
            }
            for document_id in ids
        ]
        session.connection().execute(insert(ScheduleRow), rows)


def _measure_engine(engine: str, opened: Opened, asked: Asked) -> bool:
    if engine == "sqlite":
        return _measure(engine, opened.settings, asked)
    with running_postgres() as server:
        server.run("CREATE DATABASE {}", "pages")
        url = server.url("pages")
        upgrade(url)
        _copy(opened.database, url)
        settings = opened.settings.model_copy(update={"database_url": url})
        return _measure(engine, settings, asked)


def _copy(source: Database, url: str) -> None:
    target = Database(url)
    try:
        with dump.one_moment(source.engine) as reading, target.engine.begin() as writing:
            for table in dump.tables_of(writing):
                dump.load(writing, table, dump.lines(reading, table))
        with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    finally:
        target.close()


def _measure(engine: str, settings: Settings, asked: Asked) -> bool:
    """Print each route's line; whether any was marked."""
    database = Database(settings.sqlalchemy_url)
    try:
        found = targets(make_routes(make_resources(settings, database)), database)
        load = psutil.getloadavg()[0]
        print(f"\n{engine}, {CLIENTS} clients, processes: {asked.processes}, load average {load:.1f}")
        print(f"{'route':<58} {'asked':>5} {'p50 ms':>7} {'p95 ms':>7} {'KB':>6}  statuses")
        with _served(settings, asked.processes) as port, neighbour(database):
            lines = [_line(port, target, asked) for target in found if asked.only in target.route]
    finally:
        database.close()
    measured = [line for line in lines if line]
    good = [line for line in measured if not line.faults]
    p50, p95 = (statistics.median(times) for times in ([one.p50 for one in measured], [one.p95 for one in measured]))
    print(f"{len(good)} of {len(measured)} routes unmarked; the median route has p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    return len(good) < len(measured)


def _line(port: int, target: Target, asked: Asked) -> Measured | None:
    if not target.paths:
        print(f"{target.route:<58}  not asked: nothing known for its braces")
        return None
    one = ask(port, asked.token, target, asked.requests)
    said = "  ".join([one.statuses, *one.faults])
    print(f"{one.route:<58} {one.count:>5} {one.p50:>7.1f} {one.p95:>7.1f} {one.largest:>6.1f}  {said}", flush=True)
    return one


@contextmanager
def _served(settings: Settings, processes: int) -> Iterator[int]:
    port = free_ports(1)
    env = os.environ | {"DATABASE_URL": settings.database_url, "CLAUSEWATCH_SECRET_KEY": "0" * 40}
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.page_server", str(port), str(processes)], env=env)
    try:
        _until_served(server, f"http://127.0.0.1:{port}")
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _until_served(server: subprocess.Popen[bytes], base: str) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            httpx.get(f"{base}/feeds/changes.atom", timeout=10)
        except httpx.TransportError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the server did not start") from None
            time.sleep(0.1)
        else:
            return


def _count(database: Database, row: type[SQLModel]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


if __name__ == "__main__":
    main()
