"""Mentions of one thing on both sides (a period, a party, a modal verb), and how edits pair them into facts."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.differ.core.compare.redline import Hunk, TextPair
from shared.domain.provisions import Span
from shared.domain.report import Fact, FactKind

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a text names something. Two mentions with one `key` say the same, however they are worded.

    `per` is what an amount is by, in hours: 1/60 of "600 requests a minute".
    """

    span: Span
    key: object
    value: Value | None = None
    unit: str | None = None
    per: float | None = None


@dataclass(frozen=True, slots=True)
class MentionPair:
    """What stood there before and what stands there now; one of them may be missing."""

    before: Mention | None
    after: Mention | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A mention with the edits that touch it and those that only stand beside it."""

    mention: Mention
    touching: frozenset[int]
    beside: frozenset[int]

    @property
    def rank(self) -> int:
        return 2 if self.touching else 1 if self.beside else 0


def paired(
    pair: TextPair,
    old: Iterable[Mention],
    new: Iterable[Mention],
    may_pair: Callable[[Mention, Mention], bool] = lambda old, new: True,
    likeness: Callable[[Mention, Mention], int] = lambda old, new: int(old.unit == new.unit),
) -> list[MentionPair]:
    """The mentions that an edit touched and that differ, matched through the edit that touched them.

    A mention that only moved within the provision, or is only worded differently, is left out. Of several that an edit
    touched, the one with the highest `likeness` is taken.
    """
    before, after = _seen(pair.hunks, old, "old"), _seen(pair.hunks, new, "new")
    _drop_equal(before, after)
    found: list[MentionPair] = []
    for entry in before:
        near = entry.touching | entry.beside
        choices = [
            other
            for other in after
            if near & (other.touching | other.beside)
            and entry.rank + other.rank >= 3
            and may_pair(entry.mention, other.mention)
        ]
        if choices:
            best = max(choices, key=lambda other: likeness(entry.mention, other.mention))
            after.remove(best)
            found.append(MentionPair(entry.mention, best.mention))
        elif entry.touching:
            found.append(MentionPair(entry.mention, None))
    return found + [MentionPair(None, other.mention) for other in after if other.touching]


def fact(kind: FactKind, pair: TextPair, found: MentionPair) -> Fact:
    """The fact that a pair of mentions makes."""
    before, after = found.before, found.after
    return Fact(
        kind=kind,
        unit=(after or before or Mention((0, 0), None)).unit,
        before=_cut(pair.old, before),
        after=_cut(pair.new, after),
        before_value=before.value if before else None,
        after_value=after.value if after else None,
        before_span=before.span if before else None,
        after_span=after.span if after else None,
    )


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans share a code point, or one is a place strictly inside the other."""
    return one[0] < other[1] and other[0] < one[1]


def _cut(text: str, mention: Mention | None) -> str | None:
    return text[mention.span[0] : mention.span[1]] if mention else None


def _seen(hunks: Sequence[Hunk], mentions: Iterable[Mention], side: Literal["old", "new"]) -> list[_Seen]:
    edits = [hunk.old if side == "old" else hunk.new for hunk in hunks]
    starts, ends = [edit[0] for edit in edits], [edit[1] for edit in edits]
    seen = []
    for mention in mentions:
        near = range(bisect_left(ends, mention.span[0] - 1), bisect_right(starts, mention.span[1] + 1))
        touching = frozenset(n for n in near if overlaps(mention.span, edits[n]))
        seen.append(_Seen(mention, touching, frozenset(near)))
    return seen


def _drop_equal(old: list[_Seen], new: list[_Seen]) -> None:
    """Take out what stands on both sides, near or far, the least touched first: words around it changed, it did not."""
    twins_of: dict[object, list[_Seen]] = defaultdict(list)
    for other in new:
        twins_of[other.mention.key].append(other)
    for entry in sorted(old, key=lambda entry: entry.rank):
        twins = twins_of[entry.mention.key]
        if twins:
            twin = min(twins, key=lambda twin: (twin.rank, not (twin.touching & entry.touching)))
            twins.remove(twin)
            old.remove(entry)
            new.remove(twin)
