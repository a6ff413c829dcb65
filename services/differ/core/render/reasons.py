"""Reasons in words, with the names of what amounts measure and of categories as the differ has them."""

from functools import cache

from services.differ.core.subjects import SUBJECTS
from services.differ.core.taxonomy import taxonomy
from shared.domain import reasons

_TOPICS = {one.name: one.topic.removeprefix("The ") for one in SUBJECTS}


def in_words(reason: str) -> str:
    """See `shared.domain.reasons.in_words`."""
    return reasons.in_words(reason, _TOPICS, _labels())


@cache
def _labels() -> dict[str, str]:
    return {one.id: one.label for one in taxonomy().values()}
