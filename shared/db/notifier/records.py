"""What the notifier's repositories take and give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.domain.deliveries import Channel, Reason, Standing
from shared.domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Something to tell. `subject` makes it unique; `data` is what no other table holds."""

    kind: NoticeKind
    subject: str
    correlation_id: str
    document_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """A stored notice."""

    id: str
    kind: NoticeKind
    subject: str
    document_id: str | None
    data: Mapping[str, Any]
    correlation_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in this worker's hand until `lease_until`, by `token`. Secrets are still sealed, the newest first."""

    delivery_id: str
    token: str
    lease_until: datetime
    notice: Notice
    endpoint_id: str
    channel: Channel
    address: str
    secrets: tuple[str, ...]
    failing_since: datetime | None
    attempts: int
    ambiguous_before: bool
    body_sha256: str | None
    is_doubted: bool = False
    """Whether its workers died so often that it is taken with no other such."""


@dataclass(frozen=True, slots=True)
class Result:
    """One attempt as it went, and where the delivery stands after it."""

    claim: Claim
    at: datetime
    duration_ms: int
    outcome: str
    standing: Standing
    status: int | None = None
    error: str | None = None
    answer: str | None = None
    disable: Reason | None = None
