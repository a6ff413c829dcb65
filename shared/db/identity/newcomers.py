"""Addresses that nobody here knows yet: a link is mailed there, and whoever redeems it owns a new account."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from shared.db.identity.members import LINKS_AN_HOUR, Member, member_of
from shared.db.session import Database
from shared.db.tables import AccountRow, MemberRow, SignUpRow
from shared.db.upsert import insert_missing
from shared.domain.consent import SIGN_IN_WITHIN
from shared.ids import new_id

PLAN = "free"


class Newcomers:
    """Makes and redeems their links. An address that was only typed makes no account: its reader does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def link_to_mail(self, email: str, now: datetime) -> str | None:
        """A new link's id; None where that address was sent enough of them within the hour."""
        email = email.casefold()
        recent = select(func.count()).where(
            col(SignUpRow.email) == email, col(SignUpRow.created_at) > now - timedelta(hours=1)
        )
        with self._database.transaction() as session:
            if (session.scalar(recent) or 0) >= LINKS_AN_HOUR:
                return None
            row = SignUpRow(id=new_id("sgu"), email=email, created_at=now, expires_at=now + SIGN_IN_WITHIN)
            session.add(row)
            return row.id

    def redeem(self, link_id: str, now: datetime) -> Member | None:
        """Whom a link signs in, once and before it runs out: the owner of a new account, or who they are by now."""
        mine = (col(SignUpRow.id) == link_id, col(SignUpRow.used_at).is_(None), col(SignUpRow.expires_at) > now)
        with self._database.transaction() as session:
            used = session.execute(update(SignUpRow).where(*mine).values(used_at=now))
            if used.rowcount != 1:  # type: ignore[attr-defined]
                return None
            email = session.get_one(SignUpRow, link_id).email
            _let_in(session, email, now)
            return member_of(session.scalars(select(MemberRow).where(col(MemberRow.email) == email)).one())


def _let_in(session: Session, email: str, now: datetime) -> None:
    """An account with that owner, unless the address is a member's by now."""
    if session.scalars(select(MemberRow).where(col(MemberRow.email) == email)).one_or_none():
        return
    account = AccountRow(id=new_id("acc"), name=email, plan=PLAN, timezone="UTC", created_at=now)
    session.add(account)
    session.flush()
    values = {
        "id": new_id("mem"),
        "account_id": account.id,
        "email": email,
        "role": "owner",
        "is_operator": False,
        "created_at": now,
    }
    if not insert_missing(session, MemberRow, values):  # another link of theirs was redeemed at this very moment
        session.delete(account)
