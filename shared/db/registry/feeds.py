"""What feeds and calendars read: the newest changes with when they last changed themselves, and dates to come."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import col

from shared.db.registry.changes import ChangeEntry, ChangeFilter, ChangeList
from shared.db.session import Database
from shared.db.tables import ChangeRow, ChangeTermRow, DocumentRow, PlatformRow, RegistryMarkRow

EFFECTIVE, OBJECTION = "effective", "objection"
"""Kinds of `ChangeTermRow` whose values are days (ISO 8601)."""

_NO_END = date.max.isoformat()
"""Without an end PostgreSQL takes every later value for a day to come, names of other kinds too, and reads them all."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A change, and when what is said of it was last altered: found, corrected or retracted."""

    change: ChangeEntry
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DayEntry:
    """A day that a changed document states: of effect, or the last one to object."""

    kind: str
    day: date
    change: ChangeEntry


class Feeds:
    """Reads what feeds and calendars show. Platforms by slug, documents by id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changes = ChangeList(database)

    def newest(self, wanted: ChangeFilter, limit: int) -> list[FeedEntry]:
        """The newest changes that fit, newest first."""
        changes = self._changes.listed(wanted, limit=limit)
        revised = [change.id for change in changes if change.status != "confirmed"]
        marks = select(col(RegistryMarkRow.subject), col(RegistryMarkRow.at)).where(
            col(RegistryMarkRow.subject).in_(revised)
        )
        with self._database.reading() as session:
            known = {row.subject: row.at for row in session.execute(marks)} if revised else {}
        return [FeedEntry(change, known.get(change.id, change.detected_at)) for change in changes]

    def days(
        self, since: date, *, platform: str | None = None, document_id: str | None = None, limit: int
    ) -> list[DayEntry]:
        """Days from `since` on that changes state which people were told of, soonest first; none of retracted ones."""
        kind, day = col(ChangeTermRow.kind), col(ChangeTermRow.value)
        query = (
            select(kind, day, col(ChangeRow.id))
            .join(ChangeRow, col(ChangeRow.id) == col(ChangeTermRow.change_id))
            .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
            .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
            .where(kind.in_((EFFECTIVE, OBJECTION)), day.between(since.isoformat(), _NO_END))
            .where(col(ChangeRow.alert).is_(True), col(ChangeRow.status) != "retracted")
            .order_by(day, col(ChangeRow.id), kind)
            .limit(limit)
        )
        if platform is not None:
            query = query.where(col(PlatformRow.slug) == platform)
        if document_id is not None:
            query = query.where(col(ChangeRow.document_id) == document_id)
        with self._database.reading() as session:
            rows = session.execute(query).all()
        changes = self._changes.by_ids([change_id for *_, change_id in rows])
        return [DayEntry(kind, date.fromisoformat(day), changes[change_id]) for kind, day, change_id in rows]

    def platform_name(self, slug: str) -> str | None:
        """What the platform is called; None where there is none."""
        with self._database.reading() as session:
            return session.scalar(select(col(PlatformRow.name)).where(col(PlatformRow.slug) == slug))

    def document_name(self, document_id: str) -> str | None:
        """Platform and type of the document; None where there is none."""
        query = (
            select(col(PlatformRow.name), col(DocumentRow.type))
            .join(DocumentRow, col(DocumentRow.platform_id) == col(PlatformRow.id))
            .where(col(DocumentRow.id) == document_id)
        )
        with self._database.reading() as session:
            found = session.execute(query).first()
            return f"{found[0]} {found[1]}" if found else None
