"""How the checks of all documents stand: how many are looked at, which are overdue, which fail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
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
_COUNTED = select(
    func.count().filter(_ACTIVE), func.count().filter(~_ACTIVE), func.max(col(ScheduleRow.last_checked_at))
)


class Standings:
    """Reads how checks stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def at(self, due_before: datetime, *, most: int) -> Standing:
        """What was due before that moment and did not come is overdue; `most` documents of each kind."""
        is_late = and_(_ACTIVE, col(ScheduleRow.next_check_at) < due_before)
        has_condition = col(DocumentRow.id).in_(
            select(col(ConditionRow.document_id)).where(col(ConditionRow.ended_at).is_(None))
        )
        is_punctual = or_(col(ScheduleRow.next_check_at).is_(None), col(ScheduleRow.next_check_at) >= due_before)
        is_ailing = and_(_ACTIVE, is_punctual, or_(col(ScheduleRow.failures) > 0, has_condition))
        counted = (
            _COUNTED.add_columns(func.count().filter(is_late), func.count().filter(is_ailing))
            .select_from(DocumentRow)
            .outerjoin(ScheduleRow, col(ScheduleRow.document_id) == col(DocumentRow.id))
        )
        by_name = (col(PlatformRow.slug), col(DocumentRow.type), col(DocumentRow.id))
        with self._database.reading() as session:
            watched, others, last, overdue, ailing = session.execute(counted).one()
            late = session.execute(
                _TROUBLE.where(is_late).order_by(col(ScheduleRow.next_check_at), *by_name).limit(most)
            ).all()
            ill = session.execute(_TROUBLE.where(is_ailing).order_by(*by_name).limit(most)).all()
            conditions = open_conditions(session, [row[0] for row in (*late, *ill)])
        troubles = [tuple(Trouble(*(*row, conditions.get(row[0], ()))) for row in rows) for rows in (late, ill)]
        return Standing(watched, others, last, overdue, ailing, *troubles)
