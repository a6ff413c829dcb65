"""Versions of a document, what they say, and the captures that prove them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, String, bindparam, func, or_, select
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import (
    CheckRow,
    ComparisonRow,
    JudgementRow,
    ProvisionRow,
    SnapshotPartRow,
    SnapshotRow,
    VersionRow,
)
from shared.db.tables.columns import UtcDateTime
from shared.domain.provisions import Provision


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A confirmed text. `origin` is confirmed, re-extraction (only our reading changed) or imported."""

    id: str
    document_id: str
    sequence: int
    origin: str
    text_sha256: str
    fingerprint: str
    title: str | None
    language: str | None
    dates: Sequence[dict[str, Any]]
    words: int
    snapshot_id: str
    confirmed_by: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """One capture, with its parts in order. `bytes_kept` is false once retention has let go of the bodies."""

    id: str
    document_id: str
    ordinal: int
    captured_at: datetime
    confirming: bool
    sha256: str
    fetcher_version: str
    bytes_kept: bool
    usable: bool | None
    """Whether it was judged to show the document; None while it is not judged yet."""
    parts: tuple["PartEntry", ...]


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One URL of a capture: request, answer, and the hash of the content-decoded body."""

    ordinal: int
    url: str
    final_url: str
    status: int
    redirects: Sequence[dict[str, Any]]
    request_headers: Sequence[Sequence[str]]
    headers: Sequence[Sequence[str]]
    media_type: str | None
    charset: str | None
    sha256: str
    size: int
    started_at: datetime
    finished_at: datetime
    reused: bool


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """One look at a document: not-modified, same-bytes, captured or failed (`failure` says in a word why)."""

    at: datetime
    outcome: str
    confirming: bool
    failure: str | None
    status: int | None


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture in a line."""

    id: str
    captured_at: datetime
    sha256: str
    fetcher_version: str


@dataclass(frozen=True, slots=True)
class Archival:
    """How much of a document was kept. Imported texts are captures without a check."""

    captures: int
    first_captured_at: datetime | None
    newest: Capture | None
    checks: int
    first_check_at: datetime | None


_VERSION: Select[*tuple[Any, ...]] = select(*(getattr(VersionRow, name) for name in VersionEntry.__slots__))
_DOCUMENT = bindparam("document_id", type_=String)
_NO_END = 2**31 - 1
"""Above every sequence and ordinal."""

_OF_DOCUMENT = (
    _VERSION.where(col(VersionRow.document_id) == _DOCUMENT, col(VersionRow.sequence) < bindparam("before"))
    .order_by(col(VersionRow.sequence).desc())
    .limit(bindparam("limit", type_=Integer))
)
_CLAUSES = (
    select(col(ProvisionRow.ordinal), col(ProvisionRow.value))
    .where(col(ProvisionRow.version_id) == bindparam("version_id"), col(ProvisionRow.ordinal) > bindparam("after"))
    .order_by(col(ProvisionRow.ordinal))
    .limit(bindparam("limit", type_=Integer))
)
_BY_IDS = _VERSION.where(col(VersionRow.id).in_(bindparam("ids", expanding=True)))
_FIRST = _VERSION.where(col(VersionRow.document_id) == _DOCUMENT).order_by(col(VersionRow.sequence)).limit(1)
_COMPARED = select(col(ComparisonRow.report)).where(
    col(ComparisonRow.document_id) == _DOCUMENT,
    col(ComparisonRow.old_version_id) == bindparam("old"),
    col(ComparisonRow.new_version_id) == bindparam("new"),
)
_MINE, _CHECKED = col(SnapshotRow.document_id) == _DOCUMENT, col(CheckRow.document_id) == _DOCUMENT
_COUNTED = select(
    select(func.count()).select_from(SnapshotRow).where(_MINE).scalar_subquery(),
    select(func.count()).select_from(CheckRow).where(_CHECKED).scalar_subquery(),
    select(func.min(col(CheckRow.at), type_=UtcDateTime)).where(_CHECKED).scalar_subquery(),
)
_ENDS = select(func.min(col(SnapshotRow.ordinal)), func.max(col(SnapshotRow.ordinal))).where(_MINE).subquery()
_FIRST_AND_LAST = (
    select(col(SnapshotRow.id), col(SnapshotRow.captured_at), col(SnapshotRow.sha256), col(SnapshotRow.fetcher_version))
    .where(_MINE, or_(*(col(SnapshotRow.ordinal) == select(end).scalar_subquery() for end in _ENDS.columns)))
    .order_by(col(SnapshotRow.ordinal))
)
_CHECKS: Select[*tuple[Any, ...]] = (
    select(*(getattr(CheckRow, name) for name in CheckEntry.__slots__))
    .where(_CHECKED)
    .order_by(col(CheckRow.at).desc(), col(CheckRow.id).desc())
    .limit(bindparam("limit", type_=Integer))
)
"""Statements are made once: to make one costs as much as to run it, and a page runs a dozen."""


class Versions:
    """Reads versions and captures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, document_id: str, *, before: int | None = None, limit: int) -> list[VersionEntry]:
        """A document's versions, newest first, from below the sequence `before` on."""
        values = {"document_id": document_id, "before": _NO_END if before is None else before, "limit": limit}
        rows = self._database.rows(_OF_DOCUMENT, values)
        return [VersionEntry(*row) for row in rows]

    def one(self, version_id: str) -> VersionEntry | None:
        """The version of exactly that id."""
        return self.by_ids([version_id]).get(version_id)

    def first(self, document_id: str) -> VersionEntry | None:
        """The document's oldest version."""
        found = self._database.rows(_FIRST, {"document_id": document_id})
        return VersionEntry(*found[0]) if found else None

    def compared(self, old: VersionEntry, new: VersionEntry) -> Mapping[str, Any] | None:
        """The report of two versions of a document where it was made ahead: of its first and its newest."""
        found = self._database.rows(_COMPARED, {"document_id": new.document_id, "old": old.id, "new": new.id})
        return found[0][0] if found else None

    def by_ids(self, version_ids: Collection[str]) -> dict[str, VersionEntry]:
        """Those of the ids that there are."""
        rows = self._database.rows(_BY_IDS, {"ids": list(version_ids)})
        return {row[0]: VersionEntry(*row) for row in rows}

    def provisions(self, version_id: str) -> list[Provision]:
        """What a version says, in reading order."""
        return [said for _, said in self.clauses(version_id, limit=_NO_END)]

    def clauses(self, version_id: str, *, after: int = -1, limit: int) -> list[tuple[int, Provision]]:
        """Ordinals and provisions of a version, in reading order, from above the ordinal `after` on."""
        rows = self._database.rows(_CLAUSES, {"version_id": version_id, "after": after, "limit": limit})
        return [(ordinal, Provision.from_json(value)) for ordinal, value in rows]

    def snapshots(self, document_id: str, *, before: int | None = None, limit: int) -> list[SnapshotEntry]:
        """A document's captures, newest first, from below the ordinal `before` on."""
        query = select(SnapshotRow).where(col(SnapshotRow.document_id) == document_id)
        if before is not None:
            query = query.where(col(SnapshotRow.ordinal) < before)
        return self._snapshots(query.order_by(col(SnapshotRow.ordinal).desc()).limit(limit))

    def snapshot(self, snapshot_id: str) -> SnapshotEntry | None:
        """The capture of exactly that id."""
        found = self._snapshots(select(SnapshotRow).where(col(SnapshotRow.id) == snapshot_id))
        return found[0] if found else None

    def archival(self, document_id: str) -> Archival:
        """How many captures and checks there are of a document, since when, and the newest capture."""
        values = {"document_id": document_id}
        [(count, checks, first_check_at)] = self._database.rows(_COUNTED, values)
        found = [Capture(*row) for row in self._database.rows(_FIRST_AND_LAST, values)]
        if not found:
            return Archival(count, None, None, checks, first_check_at)
        return Archival(count, found[0].captured_at, found[-1], checks, first_check_at)

    def checks(self, document_id: str, *, limit: int) -> list[CheckEntry]:
        """The newest looks at a document, newest first."""
        rows = self._database.rows(_CHECKS, {"document_id": document_id, "limit": limit})
        return [CheckEntry(*row) for row in rows]

    def _snapshots(self, query: Any) -> list[SnapshotEntry]:
        with self._database.reading() as session:
            rows = list(session.scalars(query))
            ids = [row.id for row in rows]
            parts = session.scalars(
                select(SnapshotPartRow)
                .where(col(SnapshotPartRow.snapshot_id).in_(ids))
                .order_by(col(SnapshotPartRow.ordinal))
            )
            of: dict[str, list[PartEntry]] = {}
            for part in parts:
                of.setdefault(part.snapshot_id, []).append(_part(part))
            judged = session.execute(
                select(col(JudgementRow.snapshot_id), col(JudgementRow.outcome) != "unusable").where(
                    col(JudgementRow.snapshot_id).in_(ids)
                )
            )
            usable = {snapshot_id: bool(is_usable) for snapshot_id, is_usable in judged}
        return [_snapshot(row, usable.get(row.id), tuple(of.get(row.id, ()))) for row in rows]


def _part(row: SnapshotPartRow) -> PartEntry:
    return PartEntry(**{name: getattr(row, name) for name in PartEntry.__slots__})


def _snapshot(row: SnapshotRow, usable: bool | None, parts: tuple[PartEntry, ...]) -> SnapshotEntry:
    columns = (name for name in SnapshotEntry.__slots__ if name not in {"usable", "parts"})
    return SnapshotEntry(**{name: getattr(row, name) for name in columns}, usable=usable, parts=parts)
