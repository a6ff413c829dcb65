"""One pass over all watched documents: ask for it in the database, wait until all is judged, count what it took."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session, col

from benchmarks.usage import cpu_by_name, used_since
from services.cli.errors import Failure
from services.cli.opening import Opened
from shared.db.sources import NewDocument, Sources
from shared.db.tables import ChangeRow, CheckRow, EventHandledRow, OutboxRow, ScheduleRow, SnapshotRow
from shared.domain.documents import Declaration, Part
from tests.servers.nginx import Site

_POLL_S = 0.05
_STUCK_S = 120.0
_SOON = timedelta(minutes=1)
"""A look at an unusable capture, hours from now, is no part of a pass."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass came to. `statuses` are the server's own count."""

    name: str
    wall_s: float
    checks: int
    outcomes: dict[str, int]
    statuses: dict[int, int]
    changes: int
    cpu_s: dict[str, float]


class Watched:
    """The documents of one installation whose system is running."""

    def __init__(self, opened: Opened, site: Site, data: Path) -> None:
        self._opened, self._site, self._data = opened, site, data
        self._sources = Sources(opened.database)
        self._ids: list[str] = []

    def watch(self, urls: Sequence[str]) -> None:
        """Watch pages, each a document of a platform of its own; they are due at once, and confirmed at once."""
        wanted = [
            NewDocument(
                platform=f"Page {len(self._ids) + n}",
                type="Terms of Service",
                declaration=Declaration(parts=(Part(url=url),)),
                confirm_after_s=0,
                interval_s=21_600,
            )
            for n, url in enumerate(urls)
        ]
        watched = self._sources.watch(wanted, self._opened.clock.now())
        self._ids += [document_id for document_id, _ in watched]

    def make_due(self) -> None:
        """Ask for a check of every document."""
        self._sources.make_due(self._ids, self._opened.clock.now())

    def run(self, name: str, begin: Callable[[], None] | None = None) -> Pass:
        """One pass, begun by `begin` (`make_due` where none is given), until all is judged and every event handled."""
        self._site.asked()
        with self._opened.database.reading() as session:
            last_check = session.scalar(select(func.max(CheckRow.id))) or 0
            changes = _count(session, ChangeRow)
        before, started = cpu_by_name(self._data), time.monotonic()
        (begin or self.make_due)()
        self.wait_until_settled()
        wall, cpu = time.monotonic() - started, used_since(before, self._data)
        with self._opened.database.reading() as session:
            outcomes = Counter(session.scalars(select(col(CheckRow.outcome)).where(col(CheckRow.id) > last_check)))
            changes = _count(session, ChangeRow) - changes
        return Pass(name, wall, outcomes.total(), dict(outcomes), dict(self._site.statuses()), changes, cpu)

    def wait_until_settled(self) -> None:
        """Return once nothing is due, leased, waiting for confirmation, unjudged or unhandled; Failure says what is."""
        deadline = time.monotonic() + _STUCK_S
        while any((left := self._unsettled()).values()):
            if time.monotonic() > deadline:
                raise Failure(f"the pass did not end in {_STUCK_S:.0f} s; still open: {left}")
            time.sleep(_POLL_S)

    def first_check_at(self) -> datetime:
        with self._opened.database.reading() as session:
            return session.scalars(select(col(CheckRow.at)).order_by(col(CheckRow.id))).first() or datetime.max

    def _unsettled(self) -> dict[str, int]:
        """How much is still to be done, by what it waits for."""
        now = self._opened.clock.now()
        documents = {
            "due": col(ScheduleRow.next_check_at) <= now,
            "to confirm": col(ScheduleRow.confirm_at) <= now + _SOON,
            "leased": col(ScheduleRow.lease_until).is_not(None),
        }
        unjudged = select(func.count()).select_from(SnapshotRow).where(col(SnapshotRow.judged).is_(False))
        with self._opened.database.reading() as session:
            left = {
                name: session.scalar(select(func.count()).select_from(ScheduleRow).where(condition)) or 0
                for name, condition in documents.items()
            }
            left["unjudged"] = session.scalar(unjudged) or 0
            left["unhandled"] = _count(session, OutboxRow) - _count(session, EventHandledRow)
        return left


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
