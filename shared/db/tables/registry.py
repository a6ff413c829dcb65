"""What lists, search and comparison read: made from versions and changes, and made anew where the rules change."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import BigKey, json_column, time_column


class RegisteredProvisionRow(SQLModel, table=True):
    """A provision of a document's newest version, with what is said of it."""

    __tablename__ = "registered_provisions"
    __table_args__ = (
        Index("ix_registered_provisions_category", "category", "platform_id"),
        Index("ix_registered_provisions_platform", "platform_id"),
    )

    document_id: str = Field(primary_key=True, foreign_key="documents.id")
    ordinal: int = Field(primary_key=True)
    provision_id: str = Field(index=True)
    platform_id: str = Field(foreign_key="platforms.id")
    version_id: str = Field(foreign_key="versions.id")
    kind: str
    path: list[str] = Field(sa_column=json_column())
    heading: str | None = None
    excerpt: str
    """The beginning of its text."""
    words: int
    category: str | None = None
    categories: list[str] = Field(sa_column=json_column())
    severity: str
    confidence: float | None = None
    reasons: list[str] = Field(sa_column=json_column())
    vector: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """See `services.differ.core.likeness`."""


class ComparisonRow(SQLModel, table=True):
    """A document's first version beside its newest, compared before anybody asks for it."""

    __tablename__ = "comparisons"

    document_id: str = Field(primary_key=True, foreign_key="documents.id")
    old_version_id: str = Field(foreign_key="versions.id")
    new_version_id: str = Field(foreign_key="versions.id")
    report: dict[str, Any] = Field(sa_column=json_column())


class ChangeTermRow(SQLModel, table=True):
    """What a change is about, for filters; `kind` is category, regulation (instrument), provision (id), or effective or
    objection (a day in ISO 8601)."""

    __tablename__ = "change_terms"
    __table_args__ = (Index("ix_change_terms_value", "kind", "value"),)

    change_id: str = Field(primary_key=True, foreign_key="changes.id")
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)


class SearchEntryRow(SQLModel, table=True):
    """One thing that can be found. Each engine keeps its own index of title and body, made by migration 0015."""

    __tablename__ = "search_entries"
    __table_args__ = (Index("ix_search_entries_subject", "kind", "subject"),)

    id: int | None = Field(default=None, sa_column=Column(BigKey, primary_key=True, autoincrement=True))
    kind: str
    """provision | change"""
    subject: str
    """The document's id for a provision, the change's own for a change: what is written anew together."""
    ordinal: int = 0
    platform_id: str = Field(foreign_key="platforms.id", index=True)
    title: str
    body: str


class RegistryMarkRow(SQLModel, table=True):
    """What has been taken in: a document at one of its versions, a change with one of its statuses."""

    __tablename__ = "registry_marks"

    subject: str = Field(primary_key=True)
    """A document's or a change's id."""
    stamp: str
    """The version's id, or the change's status."""
    rules: str
    """Those by which it was read: `services.differ.core.registry.RULES`."""
    at: datetime = Field(sa_column=time_column())
