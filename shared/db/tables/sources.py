"""What is watched, when it is looked at next, and how its hosts want to be treated."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import BigKey, json_column, time_column


class PlatformRow(SQLModel, table=True):
    """Whose documents are watched."""

    __tablename__ = "platforms"

    id: str = Field(primary_key=True)
    slug: str = Field(unique=True)
    name: str
    created_at: datetime = Field(sa_column=time_column())


class DocumentRow(SQLModel, table=True):
    """One document of a platform. `declaration` is a `shared.domain.documents.Declaration`."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("platform_id", "type", "url", name="uq_documents_platform_type_url"),)

    id: str = Field(primary_key=True)
    platform_id: str = Field(foreign_key="platforms.id", index=True)
    type: str
    url: str
    """The URL of the first part; what people know the document by."""
    declaration: dict[str, Any] = Field(sa_column=json_column())
    state: str = "active"
    """active | paused"""
    confirm_after_s: float = 600.0
    check_every_s: float | None = None
    """A fixed interval between checks; None: adaptive, by how often the text changes."""
    created_at: datetime = Field(sa_column=time_column())


class ScheduleRow(SQLModel, table=True):
    """When a document is looked at next, and who is looking now. The fetcher's, but `confirm_at`: the differ's wish."""

    __tablename__ = "schedules"

    document_id: str = Field(primary_key=True, foreign_key="documents.id")
    host: str = Field(index=True)
    next_check_at: datetime = Field(sa_column=time_column(index=True))
    confirm_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True, index=True))
    interval_s: float
    retry_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """After a failed check: not before this, whatever is due."""
    lease_until: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    lease_token: str | None = None
    failures: int = 0
    """Failed checks in a row."""
    first_failed_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    last_checked_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    last_changed_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """When the document's text last changed: the differ writes it, the fetcher adapts the interval to it."""
    seen: list[dict[str, Any]] | None = Field(default=None, sa_column=json_column(nullable=True))
    """What each part last answered, as `shared.db.fetcher.SeenPart`: what the next check asks conditionally by."""
    browser_needed: bool = False
    """The last capture was judged a shell: render it next time, where the browser extra is installed."""


class AmendmentRow(SQLModel, table=True):
    """What was changed of a document's settings at once, each as a `shared.db.amending.Changed`."""

    __tablename__ = "amendments"
    __table_args__ = (Index("ix_amendments_document", "document_id", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigKey, primary_key=True))
    document_id: str = Field(foreign_key="documents.id")
    at: datetime = Field(sa_column=time_column())
    by: str | None = None
    """A member's or a key's id; None for who runs commands on the machine."""
    changed: list[dict[str, Any]] = Field(sa_column=json_column())


class HostRow(SQLModel, table=True):
    """One host's slot (never two requests at once), its next allowed time, and its robots.txt."""

    __tablename__ = "hosts"

    host: str = Field(primary_key=True)
    next_allowed_at: datetime = Field(sa_column=time_column())
    slot_until: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    slot_token: str | None = None
    robots_authority: str | None = None
    """Host and port that the robots.txt was read from (RFC 9309, 2.3: one for each authority)."""
    robots_text: str | None = None
    """None where there is none to obey; see `robots_status`."""
    robots_status: int | None = None
    """None where the file could not be read at all."""
    robots_expires_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
