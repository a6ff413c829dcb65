"""What kept its order, and where in it the rest stands."""

from bisect import bisect_left
from collections.abc import Mapping


def out_of_order(pairs: Mapping[int, int]) -> set[int]:
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


def gaps(pairs: Mapping[int, int], old_length: int, new_length: int) -> tuple[list[int], list[int]]:
    """For each place of both sides the nearest pair above it that kept its order, named the same on both sides."""
    moved = out_of_order(pairs)
    kept_in_order = {i: j for i, j in pairs.items() if i not in moved}
    old_gaps, gap = [], -1
    for i in range(old_length):
        gap = kept_in_order.get(i, gap)
        old_gaps.append(gap)
    anchors, new_gaps, gap = set(kept_in_order.values()), [], -1
    for j in range(new_length):
        gap = j if j in anchors else gap
        new_gaps.append(gap)
    return old_gaps, new_gaps
