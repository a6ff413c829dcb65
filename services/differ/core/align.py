"""Which provision of the new version is which of the old one: by text first, by place only to break ties."""

import re
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import Indel

from services.differ.core.segment import provision_id
from services.differ.core.words import Vocabulary, edits, kept, likeness, words
from shared.domain.provisions import Provision, ProvisionKind

LIKE = 0.5
"""Provisions that share half of their words are the same provision, edited."""

LIKE_IN_PLACE = 0.3
"""What suffices where number, heading and neighbours already agree."""

LIKE_LISTED = 0.6
LIKE_RENAMED = 0.9
"""List entries share their form, so they need more; a row whose first cell differs is mostly another row."""

PART_KEPT = 0.85
WHOLE_LIKE = 0.8
"""A part of a split is mostly words of the whole; the parts together are nearly the whole."""

MIN_PART_WORDS = 2
MIN_SPLIT_WORDS = 8
CANDIDATES = 4
MOST_COMPARED = 400_000
"""Pairs of provisions compared by likeness at most; beyond, a provision is compared with its NEIGHBOURS only."""

NEIGHBOURS = 20
MOST_KEYS = 20_000
"""Provisions of a version whose order is aligned exactly; beyond, equal ones are matched first come, first served."""

MAX_PARTS = 60


_WORD = re.compile(r"\w+")


class Op(StrEnum):
    UNCHANGED = "unchanged"
    MODIFIED = "modified"
    MOVED = "moved"
    RENUMBERED = "renumbered"
    SPLIT = "split"
    MERGED = "merged"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Operation:
    """What became of which provisions, by index. `moved` also marks a modified provision that changed its place."""

    op: Op
    old: tuple[int, ...]
    new: tuple[int, ...]
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Alignment:
    """Operations in the order of the new version (what was removed, where it stood); its provisions re-identified."""

    operations: tuple[Operation, ...]
    provisions: tuple[Provision, ...]


def align(old: Sequence[Provision], new: Sequence[Provision]) -> Alignment:
    """Match two versions. Every provision of both is in exactly one operation.

    Identity carries over from the matched old provision; of a split, to the part that keeps most of its words; of a
    merger, from the provision that gave most of them.
    """
    matcher = _Matcher(old, new)
    matcher.match_equal()
    matcher.match_split_and_merged()
    matcher.match_alike()
    operations = matcher.operations()
    return Alignment(operations, _identified(old, new, operations, matcher))


class _Matcher:
    def __init__(self, old: Sequence[Provision], new: Sequence[Provision]) -> None:
        self.old, self.new = old, new
        self.pairs: dict[int, int] = {}
        self.taken: set[int] = set()
        self.groups: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self._vocabulary = Vocabulary()
        self._codes: dict[str, str] = {}

    def code(self, provision: Provision) -> str:
        """The provision's words, capitals aside, encoded; once a text."""
        if provision.canonical not in self._codes:
            self._codes[provision.canonical] = self._vocabulary.encode(words(provision.canonical.casefold()))
        return self._codes[provision.canonical]

    def match_equal(self) -> None:
        """Same words and links, then same letters and digits alone: in order first, then wherever they went."""
        for key in (_key, _letters):
            free_old, free_new = self._free_old(), self._free_new()
            keys = Vocabulary()
            old_keys = keys.encode([key(self.old[i]) for i in free_old])
            new_keys = keys.encode([key(self.new[j]) for j in free_new])
            exact = max(len(old_keys), len(new_keys)) <= MOST_KEYS
            for edit in edits(old_keys, new_keys) if exact else ():
                if edit.equal:
                    for at, to in zip(range(*edit.old), range(*edit.new), strict=True):
                        self._pair(free_old[at], free_new[to])
            places: dict[str, deque[int]] = defaultdict(deque)
            for j, code in zip(free_new, new_keys, strict=True):
                if j not in self.taken:
                    places[code].append(j)
            for i, code in zip(free_old, old_keys, strict=True):
                if i not in self.pairs and places[code]:
                    self._pair(i, places[code].popleft())

    def match_split_and_merged(self) -> None:
        """One provision whose words now stand in several consecutive ones, or the other way round."""
        if len(self._free_old()) * len(self._free_new()) > MOST_COMPARED:
            return
        for i, parts in _divided(self.old, self._free_old(), self.new, self._free_new(), self.code):
            self.groups.append(((i,), parts))
        for j, parts in _divided(self.new, self._free_new(), self.old, self._free_old(), self.code):
            self.groups.append((parts, (j,)))

    def match_alike(self) -> None:
        """The best remaining pairs first; ties go to the same place and then to reading order."""
        old_gaps, new_gaps = self._gaps()
        ranked: list[tuple[float, int, int]] = []
        for free_old, free_new in self._comparable():
            codes = {i: self.code(self.old[i]) for i in free_old}
            few = len(free_old) * len(free_new) <= MOST_COMPARED
            for place, j in enumerate(free_new):
                window = range(max(0, place - NEIGHBOURS), min(len(free_old), place + NEIGHBOURS))
                choices = codes if few else {free_old[at]: codes[free_old[at]] for at in window}
                for score, i in _most_alike(self.code(self.new[j]), choices):
                    in_place = old_gaps[i] == new_gaps[j]
                    if score >= _needed(self.old[i], self.new[j], in_place):
                        bonus = 0.05 * in_place + 0.05 * (self.old[i].path == self.new[j].path)
                        ranked.append((-(score + bonus), i, j))
        for _, i, j in sorted(ranked):
            if i not in self.pairs and j not in self.taken:
                self._pair(i, j)

    def operations(self) -> tuple[Operation, ...]:
        """Everything matched and unmatched, in the order of the new version."""
        moved = _out_of_order(self.pairs)
        placed: list[tuple[tuple[float, int], Operation]] = []
        for i, j in self.pairs.items():
            placed.append(((j, 0), self._operation(i, j, i in moved)))
        for olds, news in self.groups:
            placed.append(((news[0], 0), Operation(Op.SPLIT if len(olds) == 1 else Op.MERGED, olds, news)))
        placed += [((j, 0), Operation(Op.ADDED, (), (j,))) for j in self._free_new()]
        after = {i: j for i, j in self.pairs.items() if i not in moved}
        after |= {i: news[-1] for olds, news in self.groups for i in olds}
        free_old, last = set(self._free_old()), -1
        for i in range(len(self.old)):
            last = max(last, after.get(i, last))
            if i in free_old:
                placed.append(((last + 0.5, i), Operation(Op.REMOVED, (i,), ())))
        return tuple(operation for _, operation in sorted(placed, key=lambda entry: entry[0]))

    def _operation(self, i: int, j: int, moved: bool) -> Operation:
        if _key(self.old[i]) != _key(self.new[j]):
            return Operation(Op.MODIFIED, (i,), (j,), moved)
        if moved:
            return Operation(Op.MOVED, (i,), (j,), moved)
        same_number = (self.old[i].number or "").rstrip(".") == (self.new[j].number or "").rstrip(".")
        numbered = bool(self.old[i].number and self.new[j].number)
        return Operation(Op.UNCHANGED if same_number or not numbered else Op.RENUMBERED, (i,), (j,))

    def _pair(self, i: int, j: int) -> None:
        self.pairs[i] = j
        self.taken.add(j)

    def _free_old(self) -> list[int]:
        grouped = {i for olds, _ in self.groups for i in olds}
        return [i for i in range(len(self.old)) if i not in self.pairs and i not in grouped]

    def _free_new(self) -> list[int]:
        grouped = {j for _, news in self.groups for j in news}
        return [j for j in range(len(self.new)) if j not in self.taken and j not in grouped]

    def _comparable(self) -> Iterator[tuple[list[int], list[int]]]:
        """Prose is compared with prose however it is laid out; headings and rows only with their like."""
        prose = (ProvisionKind.CLAUSE, ProvisionKind.LIST, ProvisionKind.ITEM)
        free_old, free_new = self._free_old(), self._free_new()
        for kinds in (prose, (ProvisionKind.HEADING,), (ProvisionKind.ROW,)):
            yield (
                [i for i in free_old if self.old[i].kind in kinds],
                [j for j in free_new if self.new[j].kind in kinds],
            )

    def _gaps(self) -> tuple[list[int], list[int]]:
        """For each place the nearest equal pair above it, named the same on both sides."""
        moved = _out_of_order(self.pairs)
        kept_in_order = {i: j for i, j in self.pairs.items() if i not in moved}
        old_gaps, gap = [], -1
        for i in range(len(self.old)):
            gap = kept_in_order.get(i, gap)
            old_gaps.append(gap)
        anchors, new_gaps, gap = set(kept_in_order.values()), [], -1
        for j in range(len(self.new)):
            gap = j if j in anchors else gap
            new_gaps.append(gap)
        return old_gaps, new_gaps


def _key(provision: Provision) -> str:
    return "\0".join((provision.canonical, *(link.target for link in provision.links)))


def _letters(provision: Provision) -> str:
    return " ".join(_WORD.findall(provision.canonical.casefold())) or provision.canonical


def _most_alike(code: str, choices: dict[int, str]) -> list[tuple[float, int]]:
    """The best few choices and their likeness."""
    found = process.extract(
        code,
        choices,
        scorer=Indel.normalized_similarity,
        processor=None,
        score_cutoff=LIKE_IN_PLACE,
        limit=CANDIDATES,
    )
    return [(score, i) for _, score, i in found]


def _needed(old: Provision, new: Provision, in_place: bool) -> float:
    if old.kind is ProvisionKind.ROW:
        same_first_cell = old.canonical.split(" | ")[0] == new.canonical.split(" | ")[0]
        return LIKE if same_first_cell else LIKE_RENAMED
    if in_place and old.path == new.path and (old.number or old.heading) and old.number == new.number:
        return LIKE_IN_PLACE
    if old.kind is ProvisionKind.HEADING:
        return LIKE if in_place else WHOLE_LIKE
    return LIKE_LISTED if ProvisionKind.ITEM in (old.kind, new.kind) and not in_place else LIKE


def _divided(
    wholes: Sequence[Provision],
    free_wholes: list[int],
    parts: Sequence[Provision],
    free_parts: list[int],
    code: Callable[[Provision], str],
) -> list[tuple[int, tuple[int, ...]]]:
    """Each free whole whose words reappear in a run of two or more free neighbours, with that run."""
    found: list[tuple[int, tuple[int, ...]]] = []
    left = [(j, code(parts[j])) for j in free_parts if parts[j].kind is not ProvisionKind.ROW]
    left = [(j, part) for j, part in left if len(part) >= MIN_PART_WORDS]
    for i in free_wholes:
        whole = code(wholes[i])
        if len(left) < 2 or len(whole) < MIN_SPLIT_WORDS or wholes[i].kind is ProvisionKind.ROW:
            continue
        run = _best_run(whole, left)
        if run:
            found.append((i, run))
            left = [entry for entry in left if entry[0] not in run]
    return found


def _best_run(whole: str, parts: list[tuple[int, str]]) -> tuple[int, ...] | None:
    inside = [(j, part) for j, part in parts if len(part) < len(whole) and kept(part, whole) >= PART_KEPT]
    best, best_score = None, WHOLE_LIKE
    for start in range(len(inside)):
        joined = inside[start][1]
        for end in range(start + 1, min(len(inside), start + MAX_PARTS)):
            if inside[end][0] != inside[end - 1][0] + 1:
                break
            joined += inside[end][1]
            if len(joined) * WHOLE_LIKE > len(whole) / WHOLE_LIKE:
                break
            score = likeness(whole, joined)
            if score > best_score:
                best, best_score = tuple(j for j, _ in inside[start : end + 1]), score
    return best


def _out_of_order(pairs: dict[int, int]) -> set[int]:
    """The old indexes outside a longest run of pairs that kept their order (patience sorting)."""
    tails: list[int] = []
    tail_at: list[int] = []
    before: dict[int, int | None] = {}
    for i in sorted(pairs):
        place = bisect_left(tails, pairs[i])
        before[i] = tail_at[place - 1] if place else None
        if place == len(tails):
            tails.append(pairs[i])
            tail_at.append(i)
        else:
            tails[place], tail_at[place] = pairs[i], i
    kept_order: set[int] = set()
    at = tail_at[-1] if tail_at else None
    while at is not None:
        kept_order.add(at)
        at = before[at]
    return set(pairs) - kept_order


def _identified(
    old: Sequence[Provision], new: Sequence[Provision], operations: Iterable[Operation], matcher: _Matcher
) -> tuple[Provision, ...]:
    """The new provisions with the ids that carry over; an id is never used twice."""
    carried: dict[int, str] = {}
    for operation in operations:
        if operation.old and operation.new:
            giver = max(operation.old, key=lambda i: (len(matcher.code(old[i])), -i))
            taker = max(operation.new, key=lambda j: (len(matcher.code(new[j])), -j))
            carried[taker] = old[giver].id
    used = set(carried.values()) | {provision.id for provision in old}
    identified = []
    for j, provision in enumerate(new):
        fresh = carried.get(j, provision.id)
        while j not in carried and fresh in used:
            fresh = provision_id(fresh, j, provision.canonical)
        used.add(fresh)
        identified.append(replace(provision, id=fresh))
    return tuple(identified)
