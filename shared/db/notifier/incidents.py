"""What attempts mean for their endpoint: it fails since, it recovered, or it is disabled and its owner told once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.records import NewNotice, Result
from shared.db.notifier.telling import add_notice, delivery_values
from shared.db.tables import DeliveryRow, EndpointRow
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Reason, Standing
from shared.domain.fanout import Opening, Watcher
from shared.domain.notices import NoticeKind, incident_subject
from shared.domain.subscriptions import Cadence

_WAITING = [DeliveryState.PENDING.value, DeliveryState.FAILED.value, DeliveryState.AMBIGUOUS.value]


def settle_endpoints(session: Session, results: Sequence[Result], now: datetime) -> None:
    """Bring the endpoints of these results up to date, in one order, so that two workers never wait for each other."""
    delivered = {r.claim.endpoint_id for r in results if r.standing.state is DeliveryState.DELIVERED}
    failed = {r.claim.endpoint_id for r in results} - delivered
    if delivered:
        _set_failing(session, delivered, None)
    if failed:
        _set_failing(session, failed, now)
    disabling = {r.claim.endpoint_id: r for r in results if r.disable and r.claim.endpoint_id in failed}
    for _, result in sorted(disabling.items()):
        _disable(session, result, now)


def _set_failing(session: Session, endpoint_ids: set[str], since: datetime | None) -> None:
    """Set or clear since when endpoints fail; rows that say so already are not touched."""
    known = col(EndpointRow.failing_since)
    stale = known.is_not(None) if since is None else known.is_(None)
    ids = session.scalars(
        select(col(EndpointRow.id))
        .where(col(EndpointRow.id).in_(endpoint_ids), stale)
        .order_by(col(EndpointRow.id))
        .with_for_update()
    ).all()
    if ids:
        session.execute(update(EndpointRow).where(col(EndpointRow.id).in_(ids)).values(failing_since=since))


def _disable(session: Session, result: Result, now: datetime) -> None:
    endpoint_id, reason = result.claim.endpoint_id, result.disable or Reason.ENDPOINT_DISABLED
    changed = session.execute(
        update(EndpointRow)
        .where(col(EndpointRow.id) == endpoint_id, col(EndpointRow.state) != EndpointState.DISABLED.value)
        .values(state=EndpointState.DISABLED.value, reason=reason.value)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return
    session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.endpoint_id) == endpoint_id, col(DeliveryRow.state).in_(_WAITING))
        .values(state=DeliveryState.HELD.value, reason=Reason.ENDPOINT_DISABLED.value, due_at=now)
    )
    _tell_owner(session, result, reason, now)


def _tell_owner(session: Session, result: Result, reason: Reason, now: datetime) -> None:
    """By email, where the account has a mailbox that works; the notice itself is there in any case."""
    endpoint = session.get_one(EndpointRow, result.claim.endpoint_id, populate_existing=True)
    since = (endpoint.failing_since or now).isoformat()
    notice = NewNotice(
        kind=NoticeKind.ENDPOINT_INCIDENT,
        subject=incident_subject(endpoint.id, since),
        correlation_id=result.claim.notice.correlation_id,
        data={
            "reason": reason.value,
            "since": since,
            "detail": result.error or "",
            "endpoint": {"id": endpoint.id, "kind": endpoint.kind, "address": endpoint.address},
        },
    )
    notice_id = add_notice(session, notice, now)
    mailboxes = session.scalars(
        select(EndpointRow).where(
            col(EndpointRow.account_id) == endpoint.account_id,
            col(EndpointRow.kind) == Channel.EMAIL.value,
            col(EndpointRow.state) == EndpointState.ACTIVE.value,
            col(EndpointRow.id) != endpoint.id,
        )
    )
    due = Opening(Standing(DeliveryState.PENDING, now), Cadence.IMMEDIATE)
    watchers = [
        Watcher(box.id, box.account_id, Channel.EMAIL, EndpointState.ACTIVE, "", "UTC", ()) for box in mailboxes
    ]
    rows = [delivery_values(notice_id, watcher, due, charged=False, now=now) for watcher in watchers]
    insert_missing_many(session, DeliveryRow, rows)
