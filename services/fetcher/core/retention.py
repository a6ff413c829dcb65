"""Which stored captures may lose their bodies (DESIGN, section 12)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Held(Protocol):
    """A judged capture whose bodies are kept; see `shared.db.fetcher.values.HeldCapture`."""

    @property
    def id(self) -> str: ...
    @property
    def captured_at(self) -> datetime: ...
    @property
    def text(self) -> str | None: ...
    @property
    def unusable(self) -> bool: ...
    @property
    def begins_version(self) -> bool: ...
    @property
    def shows_version(self) -> bool: ...
    @property
    def pinned(self) -> bool: ...


def releasable(captures: Sequence[Held], before: datetime) -> list[str]:
    """Ids of the captures from before a moment that no rule keeps, given all of one document in capture order.

    Kept for ever: what begins, confirms or ends a version, and the first capture of each unusable text. Kept for now:
    the newest capture, whose bytes a 304 may stand for, and the last that showed the text which still holds.
    """
    kept = _keepers(captures)
    return [capture.id for capture in captures if capture.captured_at < before and capture.id not in kept]


def _keepers(captures: Sequence[Held]) -> set[str]:
    kept = {captures[-1].id} if captures else set()
    unusable_texts: set[str | None] = set()
    last_shown: str | None = None
    for capture in captures:
        if capture.pinned:
            kept.add(capture.id)
        if capture.unusable and capture.text not in unusable_texts:
            unusable_texts.add(capture.text)
            kept.add(capture.id)
        if capture.begins_version:
            kept.add(capture.id)
            if last_shown:
                kept.add(last_shown)
        if capture.shows_version and not capture.unusable:
            last_shown = capture.id
    if last_shown:
        kept.add(last_shown)
    return kept
