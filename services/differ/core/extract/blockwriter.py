"""Puts lines together into blocks: kinds, levels, numbers, bullets."""

from dataclasses import dataclass, field

from services.differ.core.blocks import Block, BlockKind, Link, Span
from services.differ.core.extract.inline import Line
from services.differ.core.extract.normalise import canonical
from services.differ.core.extract.numbering import split_bullet, split_number

_MAX_HEADING_WORDS = 16


@dataclass(frozen=True, slots=True)
class Marker:
    """What a list says about the next block: its number (None for a bullet) and nesting depth from 1."""

    number: str | None
    depth: int


@dataclass(slots=True)
class BlockWriter:
    """Collects the blocks of one part in reading order."""

    part: int
    blocks: list[Block] = field(default_factory=list)
    _heading_level: int = 1

    def write(
        self,
        line: Line,
        *,
        heading: int = 0,
        marker: Marker | None = None,
        row: bool = False,
        source: Span | None = None,
    ) -> None:
        """Append one block. `heading` is a level from 1 to 6, or 0 for none."""
        text, offset, number, bullet = line.text, 0, None, False
        if not row:
            bullet, text = split_bullet(text)
            number, text = split_number(text)
            offset = len(line.text) - len(text)
        if number is None and marker is not None:
            number = marker.number
        kind, level = self._kind(line, text, heading, marker, row, bullet)
        if not text or (short := canonical(text)) == "":
            return
        links = _shift(line.links, offset)
        self.blocks.append(Block(kind, text, short, level, number, links, self.part, source))

    def _kind(
        self, line: Line, text: str, heading: int, marker: Marker | None, row: bool, bullet: bool
    ) -> tuple[BlockKind, int]:
        if row:
            return BlockKind.ROW, 0
        if heading:
            self._heading_level = heading
            return BlockKind.HEADING, heading
        if marker is not None:
            return BlockKind.ITEM, marker.depth
        if bullet:
            return BlockKind.ITEM, 1
        if _is_bold_heading(line, text):
            return BlockKind.HEADING, min(self._heading_level + 1, 6)
        return BlockKind.PARAGRAPH, 0


def _is_bold_heading(line: Line, text: str) -> bool:
    """A short paragraph set wholly in bold that is no sentence stands for a heading."""
    return (
        line.bold == len(line.text)
        and text.count(" ") < _MAX_HEADING_WORDS
        and any(char.isalpha() for char in text)
        and text[-1:] not in ".;,:"
    )


def _shift(links: tuple[Link, ...], offset: int) -> tuple[Link, ...]:
    if not offset:
        return links
    moved = (Link((max(0, link.span[0] - offset), link.span[1] - offset), link.target) for link in links)
    return tuple(link for link in moved if link.span[1] > 0)
