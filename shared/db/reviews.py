"""Readers' doubts about changes, and what became of them."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import defer
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import ChangeRow, ReviewRow
from shared.ids import new_id

MOST_OPEN = 20
"""Of one change: anyone may say that it is wrong, so that a flood must meet a bound."""


class Reviews:
    """Stores, lists and settles them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, change_id: str, said: str, now: datetime) -> bool:
        """Store one doubt; False for an unknown change. Over `MOST_OPEN`, and the same words again, add nothing."""
        with self._database.transaction() as session:
            change = session.scalars(select(ChangeRow).where(col(ChangeRow.id) == change_id).with_for_update())
            if change.one_or_none() is None:
                return False
            said_before = session.scalars(select(col(ReviewRow.said)).where(*_open(change_id))).all()
            if len(said_before) < MOST_OPEN and said not in said_before:
                session.add(ReviewRow(id=new_id("rev"), change_id=change_id, said=said, created_at=now))
            return True

    def open(self, limit: int = 100, *, after: tuple[datetime, str] | None = None) -> list[tuple[ReviewRow, ChangeRow]]:
        """Those that nobody has settled, the oldest first, and the changes they are about.

        `after` is the time and id of the last one of the page before.
        """
        at, review_id = col(ReviewRow.created_at), col(ReviewRow.id)
        query = (
            select(ReviewRow, ChangeRow)
            .join(ChangeRow, col(ChangeRow.id) == col(ReviewRow.change_id))
            .where(col(ReviewRow.settled_at).is_(None))
            .order_by(at, review_id)
            .limit(limit)
            .options(defer(ChangeRow.report, raiseload=True))  # type: ignore[arg-type]  # long, and no list shows it
        )
        if after:
            query = query.where(or_(at > after[0], and_(at == after[0], review_id > after[1])))
        with self._database.reading() as session:
            return [(review, change) for review, change in session.execute(query)]

    def count(self) -> int:
        """How many are open."""
        query = select(func.count()).select_from(ReviewRow).where(col(ReviewRow.settled_at).is_(None))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def settle(self, change_id: str, now: datetime) -> int:
        """Close all that are open about a change, whatever was decided; how many."""
        with self._database.transaction() as session:
            settled = session.execute(update(ReviewRow).where(*_open(change_id)).values(settled_at=now))
            return int(settled.rowcount)  # type: ignore[attr-defined]


def _open(change_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(ReviewRow.change_id) == change_id, col(ReviewRow.settled_at).is_(None)
