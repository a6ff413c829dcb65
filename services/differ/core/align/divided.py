"""Splits and mergers: one provision whose words stand in several consecutive ones on the other side."""

from collections.abc import Callable, Sequence

from services.differ.core.align.matches import MOST_COMPARED, Matches
from services.differ.core.words import kept, likeness
from shared.domain.provisions import Provision, ProvisionKind

PART_KEPT = 0.85
WHOLE_LIKE = 0.8
"""A part of a split is mostly words of the whole; the parts together are nearly the whole."""

MIN_PART_WORDS = 2
MIN_SPLIT_WORDS = 8
MAX_PARTS = 60


def match_split_and_merged(matches: Matches) -> None:
    """One provision whose words now stand in several consecutive ones, or the other way round."""
    if len(matches.free_old()) * len(matches.free_new()) > MOST_COMPARED:
        return
    for i, parts in _divided(matches.old, matches.free_old(), matches.new, matches.free_new(), matches.code):
        matches.groups.append(((i,), parts))
    for j, parts in _divided(matches.new, matches.free_new(), matches.old, matches.free_old(), matches.code):
        matches.groups.append((parts, (j,)))


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
    """The run of neighbours that together is most like the whole; one between or beside its parts may be edited."""
    inside = [len(part) < len(whole) and kept(part, whole) >= PART_KEPT for _, part in parts]
    best, best_score = None, WHOLE_LIKE
    for start in range(len(parts)):
        if not any(inside[start : start + 2]):
            continue
        joined, known = "", 0
        for end in range(start, min(len(parts), start + MAX_PARTS)):
            follows = end == start or parts[end][0] == parts[end - 1][0] + 1
            if not follows or not any(inside[max(start, end - 1) : end + 2]):
                break
            joined, known = joined + parts[end][1], known + inside[end]
            if len(joined) * WHOLE_LIKE > len(whole) / WHOLE_LIKE:
                break
            score = likeness(whole, joined) if known > 1 else 0.0
            if score > best_score:
                best, best_score = tuple(j for j, _ in parts[start : end + 1]), score
    return best
