"""Browsers that are signed in. A session's cookie is 32 random bytes; we keep its SHA-256 alone."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import AccountRow, MemberRow, SessionRow, SignInRow, SignUpRow

LIVES = timedelta(days=30)
_LINKS_COUNT_FOR = timedelta(days=1)
"""Longer than they hold, and than the hour that bounds how many are mailed."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and their account's plan."""

    id: str
    account_id: str
    role: str
    is_operator: bool
    plan: str


_WHOSE = (
    select(
        col(MemberRow.id),
        col(MemberRow.account_id),
        col(MemberRow.role),
        col(MemberRow.is_operator),
        col(AccountRow.plan),
    )
    .join(SessionRow, col(SessionRow.member_id) == col(MemberRow.id))
    .join(AccountRow, col(AccountRow.id) == col(MemberRow.account_id))
    .where(col(SessionRow.token_sha256) == bindparam("sha256"), col(SessionRow.expires_at) > bindparam("now"))
)
"""Asked with every request of a browser, so it is made once."""


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, member_id: str, now: datetime) -> str:
        """A new session's cookie."""
        token = secrets.token_urlsafe(32)
        row = SessionRow(token_sha256=hashed(token), member_id=member_id, created_at=now, expires_at=now + LIVES)
        with self._database.transaction() as session:
            session.add(row)
        return token

    def member(self, token: str, now: datetime) -> SignedIn | None:
        """Whose session that is; None where it is nobody's or ran out."""
        with self._database.reading() as session:
            found = session.execute(_WHOSE, {"sha256": hashed(token), "now": now}).one_or_none()
            return SignedIn(*found) if found else None

    def end(self, token: str) -> None:
        """Sign this browser out."""
        with self._database.transaction() as session:
            session.execute(delete(SessionRow).where(col(SessionRow.token_sha256) == hashed(token)))

    def end_all(self, member_id: str) -> int:
        """Sign a member out everywhere; how many browsers that were."""
        with self._database.transaction() as session:
            ended = session.execute(delete(SessionRow).where(col(SessionRow.member_id) == member_id))
            return int(ended.rowcount)  # type: ignore[attr-defined]

    def forget_expired(self, now: datetime) -> int:
        """Delete what ran out, with the links that are too old to be counted any more; how many rows."""
        too_old = now - _LINKS_COUNT_FOR
        with self._database.transaction() as session:
            gone: list[Any] = [
                session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= now)),
                session.execute(delete(SignInRow).where(col(SignInRow.created_at) <= too_old)),
                session.execute(delete(SignUpRow).where(col(SignUpRow.created_at) <= too_old)),
            ]
            return sum(int(one.rowcount) for one in gone)


def hashed(token: str) -> str:
    """What is kept of a token: it has too many bits for its hash to be searched, so no salt or stretching is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
