"""Blocks that a site shows on several documents: learned from them, stored with a version, left out when reading.

A clause that is wrongly left out is worse than a line of navigation that stays, so that little can be learned: only
blocks of links at the two ends of a document, never a sentence, an address, a date or a numbered item, however many
documents share it.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.differ.core.blocks import Block, BlockKind, Extraction

_MIN_DOCUMENTS = 3
_MAX_WORDS = 12
_MAX_RUN = 60
_LINKED = 0.8


@dataclass(frozen=True, slots=True)
class ChromeSet:
    """Hashes of blocks that are the site's and no policy's; `version` names the set in fingerprints."""

    version: str
    hashes: frozenset[str]


NO_CHROME = ChromeSet("none", frozenset())


@dataclass(frozen=True, slots=True)
class EdgeBlock:
    """A block at a document's end that may be the site's: its hash, and its words for people."""

    hash: str
    text: str


def block_hash(block: Block) -> str:
    """Identity of what a block says and where its links lead: the first 16 hexadecimal digits of a SHA-256."""
    said = "\0".join([block.kind, block.canonical, *(link.target for link in block.links)])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def edge_blocks(document: Extraction) -> tuple[EdgeBlock, ...]:
    """The blocks at the ends of a document's parts that may be the site's, each once."""
    found: dict[str, EdgeBlock] = {}
    for _, part in groupby(document.blocks, key=lambda block: block.part):
        blocks = list(part)
        for index in _edges(blocks):
            value = block_hash(blocks[index])
            found[value] = EdgeBlock(value, blocks[index].text)
    return tuple(found.values())


def learn_chrome(documents: Iterable[Collection[EdgeBlock]]) -> tuple[EdgeBlock, ...]:
    """The blocks that stand at the ends of three different documents or more of one site, by hash."""
    count: Counter[str] = Counter()
    known: dict[str, EdgeBlock] = {}
    for document in documents:
        blocks = {block.hash: block for block in document}
        known |= blocks
        count.update(blocks.keys())
    return tuple(known[value] for value in sorted(count) if count[value] >= _MIN_DOCUMENTS)


def without_chrome(blocks: Sequence[Block], chrome: ChromeSet) -> list[Block]:
    """The blocks of one part but those at its ends that are known for the site's; a new one among them stays."""
    if not chrome.hashes:
        return list(blocks)
    known = {index for index in _edges(blocks) if block_hash(blocks[index]) in chrome.hashes}
    return [block for index, block in enumerate(blocks) if index not in known]


def _edges(blocks: Sequence[Block]) -> list[int]:
    """Indices of the unbroken runs of links at both ends; none where all is links, which is a document of links."""
    order = range(len(blocks))
    first = _run(blocks, order)
    if len(first) == len(blocks):
        return []
    last = _run(blocks, order[::-1])
    if last and _introduces(blocks[last[-1] - 1]):
        last = []
    return [*first, *last]


def _introduces(block: Block) -> bool:
    """Links under words of the document's own ("These policies are part of the agreement:") are the document's."""
    return block.kind is BlockKind.HEADING or block.canonical.endswith(":")


def _run(blocks: Sequence[Block], order: Sequence[int]) -> list[int]:
    run: list[int] = []
    for index in order:
        if len(run) == _MAX_RUN or not _is_of_links(blocks[index]):
            break
        run.append(index)
    return run


def _is_of_links(block: Block) -> bool:
    linked = sum(end - start for start, end in (link.span for link in block.links))
    return (
        block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM)
        and block.number is None
        and linked >= _LINKED * len(block.text)
        and len(block.text.split()) <= _MAX_WORDS * max(len(block.links), 1)
        and not any(letter.isdigit() or letter == "@" for letter in block.text)
        and not any(link.target.startswith(("mailto:", "tel:")) for link in block.links)
    )
