"""What became of the provisions of a version."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.provisions import Provision


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
