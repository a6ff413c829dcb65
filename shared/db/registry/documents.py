"""Documents as lists and their own page show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, String, bindparam, func, select, tuple_
from sqlmodel import col

from shared.db.remembering import Remembered
from shared.db.session import Database
from shared.db.tables import (
    ChangeRow,
    ConditionRow,
    DocumentRow,
    HeadRow,
    PlatformRow,
    ScheduleRow,
    VersionRow,
)


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document with what its health shows. `changes` are those that watchers were told of, not retracted."""

    id: str
    platform_slug: str
    platform_name: str
    type: str
    url: str
    state: str
    version_id: str | None
    versions: int
    words: int | None
    language: str | None
    last_checked_at: datetime | None
    last_changed_at: datetime | None
    next_check_at: datetime | None
    failures: int
    changes: int
    conditions: tuple[str, ...] = ()


Place = tuple[str, str, str]
"""Where a page ended: platform's slug, type, id."""

_CHANGES = (
    select(func.count())
    .where(
        col(ChangeRow.document_id) == col(DocumentRow.id), col(ChangeRow.alert), col(ChangeRow.status) != "retracted"
    )
    .scalar_subquery()
)
_ENTRY: Select[*tuple[Any, ...]] = (
    select(
        col(DocumentRow.id),
        col(PlatformRow.slug),
        col(PlatformRow.name),
        col(DocumentRow.type),
        col(DocumentRow.url),
        col(DocumentRow.state),
        col(HeadRow.version_id),
        func.coalesce(col(HeadRow.sequence), 0),
        col(VersionRow.words),
        col(VersionRow.language),
        col(ScheduleRow.last_checked_at),
        col(ScheduleRow.last_changed_at),
        col(ScheduleRow.next_check_at),
        func.coalesce(col(ScheduleRow.failures), 0),
        _CHANGES,
    )
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .outerjoin(ScheduleRow, col(ScheduleRow.document_id) == col(DocumentRow.id))
    .outerjoin(HeadRow, col(HeadRow.document_id) == col(DocumentRow.id))
    .outerjoin(VersionRow, col(VersionRow.id) == col(HeadRow.version_id))
)


class Documents:
    """Reads documents; `shared.db.sources.Sources` changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._types: Remembered[list[str]] = Remembered(database, most=1)

    def listed(
        self, *, platform: str | None = None, kind: str | None = None, after: Place | None = None, limit: int
    ) -> list[DocumentEntry]:
        """By platform (slug), type and id, from the one behind `after` on."""
        slug, type_, document_id = after or (None, None, None)
        given = {"platform": platform, "kind": kind, "slug": slug, "type": type_, "id": document_id}
        values = {name: value for name, value in given.items() if value is not None}
        return self._entries(_listing(frozenset(values)), {**values, "limit": limit})

    def types(self) -> list[str]:
        """The types that there are documents of, in alphabetical order. Remembered while nothing is committed."""
        return list(self._types.of(None, self._all_types))

    def _all_types(self) -> list[str]:
        with self._database.reading() as session:
            return list(session.scalars(select(col(DocumentRow.type)).distinct().order_by(col(DocumentRow.type))))

    def one(self, document_id: str) -> DocumentEntry | None:
        """The document of exactly that id."""
        return next(iter(self._entries(_ONE, {"document_id": document_id})), None)

    def _entries(self, query: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> list[DocumentEntry]:
        rows = self._database.rows(query, values)
        conditions = open_conditions(self._database, [row[0] for row in rows])
        return [DocumentEntry(*(*row, conditions.get(row[0], ()))) for row in rows]


_ONE = _ENTRY.where(col(DocumentRow.id) == bindparam("document_id"))
_OPEN_CONDITIONS = (
    select(col(ConditionRow.document_id), col(ConditionRow.kind))
    .where(
        col(ConditionRow.ended_at).is_(None),
        col(ConditionRow.document_id).in_(bindparam("document_ids", expanding=True)),
    )
    .order_by(col(ConditionRow.kind))
)


@lru_cache
def _listing(given: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """The statement for what is given; to make one takes as long as to run it."""
    order = (col(PlatformRow.slug), col(DocumentRow.type), col(DocumentRow.id))
    query = _ENTRY.order_by(*order).limit(bindparam("limit", type_=Integer))
    if "platform" in given:
        query = query.where(col(PlatformRow.slug) == bindparam("platform"))
    if "kind" in given:
        query = query.where(col(DocumentRow.type) == bindparam("kind"))
    if "id" in given:
        query = query.where(
            tuple_(*order) > tuple_(*(bindparam(name, type_=String) for name in ("slug", "type", "id")))
        )
    return query


def open_conditions(database: Database, document_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What is wrong with those of the documents that something is wrong with, in alphabetical order."""
    found: dict[str, tuple[str, ...]] = {}
    for document_id, kind in database.rows(_OPEN_CONDITIONS, {"document_ids": document_ids}):
        found[document_id] = (*found.get(document_id, ()), kind)
    return found
