"""Stems of English words, for comparing by word family."""

from functools import lru_cache

_LONG = ("ations", "ation", "ments", "ment", "ions", "ion", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es")
_ENDINGS = (*_LONG, "e", "s", "y")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A lower-case word without its ending, at least four letters of it."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
