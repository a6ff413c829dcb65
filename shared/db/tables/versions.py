"""What the differ makes of snapshots: judgements, versions, provisions, changes and conditions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import json_column, time_column


class JudgementRow(SQLModel, table=True):
    """What one snapshot turned out to be; at most one each."""

    __tablename__ = "judgements"
    __table_args__ = (
        Index("ix_judgements_document", "document_id", "captured_at"),
        Index(
            "ix_judgements_unusable",
            "captured_at",
            "snapshot_id",
            sqlite_where=text("outcome = 'unusable'"),
            postgresql_where=text("outcome = 'unusable'"),
        ),
    )

    snapshot_id: str = Field(primary_key=True, foreign_key="snapshots.id")
    document_id: str = Field(foreign_key="documents.id")
    captured_at: datetime = Field(sa_column=time_column())
    outcome: str
    """unusable | unchanged | candidate | confirmed | reverted | alternating | flap"""
    reason: str | None = None
    why: str | None = None
    text_sha256: str | None = None
    version_id: str | None = None


class HeadRow(SQLModel, table=True):
    """Where judging stands for one document. `revision` is compared and set by every judgement."""

    __tablename__ = "heads"

    document_id: str = Field(primary_key=True, foreign_key="documents.id")
    revision: int = 0
    version_id: str | None = None
    sequence: int = 0
    candidate_text: str | None = None
    """SHA-256 of the candidate's canonical text."""
    candidate_snapshot_id: str | None = None
    candidate_since: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    unsettled_since: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """Since when the document has not shown its head's text, candidate after candidate."""
    unusable_text: str | None = None
    unusable_since: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    unusable_count: int = 0
    accepted_text: str | None = None
    """An unusable text that the operator accepted as the document's."""


class VersionRow(SQLModel, table=True):
    """A confirmed text. `origin` is confirmed, or re-extraction where only our reading of the same capture changed."""

    __tablename__ = "versions"
    __table_args__ = (
        UniqueConstraint("document_id", "sequence", name="uq_versions_document_sequence"),
        Index("ix_versions_document_text", "document_id", "text_sha256"),
        Index(
            "ix_versions_unentered",
            "first_seen_at",
            "id",
            sqlite_where=text("entered = 0"),
            postgresql_where=text("NOT entered"),
        ),
    )

    id: str = Field(primary_key=True)
    document_id: str = Field(foreign_key="documents.id")
    sequence: int
    origin: str = "confirmed"
    text_sha256: str
    fingerprint: str
    title: str | None = None
    language: str | None = None
    dates: list[dict[str, Any]] = Field(sa_column=json_column())
    words: int = 0
    edges: list[list[str]] | None = Field(default=None, sa_column=json_column(nullable=True))
    """(hash, text) of each block at the ends of the text that may be the site's; see `ChromeBlockRow`."""
    snapshot_id: str = Field(foreign_key="snapshots.id")
    """The capture that first showed this text."""
    confirmed_by: str = Field(foreign_key="snapshots.id")
    first_seen_at: datetime = Field(sa_column=time_column())
    last_seen_at: datetime = Field(sa_column=time_column())
    entered: bool = False
    """Whether it is in the ledger."""


class ProvisionRow(SQLModel, table=True):
    """An addressable unit of a version; `provision_id` stays the same across versions."""

    __tablename__ = "provisions"
    __table_args__ = (Index("ix_provisions_id", "provision_id"),)

    version_id: str = Field(primary_key=True, foreign_key="versions.id")
    ordinal: int = Field(primary_key=True)
    provision_id: str
    value: dict[str, Any] = Field(sa_column=json_column())
    """A `shared.domain.provisions.Provision`."""


class ChangeRow(SQLModel, table=True):
    """What differs between two versions; one per version. `report` is the change report of docs/schemas."""

    __tablename__ = "changes"
    __table_args__ = (
        UniqueConstraint("version_id", name="uq_changes_version"),
        UniqueConstraint("document_id", "sequence", name="uq_changes_document_sequence"),
        # what lists filter and count by: rows hold whole reports, which must not be read for that
        Index("ix_changes_listed", "detected_at", "id", "document_id", "alert", "severity", "direction"),
        Index("ix_changes_counted", "document_id", "alert", "status", "severity", "detected_at", "id"),
        Index(
            "ix_changes_unentered",
            "detected_at",
            "id",
            sqlite_where=text("entered_revision < revision"),
            postgresql_where=text("entered_revision < revision"),
        ),
    )

    id: str = Field(primary_key=True)
    document_id: str = Field(foreign_key="documents.id")
    sequence: int
    old_version_id: str = Field(foreign_key="versions.id")
    version_id: str = Field(foreign_key="versions.id")
    outcome: str
    """changed | editorial | reverted | alternating"""
    alert: bool
    severity: str
    direction: str
    status: str = "confirmed"
    """confirmed | corrected | retracted"""
    headline: str
    report: dict[str, Any] = Field(sa_column=json_column())
    detected_at: datetime = Field(sa_column=time_column(index=True))
    revision: int = 0
    """How often it was corrected or retracted."""
    entered_revision: int = -1
    """Its newest revision that is in the ledger; -1 before it is in it at all."""


class ConditionRow(SQLModel, table=True):
    """A state of a document that its watchers should know; at most one open of a kind."""

    __tablename__ = "conditions"
    __table_args__ = (
        Index(
            "uq_conditions_open",
            "document_id",
            "kind",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    document_id: str = Field(foreign_key="documents.id")
    kind: str
    """unreachable | unreadable | unstable"""
    detail: str
    began_at: datetime = Field(sa_column=time_column())
    ended_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class DrainLeaseRow(SQLModel, table=True):
    """Who is judging a document now. It keeps a second worker from the same work; the head's revision is the fence."""

    __tablename__ = "drain_leases"

    document_id: str = Field(primary_key=True, foreign_key="documents.id")
    token: str
    until: datetime = Field(sa_column=time_column())


class ChromeBlockRow(SQLModel, table=True):
    """A block that a platform shows on several of its documents, and that is no policy. Rows are only ever added."""

    __tablename__ = "chrome_blocks"

    platform_id: str = Field(primary_key=True, foreign_key="platforms.id")
    hash: str = Field(primary_key=True)
    version: int
    """Of the platform's chrome set, which this block began; the set's own is its highest."""
    text: str
    learned_at: datetime = Field(sa_column=time_column())
    dropped_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """An operator said that it is policy: it is read again, and not learned again."""
