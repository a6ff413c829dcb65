"""The taxonomy's phrases, found by word stems: "terminating" counts for "terminate"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from services.differ.core.classify.stems import stem
from services.differ.core.taxonomy import taxonomy

STRONG, WEAK = 3, 1
"""Points of a phrase, once in a text and once in the headings above it."""

Stems = tuple[str, ...]

_APART = {"profiling": "profiling", "developer": "developer", "developers": "developer", "appealing": "appealing"}
"""Words that mean something else than their stem's other forms: a profile, to develop, an appeal."""

_TOGETHER = {
    **{
        f"{short}s": short
        for short in ("ad", "api", "app", "ban", "bot", "cap", "day", "fee", "key", "law", "log", "sla")
    },
    **dict.fromkeys(("banned", "banning"), "ban"),
    **dict.fromkeys(("cookie", "cookies"), "cookie"),
    **dict.fromkeys(("transfer", "transfers", "transferred", "transferring"), "transfer"),
    **dict.fromkeys(("licence", "licences"), "licens"),
}
"""Forms of one word that have different stems: they are short, double a letter, or are spelt in two ways."""

_FORMS = _APART | _TOGETHER
_PARTICIPLE = re.compile(r"(?<=[^aeiou])ying$")

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(slots=True)
class Found:
    """Points of a category in a text, and the first of its weightiest phrases."""

    points: int = 0
    worth: int = 0
    phrase: str = ""

    def add(self, worth: int, phrase: str) -> None:
        self.points += worth
        if worth > self.worth:
            self.worth, self.phrase = worth, phrase


def stems_of(text: str) -> list[str]:
    """The stems of a text's words, in order."""
    return [_FORMS.get(word) or _stem(word) for word in _WORD.findall(text.lower())]


def _stem(word: str) -> str:
    """The stem; "process" and "processing" have one, and so have "modify" and "modifying"."""
    return word if word.endswith("ss") else stem(_PARTICIPLE.sub("y", word))


def phrases_in(stems: Iterable[str]) -> dict[str, Found]:
    """What each category's phrases score; each phrase counts once."""
    stems = list(stems)
    by_first = _phrases()
    seen: set[tuple[str, Stems]] = set()
    found: dict[str, Found] = {}
    for place, first in enumerate(stems):
        for wanted, category, worth, phrase in by_first.get(first, ()):
            if (category, wanted) not in seen and tuple(stems[place : place + len(wanted)]) == wanted:
                seen.add((category, wanted))
                found.setdefault(category, Found()).add(worth, phrase)
    return found


@cache
def _phrases() -> dict[str, list[tuple[Stems, str, int, str]]]:
    """Stems, category, worth and words of every phrase, by its first stem."""
    by_first: dict[str, list[tuple[Stems, str, int, str]]] = {}
    for category in taxonomy().values():
        for worth, phrases in ((STRONG, category.strong), (WEAK, category.weak)):
            for phrase in phrases:
                stems = tuple(stems_of(phrase))
                by_first.setdefault(stems[0], []).append((stems, category.id, worth, phrase))
    return by_first
