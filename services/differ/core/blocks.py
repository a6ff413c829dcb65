"""The common form that every document is read into, whatever its media type."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

Span = tuple[int, int]
"""Half-open, 0-based, in Unicode code points."""


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Link:
    """A link inside a block: the span of its text and its canonical target (host and path)."""

    span: Span
    target: str


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item or table row, in reading order.

    `text` is reading text: the document's words verbatim, NFC, white space collapsed, one style of quotes and
    dashes, no zero-width characters. `canonical` is what equality is judged on (no relative dates besides).
    `level` is 1–6 for headings, the nesting depth (from 1) for items, 0 otherwise. `number` is the marker as a
    reader sees it ("5.2", "(a)", "iii."), which is not repeated in `text`; None for bullets. The cells of a
    row are joined by " | ". `source` is the block's place in the decoded body, where the format has one.
    """

    kind: BlockKind
    text: str
    canonical: str
    level: int = 0
    number: str | None = None
    links: tuple[Link, ...] = ()
    part: int = 0
    source: Span | None = None


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date that the document states about itself, with the words that state it.

    `role` is "updated", "effective" or "objection"; `block` the index of the block that holds `quote`.
    """

    role: str
    value: date
    quote: str
    block: int


@dataclass(frozen=True)
class Extraction:
    """A document as read: ordered blocks, and what was seen on the way.

    `fingerprint` names the extractor (code version, selectors, chrome set): two texts are compared only where it
    is the same. `ignored` counts what was left out by rule ("navigation", "cookie-banner", …); `limits` says in
    words what could not be read.
    """

    blocks: tuple[Block, ...]
    title: str | None
    language: str | None
    fingerprint: str
    dates: tuple[StatedDate, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    limits: tuple[str, ...] = ()

    @cached_property
    def canonical_text(self) -> str:
        """One line a block: marker and text, then the targets of links that leave the document."""
        return "\n".join(_canonical_line(block) for block in self.blocks)

    @cached_property
    def text_sha256(self) -> str:
        """The identity of the text: hexadecimal SHA-256 of the canonical text in UTF-8."""
        return hashlib.sha256(self.canonical_text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def reading_text(self) -> str:
        """The document's words, a line a block."""
        return "\n".join(f"{b.number} {b.text}" if b.number else b.text for b in self.blocks)


def _canonical_line(block: Block) -> str:
    marker = f"{block.number} " if block.number else ""
    targets = "".join(f" <{link.target}>" for link in block.links)
    return f"{marker}{block.canonical}{targets}"
