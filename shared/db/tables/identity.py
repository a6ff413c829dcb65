"""Who may sign in, and by what; nothing in these tables lets anybody in who reads them."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Column, Field, SQLModel

from shared.db.tables.columns import time_column


class MemberRow(SQLModel, table=True):
    """A person of an account."""

    __tablename__ = "members"

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="accounts.id", index=True)
    email: str = Field(unique=True)
    """Lower-case."""
    role: str
    """owner | member | read-only"""
    is_operator: bool = False
    """Whether they run the installation."""
    created_at: datetime = Field(sa_column=time_column())


class SignInRow(SQLModel, table=True):
    """A link that was asked for; it signs in once. The link's own secret is derived from the id and our key."""

    __tablename__ = "sign_ins"

    id: str = Field(primary_key=True)
    member_id: str = Field(foreign_key="members.id", index=True)
    created_at: datetime = Field(sa_column=time_column(index=True))
    expires_at: datetime = Field(sa_column=time_column())
    used_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class SignUpRow(SQLModel, table=True):
    """A link that was mailed to an address of no member; whoever redeems it, once, owns a new account."""

    __tablename__ = "sign_ups"

    id: str = Field(primary_key=True)
    email: str = Field(index=True)
    """Lower-case."""
    created_at: datetime = Field(sa_column=time_column(index=True))
    expires_at: datetime = Field(sa_column=time_column())
    used_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class SessionRow(SQLModel, table=True):
    """A browser that is signed in, known by the SHA-256 of its cookie."""

    __tablename__ = "sessions"

    token_sha256: str = Field(primary_key=True)
    member_id: str = Field(foreign_key="members.id", index=True)
    created_at: datetime = Field(sa_column=time_column())
    expires_at: datetime = Field(sa_column=time_column(index=True))


class ApiKeyRow(SQLModel, table=True):
    """A key of an account, known by its SHA-256; `hint` is its beginning, to tell it from others by."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="accounts.id", index=True)
    name: str
    role: str
    is_operator: bool = False
    hint: str
    sha256: str = Field(unique=True)
    created_by: str | None = Field(default=None, index=True)
    """The member who made it, who may have gone since; null where a key without one did, or the machine's owner."""
    created_at: datetime = Field(sa_column=time_column())
    last_used_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """To the hour."""
    revoked_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class IdempotencyRow(SQLModel, table=True):
    """What a POST with an `Idempotency-Key` was answered. Without a status it is still under way."""

    __tablename__ = "idempotency_keys"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    key: str = Field(primary_key=True)
    request_sha256: str
    """Of method, path and body."""
    status: int | None = None
    media_type: str | None = None
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    location: str | None = None
    created_at: datetime = Field(sa_column=time_column(index=True))
