"""How much waits for each service, and since when: what an operator looks at when something is slow."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from shared.db.due import Due, DueWork
from shared.db.session import Database
from shared.db.tables import DeliveryRow, OutboxRow, SnapshotRow
from shared.domain.deliveries import DeliveryState


@dataclass(frozen=True, slots=True)
class Queue:
    """Work of one kind: whose it is, what is counted, and what can be taken of it now."""

    service: str
    what: str
    due: Due


class Backlog:
    """Counts it in the database, where all work stands; the broker only says that there is some."""

    def __init__(self, database: Database) -> None:
        self._database, self._due = database, DueWork(database)

    def queues(self, now: datetime) -> list[Queue]:
        """Every kind of work, in the order in which one brings about the next."""
        return [
            Queue("fetcher", "hosts with documents to look at", self._due.checks(now)),
            Queue("differ", "captures to judge", self._unjudged()),
            Queue("relay", "events to give to the broker", self._unpublished()),
            Queue("notifier", "deliveries to send", self._due.deliveries(now)),
            Queue("notifier", "items of digests to make", self._due.digests(now)),
        ]

    def given_up(self) -> int:
        """Deliveries that were given up; their owners can send them again."""
        query = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state) == DeliveryState.DEAD.value)
        with self._database.reading() as session:
            return session.scalars(query).one()

    def _unjudged(self) -> Due:
        return self._count(col(SnapshotRow.captured_at), col(SnapshotRow.judged).is_(False))

    def _unpublished(self) -> Due:
        return self._count(col(OutboxRow.created_at), col(OutboxRow.published_at).is_(None))

    def _count(self, at: Mapped[datetime], waits: ColumnElement[bool]) -> Due:
        with self._database.reading() as session:
            count, oldest = session.execute(select(func.count(), func.min(at)).where(waits)).one()
            return Due(count, oldest)
