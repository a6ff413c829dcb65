"""Changes as feeds and lists show them: newest first, by filters, in pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, Row, Select, and_, bindparam, func, or_, select
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

_BY_IDS = _ENTRY.where(col(ChangeRow.id).in_(bindparam("ids", expanding=True)))
_LEADING_TO = _ENTRY.where(col(ChangeRow.version_id).in_(bindparam("version_ids", expanding=True)))


def _beside() -> Select[*tuple[Any, ...]]:
    of_document, place = col(ChangeRow.document_id) == bindparam("document_id"), col(ChangeRow.sequence)
    sequence = bindparam("sequence", type_=Integer)
    earlier = select(func.max(place)).where(of_document, place < sequence).scalar_subquery()
    later = select(func.min(place)).where(of_document, place > sequence).scalar_subquery()
    return _ENTRY.where(of_document, or_(place == sequence, place == earlier, place == later))


_BESIDE = _beside()


class ChangeList:
    """Reads changes; see `shared.db.changes.Changes` for one with its report."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, wanted: ChangeFilter, *, after: Place | None = None, limit: int) -> list[ChangeEntry]:
        """The newest first, from the one behind `after` on."""
        values = _values(wanted, after)
        rows = self._database.rows(_listing(frozenset(values)), {**values, "limit": limit})
        return [_entry(row) for row in rows]

    def by_ids(self, change_ids: Collection[str]) -> dict[str, ChangeEntry]:
        """Those of the ids that there are."""
        rows = self._database.rows(_BY_IDS, {"ids": list(change_ids)})
        return {entry.id: entry for entry in map(_entry, rows)}

    def leading_to(self, version_ids: Collection[str]) -> dict[str, ChangeEntry]:
        """The change that led to each of these versions, where one did, told or not."""
        rows = self._database.rows(_LEADING_TO, {"version_ids": list(version_ids)})
        return {entry.version_id: entry for entry in map(_entry, rows)}

    def beside(self, document_id: str, sequence: int) -> dict[int, ChangeEntry]:
        """By sequence: that change of a document, the one before it and the one after it, told or not."""
        values = {"document_id": document_id, "sequence": sequence}
        return {entry.sequence: entry for entry in map(_entry, self._database.rows(_BESIDE, values))}


def _entry(row: Row[*tuple[Any, ...]]) -> ChangeEntry:
    return ChangeEntry(*row)


def _values(wanted: ChangeFilter, after: Place | None) -> dict[str, Any]:
    """What of the filter is given, by the names of `_CONDITIONS`."""
    many = (name for name in ChangeFilter.__slots__ if name not in {"since", "until", "told_only"})
    values: dict[str, Any] = {name: list(getattr(wanted, name)) for name in many if getattr(wanted, name)}
    values |= {name: at for name, at in (("since", wanted.since), ("until", wanted.until)) if at is not None}
    if wanted.told_only:
        values["told_only"] = True
    if after is not None:
        values |= dict(zip(("after", "after_id"), after, strict=True))
    return values


@lru_cache(maxsize=256)
def _listing(given: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """The statement for what is given; to make one takes as long as to run it."""
    order = (col(ChangeRow.detected_at).desc(), col(ChangeRow.id).desc())
    chosen = _CHOSEN.where(*(condition for name, condition in _CONDITIONS.items() if name in given))
    chosen = chosen.order_by(*order).limit(bindparam("limit", type_=Integer))
    return _ENTRY.where(col(ChangeRow.id).in_(chosen.subquery().select())).order_by(*order)


def _one_of(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


def _named(kind: str, name: str) -> Select[str]:
    return select(col(ChangeTermRow.change_id)).where(
        col(ChangeTermRow.kind) == kind, col(ChangeTermRow.value).in_(_one_of(name))
    )


def _is_about(kind: str, name: str) -> ColumnElement[bool]:
    """Of the many changes of a category the newest are found by walking back from the newest of all."""
    return _named(kind, name).where(col(ChangeTermRow.change_id) == col(ChangeRow.id)).exists()


_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "platforms": col(PlatformRow.slug).in_(_one_of("platforms")),
    "other_platforms_than": col(PlatformRow.slug).not_in(_one_of("other_platforms_than")),
    "documents": col(ChangeRow.document_id).in_(_one_of("documents")),
    "types": col(DocumentRow.type).in_(_one_of("types")),
    "severities": col(ChangeRow.severity).in_(_one_of("severities")),
    "directions": col(ChangeRow.direction).in_(_one_of("directions")),
    "categories": _is_about("category", "categories"),
    "regulations": _is_about("regulation", "regulations"),
    "provisions": col(ChangeRow.id).in_(_named("provision", "provisions")),  # of these there are few: they come first
    "since": col(ChangeRow.detected_at) >= bindparam("since"),
    "until": col(ChangeRow.detected_at) < bindparam("until"),
    "told_only": col(ChangeRow.alert).is_(True),
    "after": or_(
        col(ChangeRow.detected_at) < bindparam("after"),
        and_(col(ChangeRow.detected_at) == bindparam("after"), col(ChangeRow.id) < bindparam("after_id")),
    ),
}
"""What each thing given asks of a change; values by the same names."""
