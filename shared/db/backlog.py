"""How much waits for each service, and since when: what an operator looks at when something is slow."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
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


@dataclass(frozen=True, slots=True)
class Work:
    """All that waits, in the order in which one kind brings about the next, and how many deliveries were given up."""

    queues: list[Queue]
    given_up: int


_UNJUDGED = select(func.count(), func.min(col(SnapshotRow.captured_at))).where(col(SnapshotRow.judged).is_(False))
_UNPUBLISHED = select(func.count(), func.min(col(OutboxRow.created_at))).where(col(OutboxRow.published_at).is_(None))
_GIVEN_UP = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state) == DeliveryState.DEAD.value)


class Backlog:
    """Counts it in the database, where all work stands; the broker only says that there is some."""

    def __init__(self, database: Database) -> None:
        self._database, self._due = database, DueWork(database)

    def work(self, now: datetime) -> Work:
        """What can be taken up at that moment; what was given up their owners can send again."""
        checks, deliveries, digests = self._due.everything(now)
        with self._database.reading() as session:
            unjudged, unpublished = (Due(*session.execute(one).one()) for one in (_UNJUDGED, _UNPUBLISHED))
            given_up = session.scalars(_GIVEN_UP).one()
        queues = [
            Queue("fetcher", "hosts with documents to look at", checks),
            Queue("differ", "captures to judge", unjudged),
            Queue("relay", "events to give to the broker", unpublished),
            Queue("notifier", "deliveries to send", deliveries),
            Queue("notifier", "items of digests to make", digests),
        ]
        return Work(queues, given_up)
