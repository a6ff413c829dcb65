"""How the checks of all documents stand: how many are looked at, which are overdue, which fail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select
from sqlmodel import col

from shared.db.registry.documents import open_conditions
from shared.db.session import Database
from shared.db.tables import ConditionRow, DocumentRow, PlatformRow, ScheduleRow


@dataclass(frozen=True, slots=True)
class Trouble:
    """A document whose check is overdue or failed, or that has an open condition."""

    document_id: str
    platform_name: str
    type: str
    last_checked_at: datetime | None
    next_check_at: datetime | None
    failures: int
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """All documents together. Of `overdue` and `ailing` (which are not overdue) the first ones alone."""

    watched: int
    others: int
    """Paused or imported: looked at by nobody."""
    last_checked_at: datetime | None
    overdue_count: int
    ailing_count: int
    overdue: tuple[Trouble, ...]
    """Those that wait longest first."""
    ailing: tuple[Trouble, ...]


_ACTIVE = col(DocumentRow.state) == "active"
_TROUBLE: Select[*tuple[Any, ...]] = (
    select(
        col(DocumentRow.id),
        col(PlatformRow.name),
        col(DocumentRow.type),
        col(ScheduleRow.last_checked_at),
        col(ScheduleRow.next_check_at),
        func.coalesce(col(ScheduleRow.failures), 0),
    )
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .outerjoin(ScheduleRow, col(ScheduleRow.document_id) == col(DocumentRow.id))
)
_IS_LATE = and_(_ACTIVE, col(ScheduleRow.next_check_at) < bindparam("due_before"))
_IS_PUNCTUAL = or_(col(ScheduleRow.next_check_at).is_(None), col(ScheduleRow.next_check_at) >= bindparam("due_before"))
_HAS_CONDITION = col(DocumentRow.id).in_(
    select(col(ConditionRow.document_id)).where(col(ConditionRow.ended_at).is_(None))
)
_IS_AILING = and_(_ACTIVE, _IS_PUNCTUAL, or_(col(ScheduleRow.failures) > 0, _HAS_CONDITION))
_COUNTED = (
    select(
        func.count().filter(_ACTIVE),
        func.count().filter(~_ACTIVE),
        func.max(col(ScheduleRow.last_checked_at)),
        func.count().filter(_IS_LATE),
        func.count().filter(_IS_AILING),
    )
    .select_from(DocumentRow)
    .outerjoin(ScheduleRow, col(ScheduleRow.document_id) == col(DocumentRow.id))
)
_BY_NAME = (col(PlatformRow.slug), col(DocumentRow.type), col(DocumentRow.id))
_MOST = bindparam("most", type_=Integer)
_LATE = _TROUBLE.where(_IS_LATE).order_by(col(ScheduleRow.next_check_at), *_BY_NAME).limit(_MOST)
_AILING = _TROUBLE.where(_IS_AILING).order_by(*_BY_NAME).limit(_MOST)


class Standings:
    """Reads how checks stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def at(self, due_before: datetime, *, most: int) -> Standing:
        """What was due before that moment and did not come is overdue; `most` documents of each kind."""
        values = {"due_before": due_before}
        [(watched, others, last, overdue, ailing)] = self._database.rows(_COUNTED, values)
        late, ill = (self._database.rows(query, {**values, "most": most}) for query in (_LATE, _AILING))
        conditions = open_conditions(self._database, [row[0] for row in (*late, *ill)])
        troubles = [tuple(Trouble(*(*row, conditions.get(row[0], ()))) for row in rows) for rows in (late, ill)]
        return Standing(watched, others, last, overdue, ailing, *troubles)
