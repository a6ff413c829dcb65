"""Word-level redlines that reconstruct both sides to the letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from services.differ.core.words import Edit, Token, Vocabulary, edits, tokens
from shared.domain.provisions import Span

Mark = Literal["=", "-", "+"]
Redline = tuple[tuple[Mark, str], ...]

_GLUE = frozenset(["a", "an", "and", "the", "of", "or", "to", "in", ",", ".", ";", ":", "(", ")", "-", "'"])
"""Tokens too slight to stand alone between two edits."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One edit: the span taken out of the old text and the span put into the new one; either may be empty."""

    old: Span
    new: Span


@dataclass(frozen=True)
class TextPair:
    """Two reading texts, compared word by word."""

    old: str
    new: str

    @cached_property
    def old_tokens(self) -> list[Token]:
        return tokens(self.old)

    @cached_property
    def new_tokens(self) -> list[Token]:
        return tokens(self.new)

    @cached_property
    def edits(self) -> list[Edit]:
        """Edits over the tokens, a lone slight word between two edits joined to them."""
        vocabulary = Vocabulary()
        old = vocabulary.encode([token.text for token in self.old_tokens])
        new = vocabulary.encode([token.text for token in self.new_tokens])
        return _joined(edits(old, new), self.old_tokens)

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(
            Hunk(_span(self.old_tokens, edit.old, len(self.old)), _span(self.new_tokens, edit.new, len(self.new)))
            for edit in self.edits
            if not edit.equal
        )

    @cached_property
    def redline(self) -> Redline:
        """`=` and `-` joined give the old text, `=` and `+` the new one; no two neighbours share a mark."""
        return tuple(_compact(self._marks()))

    def _marks(self) -> Iterator[tuple[Mark, str]]:
        old_at = new_at = 0
        for edit in self.edits:
            if edit.equal:
                for i, j in zip(range(*edit.old), range(*edit.new), strict=True):
                    yield from _gap(
                        self.old[old_at : self.old_tokens[i].start], self.new[new_at : self.new_tokens[j].start]
                    )
                    yield "=", self.old_tokens[i].text
                    old_at, new_at = self.old_tokens[i].end, self.new_tokens[j].end
                continue
            old_end = self.old_tokens[edit.old[1] - 1].end if edit.old[0] < edit.old[1] else old_at
            new_end = self.new_tokens[edit.new[1] - 1].end if edit.new[0] < edit.new[1] else new_at
            out, put = self.old[old_at:old_end], self.new[new_at:new_end]
            shared = len(out) - len(out.lstrip()) if out and put else 0
            if shared and out[:shared] == put[: len(put) - len(put.lstrip())]:
                yield "=", out[:shared]
                out, put = out[shared:], put[shared:]
            yield "-", out
            yield "+", put
            old_at, new_at = old_end, new_end
        yield from _gap(self.old[old_at:], self.new[new_at:])


def _gap(old: str, new: str) -> Iterator[tuple[Mark, str]]:
    if old == new:
        yield "=", old
    else:
        yield "-", old
        yield "+", new


def _compact(marks: Iterator[tuple[Mark, str]]) -> Iterator[tuple[Mark, str]]:
    mark: Mark | None = None
    held: list[str] = []
    for next_mark, text in marks:
        if not text:
            continue
        if next_mark != mark:
            if mark is not None:
                yield mark, "".join(held)
            mark, held = next_mark, []
        held.append(text)
    if mark is not None:
        yield mark, "".join(held)


def _joined(found: list[Edit], old_tokens: list[Token]) -> list[Edit]:
    """Take a slight word into the edits on both sides of it; one at an end, or beside equal text, stays equal."""
    joined: list[Edit] = []
    for place, edit in enumerate(found):
        slight = edit.equal and edit.old[1] - edit.old[0] == 1 and old_tokens[edit.old[0]].text in _GLUE
        between = slight and 0 < place < len(found) - 1
        if joined and not joined[-1].equal and (between or not edit.equal):
            last = joined.pop()
            edit = Edit(False, (last.old[0], edit.old[1]), (last.new[0], edit.new[1]))
        joined.append(edit)
    return joined


def _span(found: list[Token], edit: tuple[int, int], length: int) -> Span:
    """Code points from the first token to the last; for an empty edit the place between its neighbours."""
    if edit[0] < edit[1]:
        return found[edit[0]].start, found[edit[1] - 1].end
    place = found[edit[0]].start if edit[0] < len(found) else length
    return place, place
