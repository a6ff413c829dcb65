"""Members of accounts, and the links that sign them in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from shared.db.session import Database
from shared.db.tables import ApiKeyRow, MemberRow, SessionRow, SignInRow
from shared.db.upsert import insert_missing
from shared.domain.consent import SIGN_IN_WITHIN
from shared.ids import new_id

LINKS_AN_HOUR = 5
"""Sign-in links that one member is sent within an hour, whoever asks for them."""


class NotAMember(Exception):
    """There is no such member in that account."""


class LastOwner(Exception):
    """An account must keep an owner."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an account; `email` is lower-case."""

    id: str
    account_id: str
    email: str
    role: str
    is_operator: bool
    created_at: datetime


class Members:
    """Reads and writes members and their sign-in links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, account_id: str, email: str, role: str, now: datetime, *, is_operator: bool = False
    ) -> tuple[Member, bool]:
        """The member with that address, and whether they are new; one that is there, of whatever account, is kept."""
        values = {
            "id": new_id("mem"),
            "account_id": account_id,
            "email": email.casefold(),
            "role": role,
            "is_operator": is_operator,
            "created_at": now,
        }
        with self._database.transaction() as session:
            is_new = insert_missing(session, MemberRow, values)
            row = session.scalars(select(MemberRow).where(col(MemberRow.email) == values["email"])).one()
            return member_of(row), is_new

    def of_account(self, account_id: str) -> list[Member]:
        """An account's members, by address."""
        query = select(MemberRow).where(col(MemberRow.account_id) == account_id).order_by(col(MemberRow.email))
        with self._database.reading() as session:
            return [member_of(row) for row in session.scalars(query)]

    def by_email(self, email: str) -> Member | None:
        """The member with that address."""
        with self._database.reading() as session:
            row = session.scalars(select(MemberRow).where(col(MemberRow.email) == email.casefold())).one_or_none()
            return member_of(row) if row else None

    def set_role(self, account_id: str, member_id: str, role: str) -> None:
        """Give a member another role; NotAMember, or LastOwner where none would be left."""
        with self._database.transaction() as session:
            rows = session.scalars(select(MemberRow).where(col(MemberRow.account_id) == account_id).with_for_update())
            members = {row.id: row for row in rows}
            if member_id not in members:
                raise NotAMember(member_id)
            if role != "owner" and _only_owner(members.values()) == member_id:
                raise LastOwner
            members[member_id].role = role
            session.add(members[member_id])

    def remove(self, account_id: str, member_id: str, now: datetime) -> int:
        """Let a member in no more, at once; how many API keys that they made are revoked with that.

        NotAMember, or LastOwner where none would be left.
        """
        with self._database.transaction() as session:
            rows = session.scalars(select(MemberRow).where(col(MemberRow.account_id) == account_id).with_for_update())
            members = {row.id: row for row in rows}
            if member_id not in members:
                raise NotAMember(member_id)
            if _only_owner(members.values()) == member_id:
                raise LastOwner
            session.execute(delete(SessionRow).where(col(SessionRow.member_id) == member_id))
            session.execute(delete(SignInRow).where(col(SignInRow.member_id) == member_id))
            session.delete(members[member_id])
            theirs = (col(ApiKeyRow.created_by) == member_id, col(ApiKeyRow.revoked_at).is_(None))
            revoked = session.execute(update(ApiKeyRow).where(*theirs).values(revoked_at=now))
            return int(revoked.rowcount)  # type: ignore[attr-defined]

    def link(self, member_id: str, now: datetime) -> str:
        """A new sign-in link's id."""
        with self._database.transaction() as session:
            return _new_link(session, member_id, now)

    def link_to_mail(self, member_id: str, now: datetime) -> str | None:
        """The same for whoever asks on a page; None where the member was sent enough of them within the hour."""
        recent = select(func.count()).where(
            col(SignInRow.member_id) == member_id, col(SignInRow.created_at) > now - timedelta(hours=1)
        )
        with self._database.transaction() as session:
            session.execute(select(col(MemberRow.id)).where(col(MemberRow.id) == member_id).with_for_update())
            if (session.scalar(recent) or 0) >= LINKS_AN_HOUR:
                return None
            return _new_link(session, member_id, now)

    def redeem(self, link_id: str, now: datetime) -> Member | None:
        """Whom a link signs in: once, and before it runs out; that it is ours was proven by its token."""
        mine = (col(SignInRow.id) == link_id, col(SignInRow.used_at).is_(None), col(SignInRow.expires_at) > now)
        with self._database.transaction() as session:
            used = session.execute(update(SignInRow).where(*mine).values(used_at=now))
            if used.rowcount != 1:  # type: ignore[attr-defined]
                return None
            member_id = session.get_one(SignInRow, link_id).member_id
            return member_of(session.get_one(MemberRow, member_id))


def _new_link(session: Session, member_id: str, now: datetime) -> str:
    row = SignInRow(id=new_id("sgn"), member_id=member_id, created_at=now, expires_at=now + SIGN_IN_WITHIN)
    session.add(row)
    return row.id


def _only_owner(members: Iterable[MemberRow]) -> str | None:
    """The id of the one owner among them; None where there are several, or none."""
    owners = [row.id for row in members if row.role == "owner"]
    return owners[0] if len(owners) == 1 else None


def member_of(row: MemberRow) -> Member:
    """The member that a row is."""
    return Member(row.id, row.account_id, row.email, row.role, row.is_operator, row.created_at)
