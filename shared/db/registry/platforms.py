"""Platforms as lists and their own page show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, distinct, func, select
from sqlmodel import col

from shared.db.remembering import Remembered
from shared.db.session import Database
from shared.db.tables import ChangeRow, DocumentRow, PlatformRow

_TOLD_SEVERITIES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class PlatformEntry:
    """A platform with its counters. `changes` counts those that people were told of, not retracted."""

    slug: str
    name: str
    documents: int
    changes: int
    high: int
    medium: int
    low: int
    last_change_at: datetime | None


class Platforms:
    """Reads platforms."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lists: Remembered[list[PlatformEntry]] = Remembered(database, most=_LISTS)
        self._names: Remembered[list[tuple[str, str]]] = Remembered(database, most=1)

    def listed(self, *, after: str | None = None, limit: int) -> list[PlatformEntry]:
        """Platforms in the order of their slugs, from the one behind `after` on.

        Remembered while nothing is committed: each list counts all changes of its platforms.
        """
        return list(self._lists.of((after, limit), lambda: self._listed(after, limit)))

    def _listed(self, after: str | None, limit: int) -> list[PlatformEntry]:
        chosen = _ENTRY.order_by(col(PlatformRow.slug)).limit(limit)
        if after is not None:
            chosen = chosen.where(col(PlatformRow.slug) > after)
        return [PlatformEntry(*row) for row in self._database.rows(chosen)]

    def names(self, *, limit: int) -> list[tuple[str, str]]:
        """Slugs and names alone, in the order of slugs: nothing is counted. Remembered as lists are."""
        return list(self._names.of(limit, lambda: self._named(limit)))

    def _named(self, limit: int) -> list[tuple[str, str]]:
        chosen = select(col(PlatformRow.slug), col(PlatformRow.name)).order_by(col(PlatformRow.slug)).limit(limit)
        return [(slug, name) for slug, name in self._database.rows(chosen)]

    def one(self, slug: str) -> PlatformEntry | None:
        """The platform of exactly that slug."""
        found = self._database.rows(_ONE, {"slug": slug})
        return PlatformEntry(*found[0]) if found else None

    def changed(self, slug: str) -> list[tuple[datetime, str]]:
        """When a platform's documents changed, and how severely: what people were told of, not retracted."""
        return [(at, severity) for at, severity in self._database.rows(_CHANGED, {"slug": slug})]


_LISTS = 8
"""Kept: the whole list of the pages, and as many of REST's."""

_MOST_CHANGES = 2_000
"""Newest ones that a chart is drawn of."""

_TOLD = and_(col(ChangeRow.alert), col(ChangeRow.status) != "retracted")

_ENTRY: Select[*tuple[Any, ...]] = (
    select(
        col(PlatformRow.slug),
        col(PlatformRow.name),
        func.count(distinct(col(DocumentRow.id))),
        func.count(case((_TOLD, 1))),
        *(func.count(case((and_(_TOLD, col(ChangeRow.severity) == severity), 1))) for severity in _TOLD_SEVERITIES),
        func.max(case((_TOLD, col(ChangeRow.detected_at)))),
    )
    .outerjoin(DocumentRow, col(DocumentRow.platform_id) == col(PlatformRow.id))
    .outerjoin(ChangeRow, col(ChangeRow.document_id) == col(DocumentRow.id))
    .group_by(col(PlatformRow.id))
)
_ONE = _ENTRY.where(col(PlatformRow.slug) == bindparam("slug"))
_CHANGED = (
    select(col(ChangeRow.detected_at), col(ChangeRow.severity))
    .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .where(col(PlatformRow.slug) == bindparam("slug"), _TOLD)
    .order_by(col(ChangeRow.detected_at).desc())
    .limit(_MOST_CHANGES)
)
