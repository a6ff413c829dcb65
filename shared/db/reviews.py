"""Readers' doubts about changes, and what became of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import defer
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import ChangeRow, ReviewRow
from shared.ids import new_id

MOST_OPEN = 20
"""Of one change: anyone may say that it is wrong, so that a flood must meet a bound."""

_BETWEEN = "\n\n"
MOST_SAID = 8_000
"""Characters of one doubt, with what its reader added to it."""


class Heard(StrEnum):
    """What became of what a reader said."""

    NEW = "new"
    ADDED = "added"
    """It stands below what the same reader said before."""
    REPEATED = "repeated"
    """The operator has these words already."""
    FULL = "full"
    """There is no room for more, of this reader or of all."""
    UNKNOWN = "unknown"
    """There is no such change."""


class Reviews:
    """Stores, lists and settles them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, change_id: str, said: str, now: datetime, *, reader: str | None = None) -> Heard:
        """Store a doubt, or add it to the one that this reader has open; one whom nothing tells apart begins anew."""
        with self._database.transaction() as session:
            change = session.scalars(select(col(ChangeRow.id)).where(col(ChangeRow.id) == change_id).with_for_update())
            if change.one_or_none() is None:
                return Heard.UNKNOWN
            rows = session.scalars(select(ReviewRow).where(*_open(change_id))).all()
            if any(_between(said) in _between(row.said) for row in rows):
                return Heard.REPEATED
            theirs = next((row for row in rows if reader and row.reader == reader), None)
            if theirs is not None:
                return _added(theirs, said)
            if len(rows) >= MOST_OPEN:
                return Heard.FULL
            session.add(ReviewRow(id=new_id("rev"), change_id=change_id, said=said, reader=reader, created_at=now))
            return Heard.NEW

    def is_open(self, change_id: str, reader: str) -> bool:
        """Whether this reader said already that the change is wrong, and nobody has settled it."""
        query = select(col(ReviewRow.id)).where(*_open(change_id), col(ReviewRow.reader) == reader).limit(1)
        with self._database.reading() as session:
            return session.scalars(query).first() is not None

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
            settled = session.execute(update(ReviewRow).where(*_open(change_id)).values(settled_at=now, reader=None))
            return int(settled.rowcount)  # type: ignore[attr-defined]


def _between(said: str) -> str:
    """With its limits, so that a part of somebody's words is not taken for all of them."""
    return f"{_BETWEEN}{said}{_BETWEEN}"


def _added(review: ReviewRow, said: str) -> Heard:
    joined = f"{review.said}{_BETWEEN}{said}"
    if len(joined) > MOST_SAID:
        return Heard.FULL
    review.said = joined
    return Heard.ADDED


def _open(change_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(ReviewRow.change_id) == change_id, col(ReviewRow.settled_at).is_(None)
