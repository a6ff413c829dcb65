"""The ledger: rows of these tables are only ever added, and the database itself refuses to alter or delete them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import json_column, time_column


class LedgerEntryRow(SQLModel, table=True):
    """One link of the chain; see `shared.evidence.ledger.Entry`."""

    __tablename__ = "ledger_entries"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "revision", name="uq_ledger_entries_subject"),)

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str
    """snapshot | version | change | revision"""
    subject_id: str
    revision: int = 0
    """Of a change's correction or retraction, from 1; else 0."""
    facts: dict[str, Any] = Field(sa_column=json_column())
    """What was hashed of the subject, so that it can be shown when the subject's row says something else by now."""
    content_sha256: str
    at: datetime = Field(sa_column=time_column())
    previous: str
    hash: str


class LedgerHeadRow(SQLModel, table=True):
    """A signed head; see `shared.evidence.ledger.Head`."""

    __tablename__ = "ledger_heads"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: str
    at: datetime = Field(sa_column=time_column())
    key_id: str
    public_key: str
    """In PEM: a head can be checked when the installation signs with another key by then."""
    signature: str
