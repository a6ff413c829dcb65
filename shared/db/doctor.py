"""What shows whether an installation is healthy; nothing is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import (
    ConditionRow,
    DeliveryRow,
    DocumentRow,
    EndpointRow,
    EventFailureRow,
    OutboxRow,
    PlatformRow,
    ScheduleRow,
    SnapshotPartRow,
    SnapshotRow,
)
from shared.domain.deliveries import Reason


@dataclass(frozen=True, slots=True)
class Stuck:
    """Documents whose check is long overdue though nobody is at it."""

    count: int
    longest: timedelta
    example: str


@dataclass(frozen=True, slots=True)
class OpenCondition:
    """A condition that has not ended, of a document that is not paused."""

    document_id: str
    platform: str
    type: str
    kind: str
    detail: str
    began_at: datetime


class Findings:
    """The questions that `clausewatch doctor` asks of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dead_letters(self) -> int:
        """Events that a consumer has given up."""
        query = select(func.count()).select_from(EventFailureRow).where(col(EventFailureRow.dead_at).is_not(None))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def dead_deliveries(self) -> int:
        """Deliveries that were given up."""
        query = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state) == "dead")
        with self._database.reading() as session:
            return session.scalars(query).one()

    def held_in_dead_digests(self) -> int:
        """Deliveries held in digests that were given up."""
        query = select(func.count()).select_from(DeliveryRow)
        query = query.where(col(DeliveryRow.state) == "held", col(DeliveryRow.reason) == Reason.DIGEST_DEAD.value)
        with self._database.reading() as session:
            return session.scalars(query).one()

    def late_deliveries(self, before: datetime) -> int:
        """Deliveries that were due before a moment and have not been taken up."""
        query = select(func.count()).select_from(DeliveryRow)
        query = query.where(
            col(DeliveryRow.state).in_(("pending", "failed", "ambiguous", "sending")), col(DeliveryRow.due_at) < before
        )
        with self._database.reading() as session:
            return session.scalars(query).one()

    def troubled_endpoints(self) -> list[str]:
        """Ids of the endpoints that are disabled, or whose owner was told that they fail, oldest first."""
        troubled = or_(col(EndpointRow.state) == "disabled", col(EndpointRow.incident) == "failing")
        query = select(col(EndpointRow.id)).where(troubled).order_by(col(EndpointRow.created_at), col(EndpointRow.id))
        with self._database.reading() as session:
            return list(session.scalars(query))

    def stuck_documents(self, before: datetime, now: datetime) -> Stuck | None:
        """Active documents due before a moment whose lease, where one was taken, has run out."""
        due = func.coalesce(col(ScheduleRow.confirm_at), col(ScheduleRow.next_check_at))
        overdue = (
            select(col(ScheduleRow.document_id), col(ScheduleRow.next_check_at), col(ScheduleRow.confirm_at))
            .join(DocumentRow, col(DocumentRow.id) == col(ScheduleRow.document_id))
            .where(
                col(DocumentRow.state) == "active",
                or_(col(ScheduleRow.next_check_at) < before, col(ScheduleRow.confirm_at) < before),
                or_(col(ScheduleRow.lease_until).is_(None), col(ScheduleRow.lease_until) < now),
                or_(col(ScheduleRow.retry_at).is_(None), col(ScheduleRow.retry_at) < before),
            )
            .order_by(due)
        )
        with self._database.reading() as session:
            rows = session.execute(overdue).all()
        if not rows:
            return None
        waits = [(now - min(filter(None, (row.next_check_at, row.confirm_at))), row.document_id) for row in rows]
        longest, example = max(waits)
        return Stuck(len(rows), longest, example)

    def open_conditions(self) -> list[OpenCondition]:
        """Those of documents that are looked at, the oldest first."""
        query = (
            select(ConditionRow, col(DocumentRow.type), col(PlatformRow.name))
            .join(DocumentRow, col(DocumentRow.id) == col(ConditionRow.document_id))
            .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
            .where(col(ConditionRow.ended_at).is_(None), col(DocumentRow.state) == "active")
            .order_by(col(ConditionRow.began_at), col(ConditionRow.id))
        )
        with self._database.reading() as session:
            return [
                OpenCondition(row.document_id, platform, kind, row.kind, row.detail, row.began_at)
                for row, kind, platform in session.execute(query)
            ]

    def unjudged_since(self) -> datetime | None:
        """When the oldest snapshot was captured that the differ has not judged."""
        query = select(func.min(col(SnapshotRow.captured_at))).where(col(SnapshotRow.judged).is_(False))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def unpublished_since(self) -> datetime | None:
        """When the oldest event was written that the broker was never given."""
        query = select(func.min(col(OutboxRow.created_at))).where(col(OutboxRow.published_at).is_(None))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def kept_blobs(self, *, newest: int | None = None) -> list[str]:
        """SHA-256 of the bodies that the archive should hold, all or those of the newest parts, each once."""
        query = (
            select(col(SnapshotPartRow.sha256))
            .join(SnapshotRow, col(SnapshotRow.id) == col(SnapshotPartRow.snapshot_id))
            .where(col(SnapshotRow.bytes_kept).is_(True))
            .order_by(col(SnapshotRow.captured_at).desc())
            .limit(newest)
        )
        with self._database.reading() as session:
            return list(dict.fromkeys(session.scalars(query)))

    def unreferenced(self, sha256s: list[str]) -> list[str]:
        """Those of the archive's blobs that no snapshot speaks of."""
        query = select(col(SnapshotPartRow.sha256)).where(col(SnapshotPartRow.sha256).in_(sha256s)).distinct()
        with self._database.reading() as session:
            known = set(session.scalars(query))
        return [sha256 for sha256 in sha256s if sha256 not in known]
