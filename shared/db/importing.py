"""Writes versions that an archive of texts recorded: judged by nobody, announced to nobody.

A snapshot is written with its version in one transaction and as judged, so that no differ ever finds it to drain, and
no event goes out, so that no notifier ever hears of the change.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from shared.db.differ import Overtaken
from shared.db.differ_rows import change_row, document_info, provision_values, stored_version, version_row
from shared.db.judging import DocumentInfo, NewChange, NewVersion, Pending, StoredCapture, StoredPart
from shared.db.session import Database
from shared.db.sources import platform_slug
from shared.db.tables import (
    DocumentRow,
    HeadRow,
    JudgementRow,
    PlatformRow,
    ProvisionRow,
    SnapshotPartRow,
    SnapshotRow,
    VersionRow,
)
from shared.db.upsert import insert_missing
from shared.domain.documents import Declaration, Part
from shared.domain.standing import Standing
from shared.ids import new_id

IMPORTED = "imported"
"""A document's state, a version's origin, and what stands for the fetcher of its snapshots."""
_LONGEST_IN_URL = 80
"""Characters of each name; a document is known by its platform and type as well."""


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document as an archive names it. `collection` tells two archives' documents of one name apart."""

    collection: str
    platform: str
    type: str

    @property
    def url(self) -> str:
        """Where it was read from; no web address, since the archive's lines give none."""
        names = (self.collection or "archive", platform_slug(self.platform), platform_slug(self.type))
        return "import:" + "/".join(name[:_LONGEST_IN_URL] for name in names)


@dataclass(frozen=True, slots=True)
class RecordedText:
    """One recorded text, its bytes already in the archive under `sha256`."""

    at: datetime
    sha256: str
    size: int
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a recorded text turned out to be: a version, with its change where there is one before it, or the same as
    the newest one."""

    text_sha256: str
    version: NewVersion | None = None
    change: NewChange | None = None


class ImportStore:
    """One document at a time; two imports of one document at once are kept apart by the head's revision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def document(self, wanted: ImportedDocument, now: datetime) -> DocumentInfo:
        """The document, made where it is missing: without a schedule, so that nobody looks at it."""
        slug = platform_slug(wanted.platform)
        declaration = Declaration(parts=(Part(url=wanted.url),)).model_dump(mode="json")
        with self._database.transaction() as session:
            platform = {"id": new_id("plt"), "slug": slug, "name": wanted.platform, "created_at": now}
            insert_missing(session, PlatformRow, platform)
            found = session.scalars(select(PlatformRow).where(col(PlatformRow.slug) == slug)).one()
            values = {"platform_id": found.id, "type": wanted.type, "url": wanted.url, "state": IMPORTED}
            more = {"id": new_id("doc"), "declaration": declaration, "confirm_after_s": 0.0, "created_at": now}
            insert_missing(session, DocumentRow, values | more)
            mine = select(DocumentRow).where(
                col(DocumentRow.platform_id) == found.id,
                col(DocumentRow.type) == wanted.type,
                col(DocumentRow.url) == wanted.url,
            )
            return document_info(session.scalars(mine).one(), found)

    def is_known(self, document_id: str, text: RecordedText) -> bool:
        """Whether this text of that moment was taken in before."""
        known = select(col(SnapshotRow.id)).where(
            col(SnapshotRow.document_id) == document_id,
            col(SnapshotRow.captured_at) == text.at,
            col(SnapshotRow.sha256) == text.sha256,
        )
        with self._database.reading() as session:
            return session.execute(known.limit(1)).first() is not None

    def pending(self, document: DocumentInfo, text: RecordedText) -> Pending:
        """The text as the differ's describing takes it, with the newest version before it."""
        capture = StoredCapture(
            snapshot_id=new_id("snp"),
            sha256=text.sha256,
            parts=(StoredPart(document.url, text.media_type, "utf-8", text.sha256),),
        )
        with self._database.reading() as session:
            head = session.get(HeadRow, document.id) or HeadRow(document_id=document.id)
            version = session.get(VersionRow, head.version_id) if head.version_id else None
            return Pending(
                document=document,
                capture=capture,
                at=text.at,
                confirming=True,
                event_id=IMPORTED,
                correlation_id=IMPORTED,
                standing=Standing(version.text_sha256 if version else None, None, None, None, frozenset()),
                accepted_text=None,
                revision=head.revision,
                head=stored_version(session, version) if version else None,
            )

    def record(self, pending: Pending, text: RecordedText, finding: Finding) -> None:
        """Write all of it in one transaction; Overtaken where another import wrote of the document meanwhile."""
        document_id, version = pending.document.id, finding.version
        with self._database.transaction() as session:
            _advance(session, pending, version)
            _add_snapshot(session, pending, text)
            session.add(
                JudgementRow(
                    snapshot_id=pending.capture.snapshot_id,
                    document_id=document_id,
                    captured_at=pending.at,
                    outcome="confirmed" if version else "unchanged",
                    text_sha256=finding.text_sha256,
                    version_id=version.id if version else None,
                )
            )
            if version:
                session.add(version_row(document_id, version))
                session.flush()
                session.connection().execute(insert(ProvisionRow), provision_values(version))
            elif pending.head:
                head = col(VersionRow.id) == pending.head.id
                session.execute(update(VersionRow).where(head).values(last_seen_at=pending.at))
            if finding.change:
                session.add(change_row(document_id, finding.change, pending.at))


def _advance(session: Session, pending: Pending, version: NewVersion | None) -> None:
    mine = {"document_id": pending.document.id, "revision": 0, "sequence": 0, "unusable_count": 0}
    insert_missing(session, HeadRow, mine)
    values = {"version_id": version.id, "sequence": version.sequence} if version else {}
    moved = session.execute(
        update(HeadRow)
        .where(col(HeadRow.document_id) == pending.document.id, col(HeadRow.revision) == pending.revision)
        .values(revision=pending.revision + 1, **values)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Overtaken(pending.document.id)


def _add_snapshot(session: Session, pending: Pending, text: RecordedText) -> None:
    snapshot_id, document = pending.capture.snapshot_id, pending.document
    last = session.scalar(select(func.max(col(SnapshotRow.ordinal))).where(col(SnapshotRow.document_id) == document.id))
    session.add(
        SnapshotRow(
            id=snapshot_id,
            document_id=document.id,
            ordinal=(last or 0) + 1,
            captured_at=text.at,
            confirming=True,
            sha256=text.sha256,
            fetcher_version=IMPORTED,
            judged=True,
            event_id=IMPORTED,
            correlation_id=IMPORTED,
        )
    )
    session.flush()
    session.add(
        SnapshotPartRow(
            snapshot_id=snapshot_id,
            ordinal=0,
            url=document.url,
            final_url=document.url,
            status=0,
            redirects=[],
            request_headers=[],
            headers=[],
            media_type=text.media_type,
            charset="utf-8",
            sha256=text.sha256,
            size=text.size,
            started_at=text.at,
            finished_at=text.at,
        )
    )
    session.flush()
