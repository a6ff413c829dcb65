"""What is due, and the claim of it: a host's slot, and leases on the documents that are due there."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel, col

from shared.db.fetcher.hosts import NOW, SLOT_IS_FREE, take_slot
from shared.db.fetcher.values import Claim, DueDocument, SeenPart
from shared.db.session import Database
from shared.db.tables import DocumentRow, HostRow, PlatformRow, ScheduleRow
from shared.db.tables.columns import UtcDateTime
from shared.domain.documents import Declaration
from shared.ids import new_id

_TRIES = 10
"""A claim lost to another worker is tried again on the next host; each try that fails is some worker's success."""


MAY_BE_CLAIMED = and_(
    col(DocumentRow.state) == "active",
    or_(col(ScheduleRow.lease_until).is_(None), col(ScheduleRow.lease_until) <= NOW),
    or_(col(ScheduleRow.retry_at).is_(None), col(ScheduleRow.retry_at) <= NOW),
)
"""That a document is watched, nobody has it, and no failure holds it back."""

IS_DUE = or_(col(ScheduleRow.next_check_at) <= NOW, col(ScheduleRow.confirm_at) <= NOW)
"""That a document's next or confirming check has come up."""

HOST_IS_FREE = or_(col(HostRow.host).is_(None), SLOT_IS_FREE)
"""That the (outer-joined) host may be asked: nothing is known of it yet, or its slot is free."""


def _next_host(due_at: Mapped[datetime] | Mapped[datetime | None]) -> Select[str]:
    """The host of the document that has waited longest by one of the two due times, each of which has an index."""
    return (
        select(col(ScheduleRow.host))
        .join(DocumentRow, col(DocumentRow.id) == col(ScheduleRow.document_id))
        .join(HostRow, col(HostRow.host) == col(ScheduleRow.host), isouter=True)
        .where(due_at <= NOW, MAY_BE_CLAIMED, HOST_IS_FREE)
        .order_by(due_at)
        .limit(1)
        .with_for_update(of=ScheduleRow, skip_locked=True)
    )


_HOST_TO_CONFIRM = _next_host(col(ScheduleRow.confirm_at))
_HOST_TO_CHECK = _next_host(col(ScheduleRow.next_check_at))

_DOCUMENTS = (
    select(ScheduleRow, DocumentRow, col(PlatformRow.name))
    .join(DocumentRow, col(DocumentRow.id) == col(ScheduleRow.document_id))
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .where(col(ScheduleRow.host) == bindparam("host"), IS_DUE, MAY_BE_CLAIMED)
    .order_by(
        col(ScheduleRow.confirm_at).is_(None), func.coalesce(col(ScheduleRow.retry_at), col(ScheduleRow.next_check_at))
    )
    .limit(bindparam("most"))
    .with_for_update(of=ScheduleRow, skip_locked=True)
)

_LEASE = (
    update(SQLModel.metadata.tables["schedules"])
    .where(col(ScheduleRow.document_id) == bindparam("of_document"))
    .values(lease_until=bindparam("until", type_=UtcDateTime()), lease_token=bindparam("token"))
)


class Claims:
    """Takes due work. Two workers never get the same host, nor the same document."""

    def __init__(self, database: Database, *, lease: timedelta) -> None:
        self._database = database
        self._lease = lease

    def claim_host(self, now: datetime, batch: Callable[[str], int]) -> Claim | None:
        """Take the slot of a host with due documents, and lease up to `batch(host)` of them; None where none is due."""
        for _ in range(_TRIES):
            with self._database.transaction() as session:
                connection = session.connection()
                host = connection.scalar(_HOST_TO_CONFIRM, {"now": now})
                host = host or connection.scalar(_HOST_TO_CHECK, {"now": now})
                if host is None:
                    return None
                slot = take_slot(session, host, now, self._lease, new_id("slt"))
                if slot is not None:
                    return Claim(slot, self._lease_documents(session, host, now, slot.token, batch(host)))
        return None

    def _lease_documents(
        self, session: Session, host: str, now: datetime, token: str, limit: int
    ) -> tuple[DueDocument, ...]:
        rows = session.execute(_DOCUMENTS, {"host": host, "now": now, "most": limit}).all()
        documents = tuple(_due_document(schedule, document, platform) for schedule, document, platform in rows)
        leases = [{"of_document": document.id, "until": now + self._lease, "token": token} for document in documents]
        if leases:
            session.connection().execute(_LEASE, leases)
        return documents


def _due_document(schedule: ScheduleRow, document: DocumentRow, platform: str) -> DueDocument:
    return DueDocument(
        id=document.id,
        platform=platform,
        type=document.type,
        declaration=Declaration.model_validate(document.declaration),
        check_every_s=document.check_every_s,
        confirm_at=schedule.confirm_at,
        interval_s=schedule.interval_s,
        failures=schedule.failures,
        first_failed_at=schedule.first_failed_at,
        last_changed_at=schedule.last_changed_at,
        created_at=document.created_at,
        seen=tuple(SeenPart(**part) for part in schedule.seen or ()),
        browser_needed=schedule.browser_needed,
    )
