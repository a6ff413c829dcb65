"""What a bundle is made of, as rows: the change or version, its versions, their captures, and the proof of them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from shared.db.differ_chrome import chrome_of
from shared.db.differ_rows import capture_of, document_info
from shared.db.judging import DocumentInfo, StoredCapture, StoredChrome
from shared.db.ledger.reading import Ledger, NotYetProven, Proof
from shared.db.ledger.subjects import parts_of
from shared.db.session import Database
from shared.db.tables import ChangeRow, DocumentRow, PlatformRow, SnapshotRow, VersionRow
from shared.evidence.ledger import Kind


@dataclass(frozen=True, slots=True)
class VersionFound:
    """A version and the capture in which it began; the bodies of that may be gone."""

    id: str
    text_sha256: str
    capture: StoredCapture
    bytes_kept: bool
    parts: Sequence[dict[str, Any]]
    """As `ledger.part_facts`."""


@dataclass(frozen=True, slots=True)
class Found:
    """The subject, and what goes with it. A version has neither report nor an older side."""

    kind: Kind
    id: str
    document: DocumentInfo
    chrome: StoredChrome
    report: dict[str, Any] | None
    status: str
    old: VersionFound | None
    new: VersionFound
    proof: Proof


class Bundling:
    """Finds what bundles are made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, change_id: str) -> Found | None:
        """None for no change; NotYetProven where the ledger has not come to it yet."""
        with self._database.reading() as session:
            row = session.get(ChangeRow, change_id)
            if row is None:
                return None
            proof = self._proof(session, Kind.CHANGE, row.id, (row.old_version_id, row.version_id))
            entered = max(one.facts.get("revision", 0) for one in proof.subjects)
            if entered != row.revision:
                raise NotYetProven(f"the last revision of change {row.id} is not in the ledger yet")
            old, new = (_version(session, one) for one in (row.old_version_id, row.version_id))
            return _found(session, Kind.CHANGE, row.id, row.document_id, row.report, row.status, old, new, proof)

    def version(self, version_id: str) -> Found | None:
        """The same of a version."""
        with self._database.reading() as session:
            row = session.get(VersionRow, version_id)
            if row is None:
                return None
            proof = self._proof(session, Kind.VERSION, row.id, (row.id,))
            new = _version(session, row.id)
            return _found(session, Kind.VERSION, row.id, row.document_id, None, row.origin, None, new, proof)

    def _proof(self, session: Session, kind: Kind, subject_id: str, versions: Sequence[str]) -> Proof:
        """First of all, and from ids alone: what waits for the ledger is asked for again and again."""
        snapshots = (session.get_one(VersionRow, one).snapshot_id for one in versions)
        subjects = [
            *dict.fromkeys((Kind.SNAPSHOT, one) for one in snapshots),
            *dict.fromkeys((Kind.VERSION, one) for one in versions),
            *([(Kind.CHANGE, subject_id), (Kind.REVISION, subject_id)] if kind is Kind.CHANGE else ()),
        ]
        return Ledger(self._database).proof(subjects)


def _found(
    session: Session,
    kind: Kind,
    subject_id: str,
    document_id: str,
    report: dict[str, Any] | None,
    status: str,
    old: VersionFound | None,
    new: VersionFound,
    proof: Proof,
) -> Found:
    document = session.get_one(DocumentRow, document_id)
    info = document_info(document, session.get_one(PlatformRow, document.platform_id))
    chrome = chrome_of(session, document.platform_id)
    return Found(kind, subject_id, info, chrome, report, status, old, new, proof)


def _version(session: Session, version_id: str) -> VersionFound:
    row = session.get_one(VersionRow, version_id)
    snapshot = session.get_one(SnapshotRow, row.snapshot_id)
    parts = parts_of(session, [snapshot.id]).get(snapshot.id, [])
    return VersionFound(row.id, row.text_sha256, capture_of(session, snapshot.id), snapshot.bytes_kept, parts)
