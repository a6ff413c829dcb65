"""The differ's repository: the next thing to judge, and one transaction for each verdict."""

from datetime import datetime

from sqlalchemy import Select, insert, select, update
from sqlmodel import Session, col

from shared.db.differ_chrome import chrome_of
from shared.db.differ_rows import (
    capture_of,
    change_row,
    document_info,
    head_values,
    provision_of,
    provision_values,
    standing_of,
    stored_version,
    version_row,
)
from shared.db.judging import NewVersion, PastVersion, Pending, StoredCapture, Verdict
from shared.db.outbox import announce, mark_handled
from shared.db.session import Database
from shared.db.tables import (
    ChangeRow,
    ConditionRow,
    DocumentRow,
    HeadRow,
    JudgementRow,
    PlatformRow,
    ProvisionRow,
    ScheduleRow,
    SnapshotRow,
    VersionRow,
)
from shared.db.upsert import insert_missing
from shared.domain.provisions import Provision
from shared.domain.standing import Condition, Standing
from shared.events import ConditionBegan, ConditionEnded
from shared.ids import new_id


class Overtaken(Exception):
    """Another worker judged this document in the meantime: read again."""


class DifferStore:
    """Reads in short deferred sessions; writes by compare-and-set on the head's revision."""

    def __init__(self, database: Database, consumer: str = "differ") -> None:
        self._database = database
        self._consumer = consumer

    def next_unjudged(self, document_id: str) -> Pending | None:
        """The document's oldest unjudged snapshot; None where all are judged."""
        with self._database.reading() as session:
            snapshot = session.scalars(
                select(SnapshotRow)
                .where(col(SnapshotRow.document_id) == document_id, col(SnapshotRow.judged).is_(False))
                .order_by(col(SnapshotRow.ordinal))
                .limit(1)
            ).first()
            if snapshot is None:
                return None
            document = session.get_one(DocumentRow, document_id)
            head = session.get(HeadRow, document_id) or HeadRow(document_id=document_id)
            version = session.get(VersionRow, head.version_id) if head.version_id else None
            open_conditions = session.scalars(
                select(col(ConditionRow.kind)).where(
                    col(ConditionRow.document_id) == document_id, col(ConditionRow.ended_at).is_(None)
                )
            )
            return Pending(
                document=document_info(document, session.get_one(PlatformRow, document.platform_id)),
                capture=capture_of(session, snapshot.id),
                at=snapshot.captured_at,
                confirming=snapshot.confirming,
                event_id=snapshot.event_id,
                correlation_id=snapshot.correlation_id,
                standing=standing_of(head, version.text_sha256 if version else None, frozenset(open_conditions)),
                accepted_text=head.accepted_text,
                revision=head.revision,
                head=stored_version(session, version) if version else None,
                chrome=chrome_of(session, document.platform_id),
            )

    def provisions(self, version_id: str) -> tuple[Provision, ...]:
        """A version's provisions in reading order."""
        statement = select(col(ProvisionRow.value)).where(col(ProvisionRow.version_id) == version_id)
        with self._database.reading() as session:
            return tuple(
                provision_of(value) for value in session.scalars(statement.order_by(col(ProvisionRow.ordinal)))
            )

    def capture(self, snapshot_id: str) -> StoredCapture:
        """A snapshot's parts, in order."""
        with self._database.reading() as session:
            return capture_of(session, snapshot_id)

    def past_versions(self, document_id: str) -> list[PastVersion]:
        """Every version of a document, newest first."""
        columns = (VersionRow.id, VersionRow.text_sha256, VersionRow.fingerprint, VersionRow.snapshot_id)
        statement = (
            select(*(col(column) for column in columns))
            .where(col(VersionRow.document_id) == document_id)
            .order_by(col(VersionRow.sequence).desc())
        )
        with self._database.reading() as session:
            return [PastVersion(*row) for row in session.execute(statement)]

    def past_changes(self, document_id: str) -> list[tuple[str, str, str, datetime]]:
        """(id of the old version, id of the new one, outcome, detected at) of every change, oldest first."""
        columns = (ChangeRow.old_version_id, ChangeRow.version_id, ChangeRow.outcome)
        statement = (
            select(*(col(column) for column in columns), col(ChangeRow.detected_at))
            .where(col(ChangeRow.document_id) == document_id)
            .order_by(col(ChangeRow.sequence))
        )
        with self._database.reading() as session:
            return [tuple(row) for row in session.execute(statement)]

    def record(self, pending: Pending, verdict: Verdict, now: datetime) -> None:
        """Write a verdict with all that follows from it; Overtaken where somebody else has judged meanwhile."""
        document_id = pending.document.id
        with self._database.transaction() as session:
            self._advance(session, pending, verdict.standing, verdict.version)
            inserted = insert_missing(
                session,
                JudgementRow,
                {
                    "snapshot_id": pending.capture.snapshot_id,
                    "document_id": document_id,
                    "captured_at": pending.at,
                    "outcome": verdict.outcome,
                    "reason": verdict.reason,
                    "why": verdict.why,
                    "text_sha256": verdict.text_sha256,
                    "version_id": verdict.version.id if verdict.version else None,
                },
            )
            if not inserted:
                raise Overtaken(pending.capture.snapshot_id)
            snapshot = col(SnapshotRow.id) == pending.capture.snapshot_id
            session.execute(update(SnapshotRow).where(snapshot).values(judged=True))
            self._schedule(session, pending, verdict)
            if verdict.outcome in {"unchanged", "flap"} and pending.head:
                head = col(VersionRow.id) == pending.head.id
                session.execute(update(VersionRow).where(head).values(last_seen_at=pending.at))
            if verdict.version:
                self._add_version(session, document_id, verdict.version)
            if verdict.change:
                session.add(change_row(document_id, verdict.change, now))
                announce(session, verdict.change.event, correlation_id=pending.correlation_id, now=now)
            self._conditions(session, pending, verdict, now)
            mark_handled(session, pending.event_id, self._consumer, now)

    def replace_head(self, pending: Pending, version: NewVersion) -> None:
        """Record our new reading of the head's own capture: told to nobody."""
        with self._database.transaction() as session:
            self._advance(session, pending, pending.standing, version)
            self._add_version(session, pending.document.id, version)

    def overdue_candidates(self, since: datetime, now: datetime, limit: int = 100) -> int:
        """Begin `unstable` for documents unsettled since before a moment, whatever keeps them so; how many."""
        unstable = select(col(ConditionRow.document_id)).where(
            col(ConditionRow.kind) == Condition.UNSTABLE, col(ConditionRow.ended_at).is_(None)
        )
        overdue = (
            select(col(HeadRow.document_id))
            .join(DocumentRow, col(DocumentRow.id) == col(HeadRow.document_id))
            .where(
                col(DocumentRow.state) == "active",
                col(HeadRow.unsettled_since) <= since,
                col(HeadRow.document_id).not_in(unstable),
            )
        )
        with self._database.transaction() as session:
            documents = list(session.scalars(overdue.limit(limit)))
            for document_id in documents:
                why = "no text of it has been seen twice, or no confirming check succeeded"
                self._begin(session, document_id, Condition.UNSTABLE, why, new_id("cor"), now)
            return len(documents)

    def _advance(self, session: Session, pending: Pending, standing: Standing, version: NewVersion | None) -> None:
        document_id = pending.document.id
        insert_missing(
            session, HeadRow, {"document_id": document_id, "revision": 0, "sequence": 0, "unusable_count": 0}
        )
        values = head_values(pending, standing, version)
        moved = session.execute(
            update(HeadRow)
            .where(col(HeadRow.document_id) == document_id, col(HeadRow.revision) == pending.revision)
            .values(revision=pending.revision + 1, **values)
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            raise Overtaken(document_id)

    def _add_version(self, session: Session, document_id: str, version: NewVersion) -> None:
        session.add(version_row(document_id, version))
        session.flush()
        if version.provisions:
            session.connection().execute(insert(ProvisionRow), provision_values(version))

    def _schedule(self, session: Session, pending: Pending, verdict: Verdict) -> None:
        values: dict[str, object] = {"confirm_at": verdict.confirm_at}
        if verdict.version:
            values["last_changed_at"] = pending.at
        if verdict.browser_needed is not None:
            values["browser_needed"] = verdict.browser_needed
        session.execute(update(ScheduleRow).where(col(ScheduleRow.document_id) == pending.document.id).values(**values))

    def _conditions(self, session: Session, pending: Pending, verdict: Verdict, now: datetime) -> None:
        document_id = pending.document.id
        if verdict.begins:
            kind, detail = verdict.begins
            self._begin(session, document_id, kind, detail, pending.correlation_id, now)
        for kind in verdict.ends:
            row = session.scalars(_open_condition(document_id, kind)).first()
            if row:
                row.ended_at = now
                session.add(row)
                ended = ConditionEnded(condition_id=row.id, document_id=document_id, kind=kind)
                announce(session, ended, correlation_id=pending.correlation_id, now=now)

    def _begin(
        self, session: Session, document_id: str, kind: Condition, detail: str, correlation_id: str, now: datetime
    ) -> None:
        if session.scalars(_open_condition(document_id, kind)).first():
            return
        row = ConditionRow(id=new_id("con"), document_id=document_id, kind=kind, detail=detail, began_at=now)
        session.add(row)
        began = ConditionBegan(condition_id=row.id, document_id=document_id, kind=kind)
        announce(session, began, correlation_id=correlation_id, now=now)


def _open_condition(document_id: str, kind: Condition) -> Select[ConditionRow]:
    return select(ConditionRow).where(
        col(ConditionRow.document_id) == document_id,
        col(ConditionRow.kind) == kind,
        col(ConditionRow.ended_at).is_(None),
    )
