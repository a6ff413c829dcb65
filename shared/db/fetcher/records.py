"""One finished check is one transaction: the check, its snapshot, the schedule, conditions and the events of all."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, func, insert, select, update
from sqlmodel import Session, SQLModel, col

from shared.db.fetcher.values import CheckRecord, LeaseLost, NewCapture, StoredPart
from shared.db.outbox import announce
from shared.db.session import Database
from shared.db.tables import ConditionRow, ScheduleRow, SnapshotPartRow, SnapshotRow
from shared.db.tables.columns import Json, UtcDateTime
from shared.db.upsert import insert_missing
from shared.domain.captures import Redirect
from shared.domain.standing import Condition
from shared.events import ConditionBegan, ConditionEnded, SnapshotCaptured
from shared.ids import new_id


def _time(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())


# Built once, and below the ORM: this is what every check runs, also where nothing is new.
_INSERT_CHECK = insert(SQLModel.metadata.tables["checks"])
_RESCHEDULE = (
    update(SQLModel.metadata.tables["schedules"])
    .where(
        col(ScheduleRow.document_id) == bindparam("of_document"), col(ScheduleRow.lease_token) == bindparam("of_token")
    )
    .values(
        interval_s=bindparam("interval_s"),
        retry_at=_time("retry_at"),
        failures=bindparam("failures"),
        first_failed_at=_time("first_failed_at"),
        last_checked_at=_time("last_checked_at"),
        next_check_at=func.coalesce(_time("next_at"), col(ScheduleRow.next_check_at)),
        # The differ may have asked for another confirmation meanwhile; that one is still to be made.
        confirm_at=case((col(ScheduleRow.confirm_at) == _time("confirmed"), None), else_=col(ScheduleRow.confirm_at)),
        lease_until=None,
        lease_token=None,
    )
)
_RESCHEDULE_AND_REMEMBER = _RESCHEDULE.values(seen=bindparam("seen", type_=Json))


class Records:
    """Writes what checks brought, fenced by the token of the lease."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, check: CheckRecord, token: str) -> None:
        """Write one check with all that follows; LeaseLost, and nothing written, where the lease is another's now."""
        with self._database.transaction() as session:
            self._reschedule(session, check, token)
            session.connection().execute(_INSERT_CHECK, _check_values(check))
            if check.capture:
                self._capture(session, check, check.capture)
            if check.unreachable:
                self._begin_unreachable(session, check, check.unreachable)
            if check.reachable:
                self._end_unreachable(session, check)

    def newest_parts(self, document_id: str) -> tuple[StoredPart, ...]:
        """The parts of a document's newest snapshot, in order; empty where there is none."""
        newest = (
            select(col(SnapshotRow.id))
            .where(col(SnapshotRow.document_id) == document_id)
            .order_by(col(SnapshotRow.ordinal).desc())
            .limit(1)
            .scalar_subquery()
        )
        parts = select(SnapshotPartRow).where(col(SnapshotPartRow.snapshot_id) == newest)
        with self._database.reading() as session:
            return tuple(_stored(row) for row in session.scalars(parts.order_by(col(SnapshotPartRow.ordinal))))

    def _reschedule(self, session: Session, check: CheckRecord, token: str) -> None:
        planned = check.planned
        values: dict[str, Any] = {
            "of_document": check.document_id,
            "of_token": token,
            "interval_s": planned.interval_s,
            "retry_at": planned.retry_at,
            "failures": planned.failures,
            "first_failed_at": planned.first_failed_at,
            "last_checked_at": check.at,
            "next_at": planned.next_check_at,
            "confirmed": check.confirmed,
        }
        statement = _RESCHEDULE
        if check.seen is not None:
            statement = _RESCHEDULE_AND_REMEMBER
            values["seen"] = [asdict(part) for part in check.seen]
        if session.connection().execute(statement, values).rowcount != 1:
            raise LeaseLost(check.document_id)

    def _capture(self, session: Session, check: CheckRecord, capture: NewCapture) -> None:
        newest = select(func.max(SnapshotRow.ordinal)).where(col(SnapshotRow.document_id) == check.document_id)
        captured = SnapshotCaptured(document_id=check.document_id, snapshot_id=capture.id)
        event_id = announce(session, captured, correlation_id=check.correlation_id, now=check.at)
        session.add(
            SnapshotRow(
                id=capture.id,
                document_id=check.document_id,
                ordinal=(session.scalar(newest) or 0) + 1,
                captured_at=capture.captured_at,
                confirming=check.confirming,
                sha256=capture.sha256,
                fetcher_version=capture.fetcher_version,
                event_id=event_id,
                correlation_id=check.correlation_id,
            )
        )
        session.flush()
        session.add_all(_part_row(capture.id, n, part) for n, part in enumerate(capture.parts))

    def _begin_unreachable(self, session: Session, check: CheckRecord, why: str) -> None:
        condition_id = new_id("con")
        values = {
            "id": condition_id,
            "document_id": check.document_id,
            "kind": Condition.UNREACHABLE.value,
            "detail": why,
            "began_at": check.at,
        }
        if insert_missing(session, ConditionRow, values):
            began = ConditionBegan(condition_id=condition_id, document_id=check.document_id, kind=Condition.UNREACHABLE)
            announce(session, began, correlation_id=check.correlation_id, now=check.at)

    def _end_unreachable(self, session: Session, check: CheckRecord) -> None:
        ended = session.scalars(
            update(ConditionRow)
            .where(
                col(ConditionRow.document_id) == check.document_id,
                col(ConditionRow.kind) == Condition.UNREACHABLE,
                col(ConditionRow.ended_at).is_(None),
            )
            .values(ended_at=check.at)
            .returning(col(ConditionRow.id))
            .execution_options(synchronize_session=False)
        ).all()
        for condition_id in ended:
            over = ConditionEnded(condition_id=condition_id, document_id=check.document_id, kind=Condition.UNREACHABLE)
            announce(session, over, correlation_id=check.correlation_id, now=check.at)


def _check_values(check: CheckRecord) -> dict[str, Any]:
    return {
        "document_id": check.document_id,
        "at": check.at,
        "outcome": check.outcome,
        "confirming": check.confirming,
        "failure": check.failure,
        "detail": check.detail,
        "status": check.status,
        "duration_ms": check.duration_ms,
        "snapshot_id": check.capture.id if check.capture else None,
    }


def _part_row(snapshot_id: str, ordinal: int, part: StoredPart) -> SnapshotPartRow:
    return SnapshotPartRow(
        snapshot_id=snapshot_id,
        ordinal=ordinal,
        url=part.url,
        final_url=part.final_url,
        status=part.status,
        redirects=[asdict(redirect) for redirect in part.redirects],
        request_headers=[list(header) for header in part.request_headers],
        headers=[list(header) for header in part.headers],
        media_type=part.media_type,
        charset=part.charset,
        sha256=part.sha256,
        size=part.size,
        started_at=part.started_at,
        finished_at=part.finished_at,
        reused=part.reused,
    )


def _stored(row: SnapshotPartRow) -> StoredPart:
    return StoredPart(
        url=row.url,
        final_url=row.final_url,
        status=row.status,
        redirects=tuple(Redirect(**redirect) for redirect in row.redirects),
        request_headers=tuple((name, value) for name, value in row.request_headers),
        headers=tuple((name, value) for name, value in row.headers),
        media_type=row.media_type,
        charset=row.charset,
        sha256=row.sha256,
        size=row.size,
        started_at=row.started_at,
        finished_at=row.finished_at,
        reused=row.reused,
    )
