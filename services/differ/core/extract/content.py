"""What extraction is given, and the one way in which it fails."""

from dataclasses import dataclass
from typing import Literal

from shared.domain.documents import Selector

UnextractableReason = Literal["no-text", "unreadable", "too-large"]


@dataclass(frozen=True, slots=True)
class PartContent:
    """One captured part. `media_type` and `charset` are what the HTTP header said, None where unknown.

    `body` is content-decoded. Without `select` the main content is found automatically.
    """

    url: str | None
    media_type: str | None
    charset: str | None
    body: bytes
    select: tuple[Selector, ...] = ()
    remove: tuple[Selector, ...] = ()


class Unextractable(Exception):
    """A body that holds no text to compare; `reason` is one of the report's `unusable.reason` values."""

    def __init__(self, reason: UnextractableReason, why: str) -> None:
        super().__init__(f"{reason}: {why}")
        self.reason: UnextractableReason = reason
        self.why = why
