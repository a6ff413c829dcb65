"""What is due at a moment: the scheduler wakes workers up only where there is work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, select, text
from sqlmodel import col

from shared.db.fetcher.claims import HOST_IS_FREE, IS_DUE, MAY_BE_CLAIMED
from shared.db.fetcher.hosts import NOW
from shared.db.session import Database
from shared.db.tables import DeliveryRow, DocumentRow, EndpointRow, HostRow, ScheduleRow
from shared.db.tables.notifier import HELD_FOR_DIGEST
from shared.domain.deliveries import CLAIMABLE, EndpointState


@dataclass(frozen=True, slots=True)
class Due:
    """How much can be taken now, and since when the longest-waiting piece of it (or beside it) has been due."""

    count: int
    oldest: datetime | None


_DUE_AT = case(
    (col(ScheduleRow.retry_at).is_not(None), col(ScheduleRow.retry_at)),
    (col(ScheduleRow.confirm_at) <= NOW, col(ScheduleRow.confirm_at)),
    else_=col(ScheduleRow.next_check_at),
)
_FREE_HOST = case((HOST_IS_FREE, col(ScheduleRow.host)), else_=None)
_CHECKS = (
    select(func.count(_FREE_HOST.distinct()), func.min(_DUE_AT))
    .join(DocumentRow, col(DocumentRow.id) == col(ScheduleRow.document_id))
    .join(HostRow, col(HostRow.host) == col(ScheduleRow.host), isouter=True)
    .where(IS_DUE, MAY_BE_CLAIMED)
)
_DELIVERIES = select(func.count(), func.min(col(DeliveryRow.due_at))).where(
    col(DeliveryRow.state).in_(sorted(CLAIMABLE)), col(DeliveryRow.due_at) <= NOW
)
_DIGEST_ITEMS = select(func.count(), func.min(col(DeliveryRow.due_at))).where(
    text(HELD_FOR_DIGEST),
    col(DeliveryRow.due_at) <= NOW,
    col(DeliveryRow.endpoint_id).in_(
        select(col(EndpointRow.id)).where(col(EndpointRow.state) == EndpointState.ACTIVE.value)
    ),
)


class DueWork:
    """Counts what is due; reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def checks(self, now: datetime) -> Due:
        """Hosts that may be asked now and have due documents; documents of resting hosts count for `oldest` only."""
        return self._count(_CHECKS, now)

    def deliveries(self, now: datetime) -> Due:
        """Deliveries that may be claimed now."""
        return self._count(_DELIVERIES, now)

    def digests(self, now: datetime) -> Due:
        """Held deliveries that a digest may tell of now."""
        return self._count(_DIGEST_ITEMS, now)

    def everything(self, now: datetime) -> tuple[Due, Due, Due]:
        """Checks, deliveries and digests, in one session."""
        with self._database.reading() as session:
            checks, deliveries, digests = (
                Due(*session.execute(one, {"now": now}).one()) for one in (_CHECKS, _DELIVERIES, _DIGEST_ITEMS)
            )
            return checks, deliveries, digests

    def _count(self, statement: Select[int, datetime], now: datetime) -> Due:
        with self._database.reading() as session:
            count, oldest = session.execute(statement, {"now": now}).one()
        return Due(count, oldest)
