"""From a confirmed text to what is written of it: the version, and the change from the version before."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Protocol

from services.differ.core.blocks import Extraction
from services.differ.core.confirm import kind_of_change
from services.differ.core.extract import edge_blocks
from services.differ.core.pipeline import Comparison, VersionText, align, build_report, compare_versions, segment
from services.differ.handlers.memory import Memory
from services.differ.handlers.reading import CaptureReader, is_automatic
from shared.db.judging import NewChange, NewVersion, PastVersion, Pending, StoredCapture, StoredVersion
from shared.domain.documents import Declaration
from shared.domain.provisions import Provision
from shared.domain.report import DocumentRef, Evidence, EvidenceSide, Links, Outcome, PlatformRef, Report
from shared.domain.standing import Candidate
from shared.events import ChangeDetected
from shared.ids import new_id


class VersionReader(Protocol):
    """What describing needs of the database; see `shared.db.differ.DifferStore`."""

    def provisions(self, version_id: str) -> tuple[Provision, ...]: ...

    def past_versions(self, document_id: str) -> list[PastVersion]: ...

    def past_changes(self, document_id: str) -> list[tuple[str, str, str, datetime]]: ...

    def capture(self, snapshot_id: str) -> StoredCapture: ...


class Describer:
    """Turns confirmed readings into versions and changes."""

    def __init__(self, versions: VersionReader, reader: CaptureReader, *, public_url: str = "") -> None:
        self._versions = versions
        self._memory = Memory(versions, reader)
        self._public_url = public_url.rstrip("/")

    def confirmed(
        self, pending: Pending, candidate: Candidate, extraction: Extraction
    ) -> tuple[NewVersion, NewChange | None]:
        """The next version, and its change where there is a version before it."""
        version = self._version(pending, candidate, extraction)
        if pending.head is None:
            return version, None
        old = self._stored_text(pending.head)
        comparison = compare_versions(old, VersionText.of(extraction, version.provisions))
        version = replace(version, provisions=comparison.provisions)
        return version, self._change(pending, pending.head, version, comparison)

    def read_anew(self, pending: Pending, head: StoredVersion, extraction: Extraction) -> NewVersion:
        """Today's reading of the head's own capture, its provisions keeping their identity."""
        sequence = head.sequence + 1
        provisions = segment(extraction, identity_seed=f"{pending.document.id}/{sequence}")
        return NewVersion(
            id=new_id("ver"),
            origin="re-extraction",
            sequence=sequence,
            began_in=head.capture.snapshot_id,
            confirmed_by=head.capture.snapshot_id,
            first_seen_at=head.first_seen_at,
            last_seen_at=head.last_seen_at,
            provisions=align(self._versions.provisions(head.id), provisions).provisions,
            **_reading(extraction, pending.document.declaration),
        )

    def _version(self, pending: Pending, candidate: Candidate, extraction: Extraction) -> NewVersion:
        sequence = pending.head.sequence + 1 if pending.head else 1
        return NewVersion(
            id=new_id("ver"),
            origin="confirmed",
            sequence=sequence,
            began_in=candidate.snapshot_id,
            confirmed_by=pending.capture.snapshot_id,
            first_seen_at=candidate.since,
            last_seen_at=pending.at,
            provisions=segment(extraction, identity_seed=f"{pending.document.id}/{sequence}"),
            **_reading(extraction, pending.document.declaration),
        )

    def _stored_text(self, version: StoredVersion) -> VersionText:
        return VersionText.kept(version, self._versions.provisions(version.id))

    def _change(self, pending: Pending, head: StoredVersion, version: NewVersion, comparison: Comparison) -> NewChange:
        document = pending.document
        texts = self._memory.texts(pending, version)
        past = self._memory.changes(document.id, texts)
        kind = kind_of_change(texts[head.id], version.text_sha256, past, pending.at)
        editorial = comparison.outcome != "changed"
        outcome: Outcome = "editorial" if editorial else "changed" if kind == "changed" else "reverted"
        seen = (known for known, text in texts.items() if text == version.text_sha256)
        change_id = new_id("chg")
        report = build_report(
            comparison,
            outcome=outcome,
            alert=not editorial and kind != "alternating",
            id=change_id,
            status="confirmed",
            sequence=version.sequence,
            platform=PlatformRef(slug=document.platform_slug, name=document.platform_name),
            document=DocumentRef(id=document.id, type=document.type, url=document.url, language=version.language),
            last_seen_old=head.last_seen_at,
            first_seen_new=version.first_seen_at,
            seen_before=next(seen, None),
            evidence=Evidence(
                old=EvidenceSide(version=head.id, snapshot_sha256=head.capture.sha256),
                new=EvidenceSide(version=version.id, snapshot_sha256=pending.capture.sha256),
            ),
            links=self._links(change_id),
        )
        recorded = "alternating" if kind == "alternating" else outcome
        return NewChange(
            id=change_id,
            old_version_id=head.id,
            version_id=version.id,
            outcome=recorded,
            report=report.to_json(),
            event=_event(pending, report),
        )

    def _links(self, change_id: str) -> Links | None:
        if not self._public_url:
            return None
        record = f"{self._public_url}/changes/{change_id}"
        return Links(record=record, redline=f"{record}/redline", evidence=f"{record}/evidence")


def _event(pending: Pending, report: Report) -> ChangeDetected:
    categories = dict.fromkeys(category for change in report.provisions for category in change.categories)
    return ChangeDetected(
        change_id=report.id or "",
        document_id=pending.document.id,
        document_type=pending.document.type,
        platform_slug=pending.document.platform_slug,
        sequence=report.sequence or 0,
        alert=report.alert,
        outcome=report.outcome,
        headline=report.headline.text if report.headline else "",
        severity=report.severity or "editorial",
        direction=report.direction or "neutral",
        counts=report.counts.model_dump(),
        categories=tuple(categories),
        provision_ids=tuple(change.id for change in report.provisions),
    )


def _reading(extraction: Extraction, declaration: Declaration) -> dict[str, Any]:
    """What a version takes from its extraction."""
    edges = tuple((edge.hash, edge.text) for edge in edge_blocks(extraction)) if is_automatic(declaration) else None
    return {
        "text_sha256": extraction.text_sha256,
        "fingerprint": extraction.fingerprint,
        "title": extraction.title,
        "language": extraction.language,
        "dates": tuple({**asdict(stated), "value": stated.value.isoformat()} for stated in extraction.dates),
        "words": len(extraction.reading_text.split()),
        "edges": edges,
    }
