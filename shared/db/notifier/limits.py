"""What an account is told of its quota: once a day that it is nearly used, once that something was held back."""

from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.records import NewNotice
from shared.db.notifier.telling import add_notice, delivery_values
from shared.db.tables import DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Standing
from shared.domain.fanout import Opening, Watcher
from shared.domain.notices import NoticeKind, quota_subject
from shared.domain.plans import quota_phase
from shared.domain.subscriptions import Cadence
from shared.ids import new_id


def tell_of_quota(
    session: Session, account_id: str, day: date, *, used: int, refused: int, limit: int, now: datetime
) -> None:
    """Tell the account's mailboxes where its quota stands, unless this day they were told that already."""
    phase = quota_phase(used, refused, limit)
    if phase is None:
        return
    subject = quota_subject(account_id, day.isoformat(), phase)
    if session.scalars(select(col(NoticeRow.id)).where(col(NoticeRow.subject) == subject)).first():
        return
    data = {"phase": phase, "day": day.isoformat(), "used": used, "limit": limit}
    notice_id = add_notice(session, NewNotice(NoticeKind.QUOTA, subject, new_id("cor"), data=data), now)
    mailboxes = session.scalars(
        select(col(EndpointRow.id)).where(
            col(EndpointRow.account_id) == account_id,
            col(EndpointRow.kind) == Channel.EMAIL.value,
            col(EndpointRow.state) == EndpointState.ACTIVE.value,
        )
    )
    due = Opening(Standing(DeliveryState.PENDING, now), Cadence.IMMEDIATE)
    watchers = [Watcher(box, account_id, Channel.EMAIL, EndpointState.ACTIVE, "", "UTC", ()) for box in mailboxes]
    rows = [delivery_values(notice_id, watcher, due, charged=False, now=now) for watcher in watchers]
    insert_missing_many(session, DeliveryRow, rows)
