"""What each look at a document brought."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import BigKey, json_column, time_column


class CheckRow(SQLModel, table=True):
    """The heartbeat: one compact row per look, whatever came of it."""

    __tablename__ = "checks"
    __table_args__ = (Index("ix_checks_document_at", "document_id", "at"),)

    id: int | None = Field(default=None, sa_column=Column(BigKey, primary_key=True, autoincrement=True))
    document_id: str = Field(foreign_key="documents.id")
    at: datetime = Field(sa_column=time_column())
    outcome: str
    """not-modified | same-bytes | captured | failed"""
    confirming: bool = False
    failure: str | None = None
    """A `FailureKind`, where the check failed."""
    detail: str | None = None
    status: int | None = None
    duration_ms: int
    snapshot_id: str | None = None


class SnapshotRow(SQLModel, table=True):
    """The raw bytes of a check. `ordinal` is the capture order within the document, from 1."""

    __tablename__ = "snapshots"
    __table_args__ = (
        UniqueConstraint("document_id", "ordinal", name="uq_snapshots_document_ordinal"),
        Index(
            "ix_snapshots_unjudged",
            "document_id",
            "ordinal",
            sqlite_where=text("judged = 0"),
            postgresql_where=text("NOT judged"),
        ),
        Index(
            "ix_snapshots_unentered",
            "captured_at",
            "id",
            sqlite_where=text("entered = 0"),
            postgresql_where=text("NOT entered"),
        ),
    )

    id: str = Field(primary_key=True)
    document_id: str = Field(foreign_key="documents.id")
    ordinal: int
    captured_at: datetime = Field(sa_column=time_column())
    confirming: bool = False
    sha256: str
    """Of the parts' SHA-256 in hexadecimal, joined by line feeds; of one part alone, its own."""
    fetcher_version: str
    judged: bool = False
    event_id: str
    """The outbox event that announced it; handled in the judgement's own transaction."""
    correlation_id: str
    bytes_kept: bool = True
    """False once retention has let go of the bodies; hashes, headers and times stay."""
    entered: bool = False
    """Whether it is in the ledger."""


class SnapshotPartRow(SQLModel, table=True):
    """One URL of a snapshot: request, answer, times, and the hash of its content-decoded body."""

    __tablename__ = "snapshot_parts"

    snapshot_id: str = Field(primary_key=True, foreign_key="snapshots.id")
    ordinal: int = Field(primary_key=True)
    url: str
    final_url: str
    status: int
    redirects: list[dict[str, Any]] = Field(sa_column=json_column())
    request_headers: list[list[str]] = Field(sa_column=json_column())
    headers: list[list[str]] = Field(sa_column=json_column())
    media_type: str | None = None
    charset: str | None = None
    sha256: str = Field(index=True)
    size: int
    started_at: datetime = Field(sa_column=time_column())
    finished_at: datetime = Field(sa_column=time_column())
    reused: bool = False
    """The server answered 304: the bytes are those of the snapshot before."""
