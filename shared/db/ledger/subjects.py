"""From rows to the facts that the ledger hashes of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.tables import ChangeRow, SnapshotPartRow, SnapshotRow, VersionRow
from shared.evidence.ledger import Kind, change_facts, part_facts, revision_facts, snapshot_facts, version_facts


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is made of."""

    kind: Kind
    id: str
    revision: int
    facts: dict[str, Any]


def parts_of(session: Session, snapshot_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """The `part_facts` of each snapshot, in order; what `headers.json` of a bundle holds."""
    parts = (
        select(SnapshotPartRow)
        .where(col(SnapshotPartRow.snapshot_id).in_(snapshot_ids))
        .order_by(col(SnapshotPartRow.snapshot_id), col(SnapshotPartRow.ordinal))
    )
    grouped = groupby(session.scalars(parts), key=lambda part: part.snapshot_id)
    return {snapshot_id: [_part(row) for row in rows] for snapshot_id, rows in grouped}


def snapshots(session: Session, ids: Collection[str]) -> Iterator[Subject]:
    """Those that there are, in no particular order; so it is with versions and changes."""
    parts = parts_of(session, ids)
    for row in session.scalars(select(SnapshotRow).where(col(SnapshotRow.id).in_(ids))):
        facts = snapshot_facts(
            id=row.id,
            document_id=row.document_id,
            captured_at=row.captured_at,
            sha256=row.sha256,
            parts=parts.get(row.id, ()),
        )
        yield Subject(Kind.SNAPSHOT, row.id, 0, facts)


def versions(session: Session, ids: Collection[str]) -> Iterator[Subject]:
    for row in session.scalars(select(VersionRow).where(col(VersionRow.id).in_(ids))):
        facts = version_facts(
            id=row.id,
            document_id=row.document_id,
            snapshot_id=row.snapshot_id,
            text_sha256=row.text_sha256,
            first_seen_at=row.first_seen_at,
        )
        yield Subject(Kind.VERSION, row.id, 0, facts)


def changes(session: Session, ids: Collection[str]) -> Iterator[Subject]:
    """Each as a change; one that was corrected or retracted besides as the revision that it is at."""
    for row in session.scalars(select(ChangeRow).where(col(ChangeRow.id).in_(ids))):
        facts = change_facts(
            id=row.id,
            document_id=row.document_id,
            old_version_id=row.old_version_id,
            new_version_id=row.version_id,
            report=row.report,
            detected_at=row.detected_at,
        )
        yield Subject(Kind.CHANGE, row.id, 0, facts)
        if row.revision:
            revised = revision_facts(id=row.id, revision=row.revision, status=row.status, report=row.report)
            yield Subject(Kind.REVISION, row.id, row.revision, revised)


def of_kind(session: Session, kind: Kind, ids: Sequence[str]) -> Iterator[Subject]:
    """The subjects that rows of one kind make, by the rows' ids."""
    if not ids:
        return iter(())
    return {Kind.SNAPSHOT: snapshots, Kind.VERSION: versions}.get(kind, changes)(session, ids)


def _part(row: SnapshotPartRow) -> dict[str, Any]:
    return part_facts(
        url=row.url,
        final_url=row.final_url,
        status=row.status,
        redirects=row.redirects,
        request_headers=row.request_headers,
        headers=row.headers,
        sha256=row.sha256,
        size=row.size,
        started_at=row.started_at,
        finished_at=row.finished_at,
        reused=row.reused,
    )
