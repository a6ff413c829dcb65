"""What an operator says of a capture that was judged unusable: that it is the document's text after all."""

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.db.session import Database
from shared.db.tables import HeadRow, JudgementRow, ScheduleRow, SnapshotRow


class NothingToAccept(Exception):
    """There is no text that could be accepted; the message says why."""


def accept_unusable(database: Database, document_id: str, now: datetime) -> None:
    """Take the text last judged unusable for the document's own; a check that is due now begins to confirm it.

    NothingToAccept where the last look was usable, or showed no text at all (guarantee 7).
    """
    with database.transaction() as session:
        head = session.get(HeadRow, document_id)
        if head is None or head.unusable_text is None:
            raise NothingToAccept("shows no unusable text now: there is nothing to accept")
        if why := _no_text(session, document_id, head.unusable_text):
            raise NothingToAccept(f"showed no text that could be accepted: {why}")
        head.accepted_text = head.unusable_text
        session.add(head)
        asked = update(ScheduleRow).where(col(ScheduleRow.document_id) == document_id)
        session.execute(asked.values(confirm_at=now, retry_at=None))


def _no_text(session: Session, document_id: str, text: str) -> str | None:
    """Why the last unusable capture has no text; None where it has. One without is known by its bytes' own hash."""
    judged = (
        select(col(JudgementRow.reason), col(JudgementRow.why))
        .join(SnapshotRow, col(SnapshotRow.id) == col(JudgementRow.snapshot_id))
        .where(
            col(SnapshotRow.document_id) == document_id,
            col(SnapshotRow.sha256) == text,
            col(JudgementRow.outcome) == "unusable",
        )
        .order_by(col(SnapshotRow.ordinal).desc())
        .limit(1)
    )
    row = session.execute(judged).first()
    return f"{row.reason}: {row.why}" if row else None
