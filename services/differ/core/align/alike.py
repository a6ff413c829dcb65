"""Provisions that were edited: the most alike first, by place only to break ties."""

from collections import Counter
from collections.abc import Iterator

from rapidfuzz import process
from rapidfuzz.distance import Indel

from services.differ.core.align.matches import MOST_COMPARED, Matches
from services.differ.core.align.order import gaps
from services.differ.core.words import Vocabulary, likeness, words
from shared.domain.provisions import Provision, ProvisionKind

LIKE = 0.5
"""Provisions that share half of their words are the same provision, edited."""

LIKE_IN_PLACE = 0.3
"""What suffices where number, heading and neighbours already agree."""

SHORT = 12
"""Words; in a line no longer, one edit is most of the line. Longer ones share words of grammar with anything."""

LIKE_LISTED = 0.6
LIKE_RENAMED = 0.9
"""List entries share their form, so they need more; a row whose first cell differs is mostly another row."""

CELL_WORDS = 4
"""Words; a first cell as long is a sentence, which may be edited, and no name."""

LIKE_HEADING = 0.8
"""What a heading needs that is not where it was."""

CANDIDATES = 4
NEIGHBOURS = 20
"""Beyond MOST_COMPARED pairs a provision is compared with its neighbours only."""


def match_alike(matches: Matches) -> None:
    """The best remaining pairs first; ties go to the same place and then to reading order."""
    ranked: list[tuple[float, int, int]] = []
    places = _Places(matches)
    for free_old, free_new in _comparable(matches):
        codes = {i: matches.code(matches.old[i]) for i in free_old}
        few = len(free_old) * len(free_new) <= MOST_COMPARED
        for place, j in enumerate(free_new):
            window = range(max(0, place - NEIGHBOURS), min(len(free_old), place + NEIGHBOURS))
            choices = codes if few else {free_old[at]: codes[free_old[at]] for at in window}
            for score, i in _most_alike(matches.code(matches.new[j]), choices):
                if score >= _needed(matches, i, j, places):
                    same_path = matches.old[i].path == matches.new[j].path
                    ranked.append((-(score + 0.05 * places.are_one(i, j) + 0.05 * same_path), i, j))
    for _, i, j in sorted(ranked):
        if i not in matches.pairs and j not in matches.taken:
            matches.pair(i, j)


class _Places:
    """Where the free provisions stand between those that kept their order."""

    def __init__(self, matches: Matches) -> None:
        self._old, self._new = gaps(matches.pairs, len(matches.old), len(matches.new))
        self._free_old = Counter(self._old[i] for i in matches.free_old())
        self._free_new = Counter(self._new[j] for j in matches.free_new())

    def are_one(self, i: int, j: int) -> bool:
        """Whether both stand below the same provision."""
        return self._old[i] == self._new[j]

    def are_alone(self, i: int, j: int) -> bool:
        """Whether nothing else came or went where both stand."""
        return self.are_one(i, j) and self._free_old[self._old[i]] == self._free_new[self._new[j]] == 1


def _comparable(matches: Matches) -> Iterator[tuple[list[int], list[int]]]:
    """Prose is compared with prose however it is laid out; headings and rows only with their like."""
    prose = (ProvisionKind.CLAUSE, ProvisionKind.LIST, ProvisionKind.ITEM)
    free_old, free_new = matches.free_old(), matches.free_new()
    for kinds in (prose, (ProvisionKind.HEADING,), (ProvisionKind.ROW,)):
        yield (
            [i for i in free_old if matches.old[i].kind in kinds],
            [j for j in free_new if matches.new[j].kind in kinds],
        )


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


def _needed(matches: Matches, i: int, j: int, places: _Places) -> float:
    """The likeness that makes two provisions one."""
    old, new, in_place = matches.old[i], matches.new[j], places.are_one(i, j)
    if old.kind is ProvisionKind.ROW:
        return LIKE if _same_first_cell(old, new) else LIKE_RENAMED
    if in_place and old.path == new.path and (old.number or old.heading) and old.number == new.number:
        return LIKE_IN_PLACE
    if places.are_alone(i, j) and max(len(matches.code(old)), len(matches.code(new))) <= SHORT:
        return LIKE_IN_PLACE
    if old.kind is ProvisionKind.HEADING:
        return LIKE if in_place else LIKE_HEADING
    return LIKE_LISTED if ProvisionKind.ITEM in (old.kind, new.kind) and not in_place else LIKE


def _same_first_cell(old: Provision, new: Provision) -> bool:
    """Whether two rows are about one thing: the same words in the first cell or, of a sentence in it, half of them."""
    first, other = (words(row.canonical.casefold().split(" | ")[0]) for row in (old, new))
    if first == other:
        return True
    vocabulary = Vocabulary()
    is_sentence = min(len(first), len(other)) >= CELL_WORDS
    return is_sentence and likeness(vocabulary.encode(first), vocabulary.encode(other)) >= LIKE
