"""Which provision of the new version is which of the old one: by text first, by place only to break ties."""

from collections.abc import Sequence

from services.differ.core.align.alike import NEIGHBOURS, match_alike
from services.differ.core.align.divided import match_split_and_merged
from services.differ.core.align.equal import match_equal
from services.differ.core.align.identity import identified
from services.differ.core.align.matches import Matches, key
from services.differ.core.align.operations import Alignment, Op, Operation
from services.differ.core.align.order import out_of_order
from shared.domain.provisions import Provision

__all__ = ["NEIGHBOURS", "Alignment", "Op", "Operation", "align"]


def align(old: Sequence[Provision], new: Sequence[Provision]) -> Alignment:
    """Match two versions. Every provision of both is in exactly one operation.

    Identity carries over from the matched old provision; of a split, to the part that keeps most of its words; of a
    merger, from the provision that gave most of them.
    """
    matches = Matches(old, new)
    match_equal(matches)
    match_split_and_merged(matches)
    match_alike(matches)
    operations = _operations(matches)
    return Alignment(operations, identified(matches, operations))


def _operations(matches: Matches) -> tuple[Operation, ...]:
    """Everything matched and unmatched, in the order of the new version."""
    moved = out_of_order(matches.pairs)
    placed: list[tuple[tuple[float, int], Operation]] = []
    for i, j in matches.pairs.items():
        placed.append(((j, 0), _operation(matches, i, j, i in moved)))
    for olds, news in matches.groups:
        placed.append(((news[0], 0), Operation(Op.SPLIT if len(olds) == 1 else Op.MERGED, olds, news)))
    placed += [((j, 0), Operation(Op.ADDED, (), (j,))) for j in matches.free_new()]
    after = {i: j for i, j in matches.pairs.items() if i not in moved}
    after |= {i: news[-1] for olds, news in matches.groups for i in olds}
    free_old, last = set(matches.free_old()), -1
    for i in range(len(matches.old)):
        last = max(last, after.get(i, last))
        if i in free_old:
            placed.append(((last + 0.5, i), Operation(Op.REMOVED, (i,), ())))
    return tuple(operation for _, operation in sorted(placed, key=lambda entry: entry[0]))


def _operation(matches: Matches, i: int, j: int, moved: bool) -> Operation:
    old, new = matches.old[i], matches.new[j]
    if key(old) != key(new):
        return Operation(Op.MODIFIED, (i,), (j,), moved)
    if moved:
        return Operation(Op.MOVED, (i,), (j,), moved)
    same_number = (old.number or "").rstrip(".") == (new.number or "").rstrip(".")
    numbered = bool(old.number and new.number)
    return Operation(Op.UNCHANGED if same_number or not numbered else Op.RENUMBERED, (i,), (j,))
