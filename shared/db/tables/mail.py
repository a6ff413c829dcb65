"""What mail providers report, and the addresses that get no more mail because of it."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from shared.db.tables.columns import time_column


class MailEventRow(SQLModel, table=True):
    """One report, once however often it is repeated."""

    __tablename__ = "mail_events"

    id: str = Field(primary_key=True)
    """SendGrid's `sg_event_id`."""
    kind: str
    """A `shared.domain.mail.MailEventKind`."""
    address: str
    """In lower case."""
    delivery_id: str | None = Field(default=None, foreign_key="deliveries.id", index=True)
    detail: str = ""
    at: datetime = Field(sa_column=time_column())
    received_at: datetime = Field(sa_column=time_column(index=True))


class SuppressionRow(SQLModel, table=True):
    """An address that nothing more is sent to."""

    __tablename__ = "suppressions"

    address: str = Field(primary_key=True)
    """In lower case."""
    reason: str
    """mail-bounced | mail-complained | mail-unsubscribed"""
    since: datetime = Field(sa_column=time_column())
    event_id: str | None = None
    """The report that suppressed it; None where a mail server said so while we sent."""
    detail: str = ""
