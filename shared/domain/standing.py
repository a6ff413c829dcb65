"""Where judging stands for a document between two looks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Condition(StrEnum):
    """A state of a document that its watchers should know."""

    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    UNSTABLE = "unstable"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text seen that differs from the head; `since` is when it was first seen, by `snapshot_id`."""

    text: str
    since: datetime
    snapshot_id: str


@dataclass(frozen=True, slots=True)
class UnusableRun:
    """Unusable looks in a row, whatever each showed; `text` is what the last one did."""

    text: str
    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where judging stands for a document. `unsettled_since`: since when its text has not been the head's."""

    head_text: str | None = None
    candidate: Candidate | None = None
    unsettled_since: datetime | None = None
    unusable: UnusableRun | None = None
    open_conditions: frozenset[str] = frozenset()
