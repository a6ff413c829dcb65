"""A document's stored captures, as its operator looks at them: what was read, and what was judged unusable."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, literal, literal_column, select, tuple_
from sqlmodel import col

from shared.db.differ_chrome import chrome_of
from shared.db.differ_rows import capture_of, document_info
from shared.db.judging import DocumentInfo, StoredCapture, StoredChrome
from shared.db.session import Database
from shared.db.tables import DocumentRow, HeadRow, JudgementRow, PlatformRow, SnapshotRow
from shared.db.tables.columns import UtcDateTime


class Acceptance(StrEnum):
    """Whether an operator can say that a capture's text is the document's after all, and why not."""

    POSSIBLE = "possible"
    ACCEPTED = "accepted"
    """That was said already; a check confirms it."""
    TEXTLESS = "textless"
    """No text was read from it."""
    PAST = "past"
    """The document shows another text by now."""


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
    acceptance: str
    """An `Acceptance`."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A document with its last captures whose bytes are kept, newest first."""

    document: DocumentInfo
    chrome: StoredChrome
    captures: tuple[tuple[datetime, StoredCapture], ...]


_TEXT = col(JudgementRow.text_sha256)
_BY_TIME = (col(JudgementRow.captured_at), col(JudgementRow.snapshot_id))
_QUARANTINED: Select[*tuple[Any, ...]] = (
    select(
        col(JudgementRow.snapshot_id),
        col(JudgementRow.document_id),
        col(PlatformRow.name),
        col(DocumentRow.type),
        col(JudgementRow.captured_at),
        col(JudgementRow.reason),
        col(JudgementRow.why),
        # as shared/db/differ_accepting.py decides: what has no text is known by its bytes' own hash
        case(
            (_TEXT.is_(None) | (col(SnapshotRow.sha256) == _TEXT), Acceptance.TEXTLESS.value),
            (col(HeadRow.unusable_text).is_distinct_from(_TEXT), Acceptance.PAST.value),
            (col(HeadRow.accepted_text) == _TEXT, Acceptance.ACCEPTED.value),
            else_=Acceptance.POSSIBLE.value,
        ),
    )
    .join(SnapshotRow, col(SnapshotRow.id) == col(JudgementRow.snapshot_id))
    .outerjoin(HeadRow, col(HeadRow.document_id) == col(JudgementRow.document_id))
    .join(DocumentRow, col(DocumentRow.id) == col(JudgementRow.document_id))
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .where(col(JudgementRow.outcome) == literal_column("'unusable'"))  # the very words of the partial index
    .order_by(*(one.desc() for one in _BY_TIME))
)


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
        query = _QUARANTINED
        if after:
            query = query.where(tuple_(*_BY_TIME) < tuple_(literal(after[0], UtcDateTime()), after[1]))
        with self._database.reading() as session:
            return [Quarantined(*row) for row in session.execute(query.limit(limit))]
