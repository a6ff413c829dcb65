"""Two versions in the course of being matched."""

import re
from collections.abc import Sequence

from services.differ.core.compare.facts.dates import DATE
from services.differ.core.words import Vocabulary, words
from shared.domain.provisions import Provision

MOST_COMPARED = 400_000
"""Pairs of provisions that are compared word by word at most."""

_SHORT = 120
"""Characters; in a shorter text a date is most of the words, yet not what the line is known by."""

_WORD = re.compile(r"\w+")


class Matches:
    """Both versions, what is matched already, and their words encoded with one vocabulary.

    `pairs` maps old places to new ones; `groups` holds the splits and mergers.
    """

    def __init__(self, old: Sequence[Provision], new: Sequence[Provision]) -> None:
        self.old, self.new = old, new
        self.pairs: dict[int, int] = {}
        self.taken: set[int] = set()
        self.groups: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self._vocabulary = Vocabulary()
        self._codes: dict[str, str] = {}

    def pair(self, i: int, j: int) -> None:
        """The old provision `i` is the new one `j`."""
        self.pairs[i] = j
        self.taken.add(j)

    def free_old(self) -> list[int]:
        """Old places without a match, in order."""
        grouped = {i for olds, _ in self.groups for i in olds}
        return [i for i in range(len(self.old)) if i not in self.pairs and i not in grouped]

    def free_new(self) -> list[int]:
        """New places without a match, in order."""
        grouped = {j for _, news in self.groups for j in news}
        return [j for j in range(len(self.new)) if j not in self.taken and j not in grouped]

    def code(self, provision: Provision) -> str:
        """The provision's words, capitals aside, encoded; once a text. In short lines every date is one same word."""
        text = provision.canonical
        if text not in self._codes:
            undated = DATE.sub("\0", text) if len(text) <= _SHORT else text
            known = words(undated.casefold().replace("\0", " somedate ")) if undated != text else words(text.casefold())
            self._codes[text] = self._vocabulary.encode(known)
        return self._codes[text]


def key(provision: Provision) -> str:
    """The text and where its links lead."""
    return "\0".join((provision.canonical, *(link.target for link in provision.links)))


def letters(provision: Provision) -> str:
    """The text without marks and capitals."""
    return " ".join(_WORD.findall(provision.canonical.casefold())) or provision.canonical
