"""API keys: shown once, when they are made; we keep their SHA-256 alone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from shared.db.identity.sessions import hashed
from shared.db.session import Database
from shared.db.tables import AccountRow, ApiKeyRow, MemberRow
from shared.ids import new_id

PREFIX = "cw_"
"""So that people and secret scanners know one when they see it."""

_HINT = 7
_USE_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner sees it; `hint` is its beginning, `created_by` the id of the member who made it."""

    id: str
    account_id: str
    name: str
    role: str
    is_operator: bool
    hint: str
    created_by: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class MakerGone(Exception):
    """Who asks for a key is no member any more, or their own key was revoked."""


class ApiKeys:
    """Makes, finds and revokes keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(
        self,
        account_id: str,
        name: str,
        role: str,
        now: datetime,
        *,
        is_operator: bool = False,
        member_id: str | None = None,
        key_id: str | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key, and the secret that nobody can read again; MakerGone where its maker ended meanwhile.

        A member made it, or a key: then whoever made that one did.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        row = ApiKeyRow(
            id=new_id("key"),
            account_id=account_id,
            name=name,
            role=role,
            is_operator=is_operator,
            hint=secret[: len(PREFIX) + _HINT],
            sha256=hashed(secret),
            created_at=now,
        )
        with self._database.transaction() as session:
            row.created_by = _maker(session, member_id, key_id)
            session.add(row)
        return _key(row), secret

    def of_account(
        self, account_id: str, *, after: tuple[datetime, str] | None = None, limit: int | None = None
    ) -> list[ApiKey]:
        """An account's keys, newest first, revoked ones among them; `after` is time and id where a page ended."""
        query = select(ApiKeyRow).where(col(ApiKeyRow.account_id) == account_id)
        made, key_id = col(ApiKeyRow.created_at), col(ApiKeyRow.id)
        if after is not None:
            query = query.where(or_(made < after[0], and_(made == after[0], key_id > after[1])))
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(made.desc(), key_id).limit(limit))
            return [_key(row) for row in rows]

    def found(self, secret: str, now: datetime) -> tuple[ApiKey, str] | None:
        """The key that a secret is, with its account's plan; None for one that is not, or no longer, good."""
        query = (
            select(ApiKeyRow, col(AccountRow.plan))
            .join(AccountRow, col(AccountRow.id) == col(ApiKeyRow.account_id))
            .where(col(ApiKeyRow.sha256) == hashed(secret), col(ApiKeyRow.revoked_at).is_(None))
        )
        with self._database.reading() as session:
            found = session.execute(query).one_or_none()
        if found is None:
            return None
        key = _key(found[0])
        if key.last_used_at is None or now - key.last_used_at >= _USE_NOTED_EVERY:
            self._note_use(key.id, now)
        return key, found[1]

    def revoke(self, account_id: str, key_id: str, now: datetime) -> bool:
        """End a key of that account, at once; False for one that is not its own or ended before."""
        mine = (
            col(ApiKeyRow.id) == key_id,
            col(ApiKeyRow.account_id) == account_id,
            col(ApiKeyRow.revoked_at).is_(None),
        )
        with self._database.transaction() as session:
            ended = session.execute(update(ApiKeyRow).where(*mine).values(revoked_at=now))
            return bool(ended.rowcount)  # type: ignore[attr-defined]

    def _note_use(self, key_id: str, now: datetime) -> None:
        with self._database.transaction() as session:
            session.execute(update(ApiKeyRow).where(col(ApiKeyRow.id) == key_id).values(last_used_at=now))


def _maker(session: Session, member_id: str | None, key_id: str | None) -> str | None:
    """The member behind a new key, who cannot go before it is there: to go ends the keys that they made."""
    if key_id is not None:
        mine = (col(ApiKeyRow.id) == key_id, col(ApiKeyRow.revoked_at).is_(None))
        found = session.execute(select(col(ApiKeyRow.created_by)).where(*mine)).one_or_none()
        if found is None:
            raise MakerGone(key_id)
        member_id = found[0]
    if member_id is not None:
        stays = select(col(MemberRow.id)).where(col(MemberRow.id) == member_id).with_for_update()
        if session.scalar(stays) is None:
            raise MakerGone(member_id)
    return member_id


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(**{name: getattr(row, name) for name in ApiKey.__slots__})
