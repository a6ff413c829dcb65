"""Clients that ask pages without a pause, and a neighbour that writes meanwhile."""

import http.client
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import col

from benchmarks.page_routes import Target
from benchmarks.page_server import HEADER
from services.api.identity import COOKIE
from shared.db.session import Database
from shared.db.tables import ScheduleRow

CLIENTS = 8
MOST_MS, MOST_LIKENESS_MS, MOST_KB = 50.0, 100.0, 150.0
_LIKENESS = "/provisions/{provision_id}"
"""The page that shows how other platforms handle the same."""
_WRITES_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One route's answers; times in milliseconds, sizes in KB."""

    route: str
    count: int
    p50: float
    p95: float
    largest: float
    statuses: str

    @property
    def faults(self) -> list[str]:
        most = MOST_LIKENESS_MS if self.route.endswith(_LIKENESS) else MOST_MS
        slow = [f"SLOW (over {most:.0f} ms)"] if self.p95 > most else []
        return slow + ([f"LARGE (over {MOST_KB:.0f} KB)"] if self.largest > MOST_KB else [])


def ask(port: int, token: str, target: Target, requests: int) -> Measured:
    """Eight clients, each with a connection of its own, ask in turn; the first round warms up and is not counted."""
    paths = [target.paths[number % len(target.paths)] for number in range(requests)]
    together = threading.Barrier(CLIENTS)

    def client(place: int) -> list[tuple[float, int, int]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            _timed(connection, token, paths[place % len(paths)])
            together.wait(60)
            return [_timed(connection, token, path) for path in paths[place::CLIENTS]]
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for some in pool.map(client, range(CLIENTS)) for answer in some]
    times = sorted(took for took, _, _ in answers)
    statuses = " ".join(sorted({str(status) for _, _, status in answers}))
    largest = max(size for _, size, _ in answers) / 1000
    return Measured(target.route, len(times), percentile(times, 0.5), percentile(times, 0.95), largest, statuses)


def _timed(connection: http.client.HTTPConnection, token: str, path: str) -> tuple[float, int, int]:
    """By the standard library's client: one that does more takes the server's time, on the same cores."""
    connection.request("GET", path, headers={"Cookie": f"{COOKIE}={token}", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    return float(answer.headers[HEADER]), len(answer.read()), answer.status


def percentile(ordered: Sequence[float], part: float) -> float:
    """Of values in ascending order."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


@contextmanager
def neighbour(database: Database) -> Iterator[None]:
    """Something is committed once a second, as by checks, so that nothing remembered holds for longer."""
    ended = threading.Event()
    with database.transaction() as session:
        soon = datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251  the server's clock is the machine's
        session.execute(update(ScheduleRow).values(next_check_at=soon))
        one = session.scalar(select(col(ScheduleRow.document_id)).limit(1))

    def write() -> None:
        while not ended.wait(_WRITES_EVERY_S):
            with database.transaction() as session:
                now = datetime.now(UTC)  # noqa: TID251
                mine = update(ScheduleRow).where(col(ScheduleRow.document_id) == one)
                session.execute(mine.values(last_checked_at=now))

    writing = threading.Thread(target=write, name="neighbour")
    writing.start()
    try:
        yield
    finally:
        ended.set()
        writing.join()
