"""What an edit is, and what a report must say of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from services.differ.core.blocks import Block
from shared.domain.report import FactKind

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Told:
    """The fact that must be reported: its kind, the edited words of either side, and their values.

    None for a value means that any will do; `ABSENT` that the side must have none. Words must stand in the fact's own
    words, or these in them: a reader may take in the neighbours ("will not" for an inserted "not").
    """

    kind: FactKind
    before: str
    after: str
    before_value: Value | None = None
    after_value: Value | None = None
    unit: str | None = None
    also: tuple[FactKind, ...] = ()


ABSENT = "\0absent"


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replaces `span` of a block's text; `label` names the template."""

    label: str
    span: tuple[int, int]
    put: str
    told: Told


@dataclass(frozen=True, slots=True)
class BlockEdit:
    """Another list of blocks, the operation that makes it, and words of the provision it must be told of."""

    label: str
    blocks: tuple[Block, ...]
    op: str
    words: str
    others: frozenset[str] = frozenset()
    fact: Told | None = None


Proposer = Callable[[str, Random], Iterator[TextEdit]]
"""All edits of one kind that a block's text allows."""

BlockProposer = Callable[[tuple[Block, ...], Random], Iterator[BlockEdit]]
"""Some edits of whole blocks that a text allows."""
