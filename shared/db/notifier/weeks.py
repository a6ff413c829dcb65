"""After a week, each owner is told once what the plan held back in it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.notifier.held_back import week_of
from shared.db.notifier.owners import tell_owner
from shared.db.notifier.records import NewNotice
from shared.db.session import Database
from shared.db.tables import AccountRow, HeldBackRow
from shared.domain.notices import NoticeKind, plan_subject
from shared.ids import new_id

_PAGE = 500
"""Weeks of accounts that are read at a time."""


def tell_weeks(database: Database, now: datetime) -> None:
    """Tell of every week that is over, an account in a transaction; the counts are in the notice, and go."""
    while True:
        with database.reading() as session:
            ended = (
                select(col(HeldBackRow.account_id), col(HeldBackRow.week))
                .where(col(HeldBackRow.week) < week_of(now))
                .distinct()
                .limit(_PAGE)
            )
            weeks = [(account_id, week) for account_id, week in session.execute(ended)]
        for account_id, week in weeks:
            with database.transaction() as session:
                _tell(session, account_id, week, now)
        if len(weeks) < _PAGE:
            return


def _tell(session: Session, account_id: str, week: date, now: datetime) -> None:
    account = session.get_one(AccountRow, account_id, with_for_update={"key_share": True})
    rows = session.scalars(
        select(HeldBackRow)
        .where(col(HeldBackRow.account_id) == account_id, col(HeldBackRow.week) == week)
        .order_by(col(HeldBackRow.reason), col(HeldBackRow.platform))
        .with_for_update()
    ).all()
    if not rows:  # another scheduler was quicker
        return
    data = {"phase": "held-back", "plan": account.plan, "week": week.isoformat(), "held": _listed(rows)}
    subject = plan_subject(account_id, week.isoformat())
    tell_owner(session, account_id, NewNotice(NoticeKind.PLAN, subject, new_id("cor"), data=data), now)
    for row in rows:
        session.delete(row)


def _listed(rows: Sequence[HeldBackRow]) -> list[dict[str, object]]:
    return [{"reason": row.reason, "platform": row.platform, "count": row.count} for row in rows]
