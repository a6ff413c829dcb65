"""Due deliveries with what decides about them, read column by column: entities would cost more than all the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.notifier.records import Notice
from shared.db.tables import AttemptRow, DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class DueEndpoint:
    """Where a due delivery goes; secrets are still sealed."""

    id: str
    channel: Channel
    state: EndpointState
    address: str
    secret: str | None
    old_secret: str | None
    old_secret_until: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A due delivery. `revision` is said of its notice, where what that tells no longer stands."""

    delivery_id: str
    account_id: str
    attempts: int
    claims: int
    counted: bool
    body_sha256: str | None
    endpoint: DueEndpoint
    notice: Notice
    revision: str | None
    ambiguous_before: bool


def read_due(session: Session, ids: Sequence[str]) -> list[Due]:
    """These deliveries, the longest due first. An endpoint or notice that several share is read once."""
    rows = session.execute(_DELIVERIES.where(col(DeliveryRow.id).in_(ids))).all()
    endpoints = _endpoints(session, {row.endpoint_id for row in rows})
    notices = _notices(session, {row.notice_id for row in rows})
    ambiguous = _ambiguous(session, [row.id for row in rows if row.attempts])
    return [
        Due(
            delivery_id=row.id,
            account_id=row.account_id,
            attempts=row.attempts,
            claims=row.claims,
            counted=row.counted,
            body_sha256=row.body_sha256,
            endpoint=endpoints[row.endpoint_id],
            notice=notices[row.notice_id][0],
            revision=notices[row.notice_id][1],
            ambiguous_before=row.id in ambiguous,
        )
        for row in rows
    ]


_DELIVERIES = select(
    col(DeliveryRow.id),
    col(DeliveryRow.account_id),
    col(DeliveryRow.endpoint_id),
    col(DeliveryRow.notice_id),
    col(DeliveryRow.attempts),
    col(DeliveryRow.claims),
    col(DeliveryRow.counted),
    col(DeliveryRow.body_sha256),
).order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))


def _endpoints(session: Session, ids: set[str]) -> dict[str, DueEndpoint]:
    columns = select(
        col(EndpointRow.id),
        col(EndpointRow.kind),
        col(EndpointRow.state),
        col(EndpointRow.address),
        col(EndpointRow.secret),
        col(EndpointRow.old_secret),
        col(EndpointRow.old_secret_until),
        col(EndpointRow.failing_since),
    )
    rows = session.execute(columns.where(col(EndpointRow.id).in_(ids)))
    return {row.id: DueEndpoint(row.id, Channel(row.kind), EndpointState(row.state), *row[3:]) for row in rows}


def _notices(session: Session, ids: set[str]) -> dict[str, tuple[Notice, str | None]]:
    columns = select(
        col(NoticeRow.id),
        col(NoticeRow.kind),
        col(NoticeRow.subject),
        col(NoticeRow.document_id),
        col(NoticeRow.data),
        col(NoticeRow.correlation_id),
        col(NoticeRow.created_at),
        col(NoticeRow.revision),
    )
    rows = session.execute(columns.where(col(NoticeRow.id).in_(ids)))
    return {row.id: (Notice(row.id, NoticeKind(row.kind), *row[2:7]), row.revision) for row in rows}


def _ambiguous(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of which an attempt may have arrived."""
    if not ids:
        return set()
    uncertain = select(col(AttemptRow.delivery_id)).where(
        col(AttemptRow.delivery_id).in_(ids), col(AttemptRow.outcome) == "ambiguous"
    )
    return set(session.scalars(uncertain))
