"""A redline as markup for our pages: escaped, its edits said in words too, the facts in it numbered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from markupsafe import Markup, escape

from services.differ.core.compare.redline import TextPair
from services.differ.core.render.wording import CONTEXT
from shared.domain.report import Fact, Mark, ProvisionChange, Side

View = Literal["inline", "before", "after"]

MOST_BYTES = 24_000
"""Of one redline's text on a page; the redline in one file has all of it."""

LONG = 6_000
"""Characters; from there on the unchanged parts of a redline are shortened."""

_SHOWS: dict[View, tuple[str, tuple[Side, ...]]] = {
    "inline": ("=-+", ("before", "after")),
    "before": ("=-", ("before",)),
    "after": ("=+", ("after",)),
}
_EDITS = {
    "-": ('<del><span class="unseen">[deleted: </span>', '<span class="unseen">]</span></del>'),
    "+": ('<ins><span class="unseen">[inserted: </span>', '<span class="unseen">]</span></ins>'),
}
_REST = '<span class="faint"> … the rest is in the redline in one file.</span>'


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of a redline that the same facts cover, by their places among the provision's facts."""

    mark: Mark
    text: str
    facts: frozenset[int]


def marked(change: ProvisionChange, facts: Sequence[Fact], view: View) -> Markup:
    """What the view shows of a provision's change; the n-th of `facts` is marked and numbered n, from 1."""
    marks, sides = _SHOWS[view]
    return _joined([piece for piece in _pieces(change.redline, facts, sides) if piece.mark in marks])


def _joined(pieces: Sequence[_Piece]) -> Markup:
    """As much of the pieces as a page has room for."""
    is_long = sum(len(piece.text) for piece in pieces) > LONG
    fitting = list(_fitting(_shortened(pieces) if is_long else pieces))
    last = {fact: place for place, piece in enumerate(fitting) for fact in piece.facts}
    parts: list[str] = []
    for covering, run in groupby(enumerate(fitting), key=lambda one: one[1].facts):
        places = list(run)
        words = "".join(_edited(piece) for _, piece in places)
        numbers = "".join(_number(fact + 1) for fact in sorted(covering) if last[fact] <= places[-1][0])
        parts.append(f'<mark class="fact">{words}{numbers}</mark>' if covering else words)
    if len(fitting) < len(pieces):
        parts.append(_REST)
    return Markup("".join(parts))  # noqa: S704  texts that are escaped, and tags of ours


def redlined(old: str, new: str) -> Markup:
    """Two wordings of one provision as a redline, which marks nothing where they are the same."""
    return _joined([_Piece(mark, text, frozenset()) for mark, text in TextPair(old, new).redline])


def _pieces(redline: Iterable[tuple[Mark, str]], facts: Sequence[Fact], sides: Sequence[Side]) -> Iterator[_Piece]:
    """The redline cut where facts begin and end."""
    spans = [
        (side, number, *span)
        for number, fact in enumerate(facts)
        for side, span in (("before", fact.before_span), ("after", fact.after_span))
        if span and side in sides
    ]
    at = {"before": 0, "after": 0}
    for mark, text in redline:
        stands = {"=": ("before", "after"), "-": ("before",), "+": ("after",)}[mark]
        inside = [
            (number, max(start - at[side], 0), min(end - at[side], len(text)))
            for side, number, start, end in spans
            if side in stands and start - at[side] < len(text) and end > at[side]
        ]
        cuts = sorted({0, len(text), *(cut for _, start, end in inside for cut in (start, end))})
        for start, end in pairwise(cuts):
            covering = frozenset(number for number, begins, ends in inside if begins <= start and end <= ends)
            yield _Piece(mark, text[start:end], covering)
        for side in stands:
            at[side] += len(text)


def _shortened(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Long unchanged runs without a fact are cut in the middle."""
    for piece in pieces:
        is_cut = piece.mark == "=" and not piece.facts and len(piece.text) > 2 * CONTEXT
        text = f"{piece.text[:CONTEXT]} (…) {piece.text[-CONTEXT:]}" if is_cut else piece.text
        yield _Piece(piece.mark, text, piece.facts)


def _fitting(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """As many as a page has room for; of the first always something."""
    room = MOST_BYTES
    for piece in pieces:
        size = len(escape(piece.text).encode())
        if size > room:
            if room == MOST_BYTES:
                yield _Piece(piece.mark, piece.text[: MOST_BYTES // 6], piece.facts)
            return
        room -= size + sum(map(len, _EDITS.get(piece.mark, ())))
        yield piece


def _edited(piece: _Piece) -> str:
    opening, closing = _EDITS.get(piece.mark, ("", ""))
    return f"{opening}{escape(piece.text)}{closing}"


def _number(number: int) -> str:
    return f'<sup class="fact-number"><span class="unseen"> fact </span>{number}</sup>'
