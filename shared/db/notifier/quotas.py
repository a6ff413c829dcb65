"""Daily quotas: charged for many accounts at once, each by a conditional update, so that none is ever over."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.db.among import among
from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.limits import tell_of_quota
from shared.db.tables import AccountRow, QuotaRow
from shared.domain.plans import plan_named


def charge(session: Session, wanted: Mapping[str, int], now: datetime) -> dict[str, int]:
    """For each account, how many of the wanted deliveries its day still has room for; they are charged.

    Rows are made and locked in one order, so that two claims never wait for each other.
    """
    if not wanted:
        return {}
    day = now.astimezone(UTC).date()
    limits = _limits(session, wanted)
    used = _locked(session, wanted, day)
    rooms = {account: max(0, min(wanted[account], limits[account] - used[account])) for account in sorted(wanted)}
    groups: dict[tuple[int, int], list[str]] = defaultdict(list)
    for account, room in rooms.items():
        groups[room, limits[account]].append(account)
    for (room, limit), accounts in groups.items():
        charged = _take(session, accounts, day, room, limit)
        rooms |= {account: 0 for account in accounts if account not in charged}
    for account, room in rooms.items():
        refused = wanted[account] - room
        tell_of_quota(session, account, day, used=used[account] + room, refused=refused, limit=limits[account], now=now)
    return rooms


def _limits(session: Session, accounts: Collection[str]) -> dict[str, int]:
    plans = select(col(AccountRow.id), col(AccountRow.plan)).where(among(session, accounts, col(AccountRow.id)))
    return {account: plan_named(plan).deliveries_per_day for account, plan in session.execute(plans)}


def _locked(session: Session, accounts: Collection[str], day: date) -> dict[str, int]:
    """What each account has used of its day; its row is ours until the transaction ends."""
    rows = [{"account_id": account, "day": day, "used": 0} for account in sorted(accounts)]
    insert_missing_many(session, QuotaRow, rows)
    mine = (col(QuotaRow.day) == day, among(session, accounts, col(QuotaRow.account_id)))
    statement = select(col(QuotaRow.account_id), col(QuotaRow.used)).where(*mine).order_by(col(QuotaRow.account_id))
    return dict(session.execute(statement.with_for_update()).all())


def _take(session: Session, accounts: list[str], day: date, room: int, limit: int) -> set[str]:
    """Charge each of the accounts for so many, if that does not take it over; those that were charged."""
    mine = (col(QuotaRow.day) == day, among(session, accounts, col(QuotaRow.account_id)))
    charged = (
        update(QuotaRow)
        .where(*mine, col(QuotaRow.used) + room <= limit)
        .values(used=col(QuotaRow.used) + room)
        .returning(col(QuotaRow.account_id))
        .execution_options(synchronize_session=False)
    )
    return set(session.scalars(charged))
