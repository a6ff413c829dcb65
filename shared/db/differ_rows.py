"""Between the differ's rows and its value types."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.judging import (
    DocumentInfo,
    NewChange,
    NewVersion,
    Pending,
    StoredCapture,
    StoredPart,
    StoredVersion,
)
from shared.db.tables import (
    ChangeRow,
    DocumentRow,
    HeadRow,
    PlatformRow,
    SnapshotPartRow,
    SnapshotRow,
    VersionRow,
)
from shared.domain.documents import Declaration
from shared.domain.provisions import Provision, ProvisionKind, ProvisionLink
from shared.domain.standing import Candidate, Standing, UnusableRun


def document_info(document: DocumentRow, platform: PlatformRow) -> DocumentInfo:
    return DocumentInfo(
        id=document.id,
        type=document.type,
        url=document.url,
        platform_id=platform.id,
        platform_slug=platform.slug,
        platform_name=platform.name,
        declaration=Declaration.model_validate(document.declaration),
        confirm_after_s=document.confirm_after_s,
    )


def capture_of(session: Session, snapshot_id: str) -> StoredCapture:
    """A snapshot's parts, in order."""
    snapshot = session.get_one(SnapshotRow, snapshot_id)
    parts = session.scalars(
        select(SnapshotPartRow)
        .where(col(SnapshotPartRow.snapshot_id) == snapshot_id)
        .order_by(col(SnapshotPartRow.ordinal))
    )
    stored = tuple(StoredPart(part.final_url, part.media_type, part.charset, part.sha256) for part in parts)
    return StoredCapture(snapshot_id, snapshot.sha256, stored)


def stored_version(session: Session, row: VersionRow) -> StoredVersion:
    return StoredVersion(
        id=row.id,
        sequence=row.sequence,
        text_sha256=row.text_sha256,
        fingerprint=row.fingerprint,
        title=row.title,
        language=row.language,
        dates=tuple(row.dates),
        words=row.words,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        capture=capture_of(session, row.snapshot_id),
    )


def standing_of(head: HeadRow, head_text: str | None, open_conditions: frozenset[str]) -> Standing:
    candidate = None
    if head.candidate_text and head.candidate_since and head.candidate_snapshot_id:
        candidate = Candidate(head.candidate_text, head.candidate_since, head.candidate_snapshot_id)
    unusable = None
    if head.unusable_text and head.unusable_since:
        unusable = UnusableRun(head.unusable_text, head.unusable_since, head.unusable_count)
    return Standing(head_text, candidate, head.unsettled_since, unusable, open_conditions)


def head_values(pending: Pending, standing: Standing, version: NewVersion | None) -> dict[str, Any]:
    """The columns of a head that a verdict sets."""
    candidate, unusable = standing.candidate, standing.unusable
    values: dict[str, Any] = {
        "candidate_text": candidate.text if candidate else None,
        "candidate_since": candidate.since if candidate else None,
        "candidate_snapshot_id": candidate.snapshot_id if candidate else None,
        "unsettled_since": standing.unsettled_since,
        "unusable_text": unusable.text if unusable else None,
        "unusable_since": unusable.since if unusable else None,
        "unusable_count": unusable.count if unusable else 0,
    }
    if version:
        values |= {"version_id": version.id, "sequence": version.sequence}
    return values


def version_row(document_id: str, version: NewVersion) -> VersionRow:
    return VersionRow(
        id=version.id,
        document_id=document_id,
        sequence=version.sequence,
        origin=version.origin,
        text_sha256=version.text_sha256,
        fingerprint=version.fingerprint,
        title=version.title,
        language=version.language,
        dates=[dict(date) for date in version.dates],
        words=version.words,
        edges=None if version.edges is None else [list(edge) for edge in version.edges],
        snapshot_id=version.began_in,
        confirmed_by=version.confirmed_by,
        first_seen_at=version.first_seen_at,
        last_seen_at=version.last_seen_at,
    )


def provision_values(version: NewVersion) -> list[dict[str, Any]]:
    """Rows of `provisions`, ready for one bulk insert: a version may have hundreds, and objects for each cost most."""
    return [
        {
            "version_id": version.id,
            "ordinal": ordinal,
            "provision_id": provision.id,
            "value": _provision_json(provision),
        }
        for ordinal, provision in enumerate(version.provisions)
    ]


def change_row(document_id: str, change: NewChange, now: datetime) -> ChangeRow:
    event = change.event
    return ChangeRow(
        id=change.id,
        document_id=document_id,
        sequence=event.sequence,
        old_version_id=change.old_version_id,
        version_id=change.version_id,
        outcome=change.outcome,
        alert=event.alert,
        severity=event.severity,
        direction=event.direction,
        headline=event.headline,
        report=dict(change.report),
        detected_at=now,
    )


def _provision_json(provision: Provision) -> dict[str, Any]:
    return {
        "id": provision.id,
        "ordinal": provision.ordinal,
        "kind": provision.kind,
        "path": provision.path,
        "heading": provision.heading,
        "number": provision.number,
        "text": provision.text,
        "canonical": provision.canonical,
        "blocks": provision.blocks,
        "links": [{"span": link.span, "target": link.target} for link in provision.links],
    }


def provision_of(value: Mapping[str, Any]) -> Provision:
    """A provision as it was stored."""
    links = tuple(ProvisionLink(tuple(link["span"]), link["target"]) for link in value["links"])
    return Provision(
        id=value["id"],
        ordinal=value["ordinal"],
        kind=ProvisionKind(value["kind"]),
        path=tuple(value["path"]),
        heading=value["heading"],
        number=value["number"],
        text=value["text"],
        canonical=value["canonical"],
        blocks=(value["blocks"][0], value["blocks"][1]),
        links=links,
    )
