"""Changes as feeds and lists show them: newest first, by filters, in pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import ChangeRow, ChangeTermRow, DocumentRow, PlatformRow


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """What a list shows. An empty collection of a kind means: all of it; what is given must all hold.

    `told_only` leaves out what alerted nobody (editorial changes, alternating versions). `regulations` are instruments
    (`gdpr`), `since` is included and `until` is not.
    """

    platforms: Collection[str] = ()
    other_platforms_than: Collection[str] = ()
    documents: Collection[str] = ()
    types: Collection[str] = ()
    categories: Collection[str] = ()
    regulations: Collection[str] = ()
    provisions: Collection[str] = ()
    severities: Collection[str] = ()
    directions: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    told_only: bool = True


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """A change in a list; its report is read one at a time."""

    id: str
    platform_slug: str
    platform_name: str
    document_id: str
    document_type: str
    document_url: str
    sequence: int
    outcome: str
    alert: bool
    severity: str
    direction: str
    status: str
    headline: str
    old_version_id: str
    version_id: str
    detected_at: datetime


Place = tuple[datetime, str]
"""Where a page ended: time of detection and id."""

_ENTRY: Select[*tuple[Any, ...]] = (
    select(
        col(ChangeRow.id),
        col(PlatformRow.slug),
        col(PlatformRow.name),
        col(ChangeRow.document_id),
        col(DocumentRow.type),
        col(DocumentRow.url),
        col(ChangeRow.sequence),
        col(ChangeRow.outcome),
        col(ChangeRow.alert),
        col(ChangeRow.severity),
        col(ChangeRow.direction),
        col(ChangeRow.status),
        col(ChangeRow.headline),
        col(ChangeRow.old_version_id),
        col(ChangeRow.version_id),
        col(ChangeRow.detected_at),
    )
    .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
)

_CHOSEN = (
    select(col(ChangeRow.id))
    .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
)
"""By an index alone; the rows, which hold whole reports, are read of those that are shown."""


class ChangeList:
    """Reads changes; see `shared.db.changes.Changes` for one with its report."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, wanted: ChangeFilter, *, after: Place | None = None, limit: int) -> list[ChangeEntry]:
        """The newest first, from the one behind `after` on."""
        order = (col(ChangeRow.detected_at).desc(), col(ChangeRow.id).desc())
        chosen = _CHOSEN.where(*_conditions(wanted)).order_by(*order).limit(limit)
        if after is not None:
            at, change_id = after
            same_time = and_(col(ChangeRow.detected_at) == at, col(ChangeRow.id) < change_id)
            chosen = chosen.where(or_(col(ChangeRow.detected_at) < at, same_time))
        query = _ENTRY.where(col(ChangeRow.id).in_(chosen.subquery().select())).order_by(*order)
        with self._database.reading() as session:
            return [_entry(row) for row in session.execute(query)]

    def by_ids(self, change_ids: Collection[str]) -> dict[str, ChangeEntry]:
        """Those of the ids that there are."""
        with self._database.reading() as session:
            rows = session.execute(_ENTRY.where(col(ChangeRow.id).in_(change_ids)))
            return {entry.id: entry for entry in map(_entry, rows)}

    def leading_to(self, version_ids: Collection[str]) -> dict[str, ChangeEntry]:
        """The change that led to each of these versions, where one did, told or not."""
        with self._database.reading() as session:
            rows = session.execute(_ENTRY.where(col(ChangeRow.version_id).in_(version_ids)))
            return {entry.version_id: entry for entry in map(_entry, rows)}

    def beside(self, document_id: str, sequence: int) -> dict[int, ChangeEntry]:
        """By sequence: that change of a document, the one before it and the one after it, told or not."""
        of_document, place = col(ChangeRow.document_id) == document_id, col(ChangeRow.sequence)
        earlier = select(func.max(place)).where(of_document, place < sequence).scalar_subquery()
        later = select(func.min(place)).where(of_document, place > sequence).scalar_subquery()
        query = _ENTRY.where(of_document, or_(place == sequence, place == earlier, place == later))
        with self._database.reading() as session:
            return {entry.sequence: entry for entry in map(_entry, session.execute(query))}


def _entry(row: Row[*tuple[Any, ...]]) -> ChangeEntry:
    return ChangeEntry(*row)


def _named(kind: str, values: Collection[str]) -> Select[str]:
    return select(col(ChangeTermRow.change_id)).where(
        col(ChangeTermRow.kind) == kind, col(ChangeTermRow.value).in_(values)
    )


def _conditions(wanted: ChangeFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (col(PlatformRow.slug), wanted.platforms),
            (col(ChangeRow.document_id), wanted.documents),
            (col(DocumentRow.type), wanted.types),
            (col(ChangeRow.severity), wanted.severities),
            (col(ChangeRow.direction), wanted.directions),
        )
        if values
    ]
    if wanted.other_platforms_than:
        conditions.append(col(PlatformRow.slug).not_in(wanted.other_platforms_than))
    # Of the many changes in a category the newest are found by walking back from the newest of all; of the few of a
    # provision, by beginning with those few.
    for kind, values in (("category", wanted.categories), ("regulation", wanted.regulations)):
        if values:
            conditions.append(_named(kind, values).where(col(ChangeTermRow.change_id) == col(ChangeRow.id)).exists())
    if wanted.provisions:
        conditions.append(col(ChangeRow.id).in_(_named("provision", wanted.provisions)))
    if wanted.since is not None:
        conditions.append(col(ChangeRow.detected_at) >= wanted.since)
    if wanted.until is not None:
        conditions.append(col(ChangeRow.detected_at) < wanted.until)
    if wanted.told_only:
        conditions.append(col(ChangeRow.alert).is_(True))
    return conditions
