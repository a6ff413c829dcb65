"""The checks and conditions of documents as lists show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from shared.db.tables import CheckRow, ConditionRow, JudgementRow, ScheduleRow


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """One check as it went, with what became of its snapshot."""

    id: int
    document_id: str
    at: datetime
    outcome: str
    confirming: bool
    failure: str | None
    detail: str | None
    status: int | None
    duration_ms: int
    snapshot_id: str | None
    judgement: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class LastFailure:
    """Why the newest check of a document failed, and when that was."""

    at: datetime
    kind: str
    detail: str | None


def newest_checks(session: Session, document_id: str, limit: int) -> list[CheckSeen]:
    """A document's checks with what its snapshots were judged to be, newest first."""
    query = (
        select(CheckRow, col(JudgementRow.outcome), col(JudgementRow.why))
        .join(JudgementRow, col(JudgementRow.snapshot_id) == col(CheckRow.snapshot_id), isouter=True)
        .where(col(CheckRow.document_id) == document_id)
        .order_by(col(CheckRow.id).desc())
        .limit(limit)
    )
    return [_seen(row, judgement, why) for row, judgement, why in session.execute(query)]


def last_failures(session: Session, document_ids: Sequence[str]) -> dict[str, LastFailure]:
    """By document, for those whose newest check failed."""
    newer = aliased(CheckRow)
    newest = (
        select(col(newer.id))
        .where(col(newer.document_id) == col(ScheduleRow.document_id))
        .order_by(col(newer.at).desc(), col(newer.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    failing = (
        select(CheckRow)
        .join(ScheduleRow, col(ScheduleRow.document_id) == col(CheckRow.document_id))
        .where(col(CheckRow.document_id).in_(document_ids), col(CheckRow.id) == newest)
        .where((col(ScheduleRow.failures) > 0) | col(ScheduleRow.retry_at).is_not(None))
    )
    return {
        row.document_id: LastFailure(row.at, row.failure, row.detail)
        for row in session.scalars(failing)
        if row.failure is not None
    }


def open_conditions(session: Session, document_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By document, the kinds of its conditions that did not end yet, in alphabetical order."""
    query = (
        select(col(ConditionRow.document_id), col(ConditionRow.kind))
        .where(col(ConditionRow.ended_at).is_(None), col(ConditionRow.document_id).in_(document_ids))
        .order_by(col(ConditionRow.kind))
    )
    found: dict[str, tuple[str, ...]] = {}
    for document_id, kind in session.execute(query):
        found[document_id] = (*found.get(document_id, ()), kind)
    return found


def _seen(row: CheckRow, judgement: str | None, why: str | None) -> CheckSeen:
    return CheckSeen(
        id=row.id or 0,
        document_id=row.document_id,
        at=row.at,
        outcome=row.outcome,
        confirming=row.confirming,
        failure=row.failure,
        detail=row.detail,
        status=row.status,
        duration_ms=row.duration_ms,
        snapshot_id=row.snapshot_id,
        judgement=judgement,
        why=why,
    )
