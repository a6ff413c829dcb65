"""The transactional outbox and who has handled what."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import BigKey, json_column, time_column


class OutboxRow(SQLModel, table=True):
    """An event, committed with the state it announces. Open until every consumer has handled or buried it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_unpublished",
            "position",
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
        Index(
            "ix_outbox_unsettled",
            "sweep_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    position: int | None = Field(default=None, sa_column=Column(BigKey, primary_key=True, autoincrement=True))
    id: str = Field(unique=True)
    name: str
    payload: dict[str, Any] = Field(sa_column=json_column())
    correlation_id: str
    created_at: datetime = Field(sa_column=time_column())
    published_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """The last time it was handed to the broker."""
    publications: int = 0
    sweep_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """When to look whether every consumer has handled it."""
    settled_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class EventHandledRow(SQLModel, table=True):
    """Written in the transaction of the handler's own effect: the proof that it happened once."""

    __tablename__ = "event_handled"

    event_id: str = Field(primary_key=True)
    consumer: str = Field(primary_key=True)
    at: datetime = Field(sa_column=time_column())


class EventFailureRow(SQLModel, table=True):
    """Failed or interrupted attempts of one consumer at one event; a dead letter once `dead_at` is set."""

    __tablename__ = "event_failures"

    event_id: str = Field(primary_key=True)
    consumer: str = Field(primary_key=True)
    attempts: int = 0
    last_error: str
    last_at: datetime = Field(sa_column=time_column())
    dead_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
