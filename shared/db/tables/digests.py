"""Digests with what is in them, and the documents that accounts do not want to hear of."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import time_column


class DigestRow(SQLModel, table=True):
    """What one endpoint is told together. There is one for each period, however often its making was begun."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("endpoint_id", "cadence", "period", name="uq_digests_period"),)

    id: str = Field(primary_key=True)
    endpoint_id: str = Field(foreign_key="endpoints.id")
    cadence: str
    """immediate (changes of one platform that came close together) | same-day | daily | weekly"""
    period: str
    """The local day on which it ends; for the same day the moment and the document, else the moment and platform."""
    notice_id: str = Field(foreign_key="notices.id", unique=True)
    ends_at: datetime = Field(sa_column=time_column())
    created_at: datetime = Field(sa_column=time_column())


class DigestItemRow(SQLModel, table=True):
    """A held delivery that a digest tells of."""

    __tablename__ = "digest_items"
    __table_args__ = (UniqueConstraint("notice_id", "endpoint_id", "cadence", name="uq_digest_items_notice"),)

    delivery_id: str = Field(primary_key=True, foreign_key="deliveries.id")
    digest_id: str = Field(foreign_key="digests.id", index=True)
    notice_id: str = Field(foreign_key="notices.id")
    endpoint_id: str = Field(foreign_key="endpoints.id")
    cadence: str
    reason: str
    """Why it was held: digest, quota or grouped."""


class MuteRow(SQLModel, table=True):
    """A document that an account does not want to hear of, whatever it subscribes to."""

    __tablename__ = "mutes"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    document_id: str = Field(primary_key=True, foreign_key="documents.id")
    created_at: datetime = Field(sa_column=time_column())
