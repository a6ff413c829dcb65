"""What is due at a moment: the scheduler wakes workers up only where there is work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlmodel import col

from shared.db.fetcher.claims import host_is_free, is_due, may_be_claimed
from shared.db.session import Database
from shared.db.tables import DeliveryRow, DocumentRow, HostRow, ScheduleRow
from shared.domain.deliveries import CLAIMABLE


@dataclass(frozen=True, slots=True)
class Due:
    """How much can be taken now, and since when the longest-waiting piece of it (or beside it) has been due."""

    count: int
    oldest: datetime | None


class DueWork:
    """Counts what is due; reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def checks(self, now: datetime) -> Due:
        """Hosts that may be asked now and have due documents; documents of resting hosts count for `oldest` only."""
        due_at = case(
            (col(ScheduleRow.retry_at).is_not(None), col(ScheduleRow.retry_at)),
            (col(ScheduleRow.confirm_at) <= now, col(ScheduleRow.confirm_at)),
            else_=col(ScheduleRow.next_check_at),
        )
        host = case((host_is_free(now), col(ScheduleRow.host)), else_=None)
        statement = (
            select(func.count(host.distinct()), func.min(due_at))
            .join(DocumentRow, col(DocumentRow.id) == col(ScheduleRow.document_id))
            .join(HostRow, col(HostRow.host) == col(ScheduleRow.host), isouter=True)
            .where(is_due(now), may_be_claimed(now))
        )
        with self._database.reading() as session:
            count, oldest = session.execute(statement).one()
        return Due(count, oldest)

    def deliveries(self, now: datetime) -> Due:
        """Deliveries that may be claimed now."""
        states = sorted(CLAIMABLE)
        statement = select(func.count(), func.min(col(DeliveryRow.due_at))).where(
            col(DeliveryRow.state).in_(states), col(DeliveryRow.due_at) <= now
        )
        with self._database.reading() as session:
            count, oldest = session.execute(statement).one()
        return Due(count, oldest)
