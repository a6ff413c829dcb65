"""What a provision is about: keyword phrases of the taxonomy, in its text and in the headings above it."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

from services.differ.core.taxonomy import taxonomy

STRONG, WEAK = 3, 1
"""Points of a phrase, once in a text and once in the headings above it."""

NEEDED = 3
MOST = 3
"""Categories named at most."""

_WORD = re.compile(r"[a-z0-9]+")
_ENDINGS: tuple[str, ...] = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ions",
    "ion",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "er",
    "ed",
    "es",
)
_ENDINGS += ("e", "s", "y")


def classify(text: str, path: Iterable[str]) -> tuple[str, ...]:
    """The ids of the categories that fit, best first; empty where none does.

    Words are compared by stem, so that "terminating" counts for "terminate". English only.
    """
    own, above = _found(text), _found(" ".join(path))
    scores = {category: own.get(category, 0) + above.get(category, 0) for category in {**own, **above}}
    order = {category: place for place, category in enumerate(taxonomy())}
    fitting = [category for category, points in scores.items() if points >= NEEDED]
    fitting.sort(key=lambda category: (-scores[category], -own.get(category, 0), order[category]))
    return tuple(category for category in fitting[:MOST] if scores[category] * 2 >= scores[fitting[0]])


def _found(text: str) -> dict[str, int]:
    """Points by category; each phrase counts once."""
    stems = [_stem(word) for word in _WORD.findall(text.lower())]
    phrases = _phrases()
    seen: set[tuple[str, tuple[str, ...]]] = set()
    points: Counter[str] = Counter()
    for place, stem in enumerate(stems):
        for phrase, category, worth in phrases.get(stem, ()):
            if (category, phrase) not in seen and tuple(stems[place : place + len(phrase)]) == phrase:
                seen.add((category, phrase))
                points[category] += worth
    return points


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str, int]]]:
    """Stemmed phrases by their first stem."""
    by_first: dict[str, list[tuple[tuple[str, ...], str, int]]] = {}
    for category in taxonomy().values():
        for worth, phrases in ((STRONG, category.strong), (WEAK, category.weak)):
            for phrase in phrases:
                stems = tuple(_stem(word) for word in _WORD.findall(phrase.lower()))
                by_first.setdefault(stems[0], []).append((stems, category.id, worth))
    return by_first


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """A word without its ending, at least four letters of it."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
