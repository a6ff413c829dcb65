"""What an account is told of its quota: once a day that it is nearly used, once that something was held back."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.notifier.owners import tell_owner
from shared.db.notifier.records import NewNotice
from shared.db.session import Database
from shared.db.tables import QuotaRow
from shared.domain.notices import NoticeKind, quota_subject
from shared.domain.plans import quota_phase
from shared.ids import new_id


def tell_of_quota(
    session: Session, account_id: str, day: date, *, used: int, refused: int, limit: int, now: datetime
) -> None:
    """Tell the account where its quota stands, unless this day they were told that already."""
    phase = quota_phase(used, refused, limit)
    if phase is None:
        return
    subject = quota_subject(account_id, day.isoformat(), phase)
    data = {"phase": phase, "day": day.isoformat(), "used": used, "limit": limit}
    tell_owner(session, account_id, NewNotice(NoticeKind.QUOTA, subject, new_id("cor"), data=data), now)


def used_today(database: Database, account_id: str, now: datetime) -> int:
    """How many of its day's deliveries an account has used; the day is by UTC."""
    mine = (col(QuotaRow.account_id) == account_id, col(QuotaRow.day) == now.astimezone(UTC).date())
    with database.reading() as session:
        return session.scalars(select(col(QuotaRow.used)).where(*mine)).one_or_none() or 0
