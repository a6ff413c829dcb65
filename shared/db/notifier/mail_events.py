"""What mail providers report of our mails: kept once, with its effects in the same transaction."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.digests import settle_items
from shared.db.notifier.suppressions import Evidence, suppress
from shared.db.session import Database
from shared.db.tables import AttemptRow, DeliveryRow, EndpointRow, MailEventRow, NoticeRow
from shared.domain.deliveries import Channel, DeliveryState
from shared.domain.mail import IN_THE_PROVIDER_S_HANDS, MailEvent, suppressed_by
from shared.ids import new_id

KEPT = timedelta(days=90)
_AT_ONCE = 500
"""Events in one transaction: a report may bring thousands, and others wait for SQLite meanwhile."""


class MailEvents:
    """Keeps reports about our own mails. Of others', which share a provider's account, only what suppresses counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, events: Sequence[MailEvent], now: datetime) -> int:
        """Keep events that were not there, each with what follows from it, and forget old ones; how many were new.

        Mails that were ambiguous and are in the provider's hands have been delivered; addresses that bounced, or whose
        readers want no more, are suppressed.
        """
        new = 0
        for start in range(0, len(events), _AT_ONCE):
            with self._database.transaction() as session:
                new += _record(session, events[start : start + _AT_ONCE], now)
        with self._database.transaction() as session:
            session.execute(delete(MailEventRow).where(col(MailEventRow.received_at) < now - KEPT))
        return new

    def of(self, delivery_id: str) -> Sequence[MailEventRow]:
        """What was reported of a delivery's mail, in the order in which it happened."""
        statement = select(MailEventRow).where(col(MailEventRow.delivery_id) == delivery_id)
        with self._database.reading() as session:
            return session.scalars(statement.order_by(col(MailEventRow.at), col(MailEventRow.received_at))).all()


def reconcile_reported(session: Session, delivery_ids: Collection[str], now: datetime) -> None:
    """Settle those ambiguous deliveries of which events came before their attempt was recorded."""
    reported = select(col(MailEventRow.delivery_id)).where(
        col(MailEventRow.delivery_id).in_(delivery_ids),
        col(MailEventRow.kind).in_([kind.value for kind in IN_THE_PROVIDER_S_HANDS]),
    )
    _reconcile(session, {one for one in session.scalars(reported) if one}, now)


def _record(session: Session, events: Sequence[MailEvent], now: datetime) -> int:
    own = _locked_deliveries(session, {event.delivery_id for event in events if event.delivery_id})
    suppressing = {event.address for event in events if suppressed_by(event)}
    known_addresses = _endpoint_addresses(session, suppressing)
    known = set(
        session.scalars(select(col(MailEventRow.id)).where(col(MailEventRow.id).in_({event.id for event in events})))
    )
    fresh = {
        event.id: event
        for event in events
        if event.id not in known
        and (event.delivery_id in own or (suppressed_by(event) and event.address in known_addresses))
    }
    in_one_order = sorted(fresh.values(), key=lambda event: event.id)  # or two reports of the same might deadlock
    insert_missing_many(session, MailEventRow, [_row(event, own, now) for event in in_one_order])
    in_hand = {event.delivery_id for event in fresh.values() if event.kind in IN_THE_PROVIDER_S_HANDS}
    _reconcile(session, {one for one in in_hand if one in own}, now)
    for event in sorted(fresh.values(), key=lambda event: event.address):
        if reason := suppressed_by(event):
            correlation_id = own.get(event.delivery_id or "", new_id("cor"))
            suppress(session, event.address, Evidence(reason, event.detail, event.id, correlation_id), now)
    return len(fresh)


def _locked_deliveries(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Those of the ids that are deliveries of ours, with the correlation id of what they tell.

    Locked, so that an attempt that is being recorded is seen by this transaction, or sees it.
    """
    statement = (
        select(col(DeliveryRow.id), col(NoticeRow.correlation_id))
        .join(NoticeRow, col(NoticeRow.id) == col(DeliveryRow.notice_id))
        .where(col(DeliveryRow.id).in_(ids))
        .order_by(col(DeliveryRow.id))
        .with_for_update(of=DeliveryRow)
    )
    return dict(session.execute(statement).all())


def _endpoint_addresses(session: Session, addresses: Collection[str]) -> set[str]:
    if not addresses:
        return set()
    lower = func.lower(col(EndpointRow.address))
    statement = select(lower).where(col(EndpointRow.kind) == Channel.EMAIL.value, lower.in_(addresses))
    return set(session.scalars(statement))


def _reconcile(session: Session, delivery_ids: Collection[str], now: datetime) -> None:
    """What may have arrived has: it is not repeated. What has been sent since, or asked for again, is left alone."""
    if not delivery_ids:
        return
    uncertain = (
        select(col(AttemptRow.n))
        .where(
            col(AttemptRow.delivery_id) == col(DeliveryRow.id),
            col(AttemptRow.n) == col(DeliveryRow.attempts),
            col(AttemptRow.outcome) == "ambiguous",
        )
        .exists()
    )
    arrived = session.scalars(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.id).in_(delivery_ids),
            col(DeliveryRow.state).in_([DeliveryState.AMBIGUOUS.value, DeliveryState.HELD.value]),
            uncertain,
        )
        .values(state=DeliveryState.DELIVERED.value, reason=None, settled_at=now)
        .returning(col(DeliveryRow.id)),
        execution_options={"synchronize_session": False},
    ).all()
    settle_items(session, arrived, now)


def _row(event: MailEvent, own: Collection[str], now: datetime) -> dict[str, object]:
    return {
        "id": event.id,
        "kind": event.kind.value,
        "address": event.address,
        "delivery_id": event.delivery_id if event.delivery_id in own else None,
        "detail": event.detail,
        "at": event.at,
        "received_at": now,
    }
