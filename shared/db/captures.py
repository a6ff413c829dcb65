"""A document's stored captures, as its operator looks at them: what was read, and what was judged unusable."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from shared.db.differ_chrome import chrome_of
from shared.db.differ_rows import capture_of, document_info
from shared.db.judging import DocumentInfo, StoredCapture, StoredChrome
from shared.db.session import Database
from shared.db.tables import DocumentRow, JudgementRow, PlatformRow, SnapshotRow


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A capture that was judged unusable, and why."""

    snapshot_id: str
    document_id: str
    platform: str
    type: str
    captured_at: datetime
    reason: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Recent:
    """A document with its last captures whose bytes are kept, newest first."""

    document: DocumentInfo
    chrome: StoredChrome
    captures: tuple[tuple[datetime, StoredCapture], ...]


class Captures:
    """Reads captures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, document_id: str, limit: int) -> Recent | None:
        """None for an unknown document."""
        query = (
            select(SnapshotRow)
            .where(col(SnapshotRow.document_id) == document_id, col(SnapshotRow.bytes_kept).is_(True))
            .order_by(col(SnapshotRow.ordinal).desc())
            .limit(limit)
        )
        with self._database.reading() as session:
            row = session.get(DocumentRow, document_id)
            if row is None:
                return None
            document = document_info(row, session.get_one(PlatformRow, row.platform_id))
            found = [(one.captured_at, capture_of(session, one.id)) for one in session.scalars(query).all()]
            return Recent(document, chrome_of(session, document.platform_id), tuple(found))

    def quarantined(self, *, after: tuple[datetime, str] | None = None, limit: int) -> list[Quarantined]:
        """Captures that were judged unusable, newest first; `after` is the time and id of the last one seen."""
        at, snapshot = col(SnapshotRow.captured_at), col(SnapshotRow.id)
        query = (
            select(SnapshotRow, JudgementRow, DocumentRow, PlatformRow)
            .join(JudgementRow, col(JudgementRow.snapshot_id) == snapshot)
            .join(DocumentRow, col(DocumentRow.id) == col(SnapshotRow.document_id))
            .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
            .where(col(JudgementRow.outcome) == "unusable")
            .order_by(at.desc(), snapshot)
            .limit(limit)
        )
        if after:
            query = query.where((at < after[0]) | ((at == after[0]) & (snapshot > after[1])))
        with self._database.reading() as session:
            return [
                Quarantined(
                    capture.id,
                    document.id,
                    platform.name,
                    document.type,
                    capture.captured_at,
                    judged.reason,
                    judged.why,
                )
                for capture, judged, document, platform in session.execute(query)
            ]
