"""Words as small numbers, so that texts are compared at the speed of strings."""

import re
from dataclasses import dataclass

from rapidfuzz.distance import Indel

_TOKEN = re.compile(r"\w+(?:[-'’.,@/:_]+\w+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a punctuation mark, and where it stands in its text."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Words and marks in order; white space lies between them. Addresses and numbers like 1,000.50 are one word."""
    return [Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(text)]


def words(text: str) -> list[str]:
    """The texts of `tokens`."""
    return _TOKEN.findall(text)


class Vocabulary:
    """Gives each distinct word one code point: a text becomes a string of as many characters as it has words."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def encode(self, text_words: list[str]) -> str:
        codes = self._codes
        return "".join([codes.get(word) or codes.setdefault(word, chr(len(codes) + 1)) for word in text_words])


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of both sides: equal where `equal`, else what was taken out and what was put in its place."""

    equal: bool
    old: tuple[int, int]
    new: tuple[int, int]


def edits(old: str, new: str) -> list[Edit]:
    """The shortest edit between two encoded texts; each deletion is joined with the insertion beside it."""
    found: list[Edit] = []
    for code in Indel.opcodes(old, new):
        equal = code.tag == "equal"
        span_old, span_new = (code.src_start, code.src_end), (code.dest_start, code.dest_end)
        if found and not equal and not found[-1].equal:
            last = found.pop()
            span_old, span_new = (last.old[0], span_old[1]), (last.new[0], span_new[1])
        found.append(Edit(equal, span_old, span_new))
    return found


def likeness(old: str, new: str) -> float:
    """Twice the words kept, in order, over all words of both sides: 0 to 1."""
    return float(Indel.normalized_similarity(old, new))


def kept(part: str, whole: str) -> float:
    """The share of `part`'s words that occur in `whole` in the same order: 0 to 1."""
    if not part:
        return 0.0
    common = (len(part) + len(whole) - int(Indel.distance(part, whole))) / 2
    return common / len(part)
