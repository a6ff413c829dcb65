"""Who is told, where, by what rule, and every attempt to do so."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from shared.db.tables.columns import json_column, time_column

DUE_STATES = "state IN ('pending', 'failed', 'ambiguous', 'sending')"
"""`shared.domain.deliveries.CLAIMABLE`, written out: a partial index serves only the very words of its condition."""

HELD_FOR_DIGEST = "state = 'held' AND reason IN ('digest', 'plan-cadence', 'quota', 'grouped')"
"""What waits to be told together with others and is in no message yet, written out for the same reason."""


class AccountRow(SQLModel, table=True):
    """Owns a plan, members, endpoints and subscriptions."""

    __tablename__ = "accounts"

    id: str = Field(primary_key=True)
    name: str
    plan: str
    timezone: str = "UTC"
    quiet_hours: str | None = None
    """Local times between which people are not told, as `22:00-07:00`."""
    created_at: datetime = Field(sa_column=time_column())


class EndpointRow(SQLModel, table=True):
    """Where an account is told. Secrets are stored encrypted."""

    __tablename__ = "endpoints"
    __table_args__ = (UniqueConstraint("account_id", "kind", "address", name="uq_endpoints_account_address"),)

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="accounts.id", index=True)
    kind: str
    """email | webhook | slack"""
    address: str
    secret: str | None = None
    old_secret: str | None = None
    old_secret_until: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    state: str = "active"
    """unconfirmed | active | paused | disabled | removed"""
    reason: str | None = None
    failing_since: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """The first failure since it was last reached, or since it was enabled."""
    failures: int = 0
    """Attempts that failed since then."""
    incident: str | None = None
    """failing | disabled, where its owner was told that and not yet that it recovered."""
    incident_since: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """When the failure began that the owner was told of."""
    created_at: datetime = Field(sa_column=time_column())


class SubscriptionRow(SQLModel, table=True):
    """What an account wants to hear of. No term of a kind means: all of that kind."""

    __tablename__ = "subscriptions"

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="accounts.id", index=True)
    min_severity: str = "low"
    cadence: str = "immediate"
    """immediate | same-day | daily | weekly"""
    state: str = "active"
    """active | paused"""
    reason: str | None = None
    created_at: datetime = Field(sa_column=time_column())


class SubscriptionTermRow(SQLModel, table=True):
    """One thing a subscription names; `kind` is platform (slug), document (id), type, category or provision (id)."""

    __tablename__ = "subscription_terms"
    __table_args__ = (Index("ix_subscription_terms_value", "kind", "value"),)

    subscription_id: str = Field(primary_key=True, foreign_key="subscriptions.id")
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)


class SubscriptionEndpointRow(SQLModel, table=True):
    """Which endpoints a subscription tells."""

    __tablename__ = "subscription_endpoints"

    subscription_id: str = Field(primary_key=True, foreign_key="subscriptions.id")
    endpoint_id: str = Field(primary_key=True, foreign_key="endpoints.id", index=True)


class NoticeRow(SQLModel, table=True):
    """What can be told. `subject` names the thing told of and makes the notice unique ("change:chg_…")."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_document_at", "document_id", "created_at"),)

    id: str = Field(primary_key=True)
    kind: str
    """change.detected | change.corrected | change.retracted | document.condition | endpoint.incident | endpoint.test"""
    subject: str = Field(unique=True)
    document_id: str | None = Field(default=None, foreign_key="documents.id")
    data: dict[str, Any] = Field(sa_column=json_column())
    """What is not in the database under the subject's id already."""
    revision: str | None = None
    """corrected | retracted, where what it tells no longer stands: nothing more of it is sent."""
    told_up_to: str | None = None
    """The endpoint, in the order of their ids, up to which its deliveries are written; see `telling.py`."""
    correlation_id: str
    created_at: datetime = Field(sa_column=time_column())


class DeliveryRow(SQLModel, table=True):
    """One notice to one endpoint."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "endpoint_id", name="uq_deliveries_notice_endpoint"),
        Index("ix_deliveries_due", "due_at", sqlite_where=text(DUE_STATES), postgresql_where=text(DUE_STATES)),
        Index(
            "ix_deliveries_held", "due_at", sqlite_where=text(HELD_FOR_DIGEST), postgresql_where=text(HELD_FOR_DIGEST)
        ),
    )

    id: str = Field(primary_key=True)
    notice_id: str = Field(foreign_key="notices.id")
    endpoint_id: str = Field(foreign_key="endpoints.id", index=True)
    account_id: str = Field(foreign_key="accounts.id", index=True)
    state: str
    """A `shared.domain.deliveries.DeliveryState`."""
    reason: str | None = None
    cadence: str = "immediate"
    """For what is held for a digest, which one."""
    due_at: datetime = Field(sa_column=time_column())
    """When it may next be claimed; while it is being sent, when the lease runs out."""
    lease_token: str | None = None
    claims: int = 0
    """One more than `attempts` for each worker that died with it in hand."""
    attempts: int = 0
    body_sha256: str | None = None
    counted: bool = False
    """Whether the daily quota was charged, which happens once, at the first claim."""
    created_at: datetime = Field(sa_column=time_column())
    settled_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class AttemptRow(SQLModel, table=True):
    """One try at a delivery, as it went."""

    __tablename__ = "attempts"

    delivery_id: str = Field(primary_key=True, foreign_key="deliveries.id")
    n: int = Field(primary_key=True)
    at: datetime = Field(sa_column=time_column())
    duration_ms: int
    outcome: str
    status: int | None = None
    error: str | None = None
    answer: str | None = None
    """The first 2 KB of what the endpoint said."""


class BodyRow(SQLModel, table=True):
    """A frozen message body, stored once by content hash."""

    __tablename__ = "bodies"

    sha256: str = Field(primary_key=True)
    body: bytes


class HeldBackRow(SQLModel, table=True):
    """How many deliveries an account's plan held back in a week, until its owner was told."""

    __tablename__ = "held_back"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    week: date = Field(primary_key=True)
    """Its Monday, by UTC."""
    reason: str = Field(primary_key=True)
    platform: str = Field(primary_key=True)
    """Slug of what they would have told of."""
    count: int


class QuotaRow(SQLModel, table=True):
    """Deliveries first claimed by an account on a UTC day."""

    __tablename__ = "quota_usage"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    day: date = Field(primary_key=True)
    used: int = 0
