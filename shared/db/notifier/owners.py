"""What an owner is told of the account itself: by mail, or by Slack where no mailbox works; each thing once."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.records import NewNotice
from shared.db.notifier.telling import add_notice, delivery_values
from shared.db.tables import AccountRow, DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Standing
from shared.domain.digests import QuietHours
from shared.domain.fanout import Opening, Watcher, told_at
from shared.domain.subscriptions import Cadence


def tell_owner(session: Session, account_id: str, notice: NewNotice, now: datetime, *, besides: str = "") -> bool:
    """Tell an account, unless the notice's subject was told before; whether it is new.

    Its working mailboxes are told, all of them, and where there is none its working Slack channels. The endpoint
    `besides` is not told, being what the notice is about. Where nobody can be told, the notice is there all the same.
    """
    same = select(col(NoticeRow.id)).where(col(NoticeRow.subject) == notice.subject)
    if session.scalars(same).first():
        return False
    notice_id = add_notice(session, notice, now)
    rows = []
    for watcher in _told(session, account_id, besides):
        due = Opening(Standing(DeliveryState.PENDING, told_at(watcher, now)), Cadence.IMMEDIATE)
        rows.append(delivery_values(notice_id, watcher, due, charged=False, now=now))
    insert_missing_many(session, DeliveryRow, rows)
    return True


def _told(session: Session, account_id: str, besides: str) -> list[Watcher]:
    account = session.get_one(AccountRow, account_id)
    quiet = QuietHours.parse(account.quiet_hours) if account.quiet_hours else None
    working = (
        select(EndpointRow)
        .where(
            col(EndpointRow.account_id) == account_id,
            col(EndpointRow.kind).in_([Channel.EMAIL.value, Channel.SLACK.value]),
            col(EndpointRow.state) == EndpointState.ACTIVE.value,
            col(EndpointRow.incident).is_(None),
            col(EndpointRow.id) != besides,
        )
        .order_by(col(EndpointRow.created_at), col(EndpointRow.id))
    )
    endpoints = session.scalars(working).all()
    mailboxes = [one for one in endpoints if one.kind == Channel.EMAIL]
    return [
        Watcher(one.id, account_id, Channel(one.kind), EndpointState.ACTIVE, account.plan, account.timezone, (), quiet)
        for one in mailboxes or endpoints
    ]
