"""Changes as they are read; the differ alone writes them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from shared.db.session import Database
from shared.db.sources import platform_slug
from shared.db.tables import ChangeRow, DocumentRow, PlatformRow


class UnknownChange(Exception):
    """A reference that names no change, or more than one."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change in one line, as lists show it."""

    id: str
    platform: str
    document: str
    document_id: str
    sequence: int
    outcome: str
    alert: bool
    severity: str
    direction: str
    status: str
    headline: str
    detected_at: datetime


class Changes:
    """Reads changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(
        self,
        *,
        platform: str | None = None,
        severities: Collection[str] = (),
        since: datetime | None = None,
        limit: int = 50,
    ) -> list[ChangeLine]:
        """The newest changes first; an empty collection of severities means all."""
        query = (
            select(ChangeRow, DocumentRow, PlatformRow)
            .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
            .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
            .order_by(col(ChangeRow.detected_at).desc(), col(ChangeRow.id))
            .limit(limit)
        )
        if platform is not None:
            query = query.where(col(PlatformRow.slug) == platform_slug(platform))
        if severities:
            query = query.where(col(ChangeRow.severity).in_(severities))
        if since is not None:
            query = query.where(col(ChangeRow.detected_at) >= since)
        with self._database.reading() as session:
            return [_line(*row) for row in session.execute(query)]

    def headlines(self, change_ids: Collection[str]) -> dict[str, str]:
        """The headline of each of these changes by its id, read at once; unknown ids are left out."""
        query = select(col(ChangeRow.id), col(ChangeRow.headline)).where(col(ChangeRow.id).in_(change_ids))
        with self._database.reading() as session:
            return {row.id: row.headline for row in session.execute(query)}

    def record(self, change_id: str) -> ChangeRow | None:
        """The change of exactly that id; None where there is none."""
        with self._database.reading() as session:
            return session.get(ChangeRow, change_id)

    def report(self, reference: str) -> dict[str, Any]:
        """The report of the change that an id, or the beginning of one, names; UnknownChange otherwise."""
        query = select(ChangeRow).where(col(ChangeRow.id).startswith(reference, autoescape=True)).limit(2)
        with self._database.reading() as session:
            found = list(session.scalars(query)) if reference else []
        if len(found) != 1:
            problem = "names several changes" if found else "names no change"
            raise UnknownChange(f"{reference!r} {problem}: `clausewatch changes list` shows their ids")
        return found[0].report


def _line(change: ChangeRow, document: DocumentRow, platform: PlatformRow) -> ChangeLine:
    return ChangeLine(
        id=change.id,
        platform=platform.name,
        document=document.type,
        document_id=document.id,
        sequence=change.sequence,
        outcome=change.outcome,
        alert=change.alert,
        severity=change.severity,
        direction=change.direction,
        status=change.status,
        headline=change.headline,
        detected_at=change.detected_at,
    )
