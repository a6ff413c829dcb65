"""The typed, versioned events. Ids and small values only: texts stay in the database.

The name of an event is its routing key and the name of the Celery task that handles it.
"""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """An announcement of something that happened, committed together with the state it announces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    version: Literal[1] = 1


class SnapshotCaptured(Event):
    """A document has unjudged snapshots: drain it."""

    name: ClassVar[str] = "snapshot.captured"
    document_id: str
    snapshot_id: str


class ChangeDetected(Event):
    """A confirmed change was recorded. `alert` is False where it is kept but told to nobody."""

    name: ClassVar[str] = "change.detected"
    change_id: str
    document_id: str
    document_type: str
    platform_slug: str
    sequence: int
    alert: bool
    outcome: str
    headline: str
    severity: str
    direction: str
    counts: dict[str, int]
    categories: tuple[str, ...]
    provision_ids: tuple[str, ...]


class ConditionBegan(Event):
    """A document became unreachable, unreadable or unstable."""

    name: ClassVar[str] = "condition.began"
    condition_id: str
    document_id: str
    kind: str


class ConditionEnded(Event):
    """A condition of a document is over."""

    name: ClassVar[str] = "condition.ended"
    condition_id: str
    document_id: str
    kind: str


EVENTS: dict[str, type[Event]] = {e.name: e for e in (SnapshotCaptured, ChangeDetected, ConditionBegan, ConditionEnded)}


def parse(name: str, payload: object) -> Event:
    """The event of that name, validated; pydantic.ValidationError for a bad payload, KeyError for an unknown name."""
    return EVENTS[name].model_validate(payload)
