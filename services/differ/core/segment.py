"""Blocks → provisions: clauses under their heading path, lists kept with the words that introduce them."""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from services.differ.core.blocks import Block, BlockKind, Extraction, Link
from shared.domain.provisions import Provision, ProvisionKind, ProvisionLink

LONG_ITEM = 200
"""Characters; a list whose items are mostly longer reads as clauses, not as an enumeration."""

LONG_LIST = 6_000
"""Characters; a longer list is a provision an item, whatever its items are like."""

LONGEST = 20_000
"""Characters; a longer block is cut at sentence ends, for no one writes such a clause and comparing has a price."""

CUT_BY = 24
"""Characters before a sentence end that decide whether it is the one to cut at."""

HEADING_WORDS = 12
CLAUSE_LEVEL = 10
"""Numbered clause headings rank below every markup heading (1-6)."""

_MARKER = re.compile(
    r"((?:\d{1,3}|[A-Z])(?:\.(?:\d{1,3}|[a-z]\b))+\.?|\d{1,3}\.|§\s?\d+[a-z]?|\([a-z]{1,4}\)|[A-Z]\.)\s+(?=\S)"
)
_CLAUSE_NUMBER = re.compile(r"(?:\d+|[A-Z])(?:\.\d+)+\.?$|§")
_RUN_IN = re.compile(
    r"((?:[A-Z0-9][\w'’&/-]*)(?:,? (?:[A-Z0-9][\w'’&/-]*|and|or|of|the|to|for|in|with|by|on|your|our)){0,7})"
    r"[.:]\s+(?=\S)"
)
_SENTENCE_END = re.compile(r"[.!?] ")
_COLON_RUN_IN = re.compile(r"([A-Z][\w'’&/ ,()-]{2,60}):\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block with its number taken out of its words."""

    index: int
    block: Block
    number: str | None
    text: str
    canonical: str
    links: tuple[ProvisionLink, ...]
    is_heading: bool

    @property
    def label(self) -> str:
        return f"{self.number} {self.text}" if self.number else self.text


def segment(extraction: Extraction, *, identity_seed: str) -> tuple[Provision, ...]:
    """The provisions of a document, in reading order.

    Ids are deterministic in `identity_seed`, ordinal and canonical text; `align` replaces them by those of the
    version before wherever a provision is the same one.
    """
    drafts = _drafts([piece for index, block in enumerate(extraction.blocks) for piece in _pieces(index, block)])
    return tuple(
        replace(draft, ordinal=ordinal, id=provision_id(identity_seed, ordinal, draft.canonical))
        for ordinal, draft in enumerate(drafts)
    )


def provision_id(seed: str, ordinal: int, canonical: str) -> str:
    """`prv_` and 100 bits of BLAKE2b in lower-case base 32."""
    key = f"{seed}\0{ordinal}\0{canonical}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(key, digest_size=13).digest()
    return f"prv_{base64.b32encode(digest)[:20].decode().lower()}"


def _pieces(index: int, block: Block) -> Iterator[_Piece]:
    """The block as it is, or a freakishly long one in parts."""
    if len(block.text) <= LONGEST:
        yield _piece(index, block)
        return
    start = 0
    while start < len(block.text):
        end = _cut_after(block.text, start)
        text = block.text[start:end].strip()
        links = tuple(
            Link((link.span[0] - start, link.span[1] - start), link.target)
            for link in block.links
            if start <= link.span[0] and link.span[1] <= start + len(text)
        )
        if text:
            number = block.number if start == 0 else None
            yield _piece(index, replace(block, text=text, canonical=text, number=number, links=links))
        start = end


def _cut_after(text: str, start: int) -> int:
    """Where a part that begins at `start` ends: at the sentence end that its own words single out.

    The words before a cut decide, not the distance, so that an edit further up leaves the later cuts where they were.
    """
    if len(text) - start <= LONGEST:
        return len(text)
    window = start + LONGEST // 2, start + LONGEST
    ends = [found.end() for found in _SENTENCE_END.finditer(text, *window)]
    if ends:
        return min(ends, key=lambda end: zlib.crc32(text[end - CUT_BY : end].encode("utf-8", "surrogatepass")))
    return max(text.rfind(" ", *window) + 1, window[0])


def _piece(index: int, block: Block) -> _Piece:
    number, text, canonical, cut = block.number, block.text, block.canonical, 0
    if number is None and block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH):
        found = _MARKER.match(text)
        if found and canonical.startswith(found.group()):
            number, cut = found.group(1), found.end()
            text, canonical = text[cut:], canonical[cut:]
    links = tuple(
        ProvisionLink((max(0, link.span[0] - cut), link.span[1] - cut), link.target)
        for link in block.links
        if link.span[1] > cut
    )
    is_heading = block.kind is BlockKind.HEADING or (
        block.kind is not BlockKind.ROW and number is not None and _reads_as_heading(text)
    )
    return _Piece(index, block, number, text, canonical, links, is_heading)


def _reads_as_heading(text: str) -> bool:
    """A numbered line that is short, starts with a capital and ends without a sentence's stop."""
    words = text.split()
    if not 0 < len(words) <= HEADING_WORDS or text[-1] in ".;:,!?" or not text[0].isupper():
        return False
    long_words = [word for word in words if len(word) > 3]
    return bool(long_words) and sum(word[0].isupper() for word in long_words) * 2 >= len(long_words)


def _drafts(pieces: Sequence[_Piece]) -> Iterator[Provision]:
    """Walk the blocks once, keeping the stack of headings above the present one."""
    stack: list[tuple[int, str]] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        path = tuple(label for _, label in stack)
        if piece.is_heading and not _opens_list_of_lines(pieces, at):
            level = _level(piece)
            stack = [entry for entry in stack if entry[0] < level]
            stack.append((level, piece.label))
            yield _provision(ProvisionKind.HEADING, [piece], tuple(label for _, label in stack))
            at += 1
        elif piece.block.kind is BlockKind.ITEM:
            end = _end_of_list(pieces, at)
            yield from _list(pieces[at:end], path, None)
            at = end
        elif piece.text.endswith(":") and _is_item(pieces, at + 1):
            end = _end_of_list(pieces, at + 1)
            yield from _list(pieces[at + 1 : end], path, piece)
            at = end
        else:
            kind = ProvisionKind.ROW if piece.block.kind is BlockKind.ROW else ProvisionKind.CLAUSE
            yield _provision(kind, [piece], _own_path(path, piece))
            at += 1


def _opens_list_of_lines(pieces: Sequence[_Piece], at: int) -> bool:
    """A short item among short items ("1. Name", "2. Address") is a list entry, not a heading."""
    if pieces[at].block.kind is not BlockKind.ITEM:
        return False
    return (_is_item(pieces, at + 1) and pieces[at + 1].block.level == pieces[at].block.level) or (
        at > 0 and _is_item(pieces, at - 1) and pieces[at - 1].block.level == pieces[at].block.level
    )


def _is_item(pieces: Sequence[_Piece], at: int) -> bool:
    return at < len(pieces) and pieces[at].block.kind is BlockKind.ITEM


def _end_of_list(pieces: Sequence[_Piece], start: int) -> int:
    end = start
    while _is_item(pieces, end):
        end += 1
    return end


def _level(piece: _Piece) -> int:
    if piece.block.kind is BlockKind.HEADING:
        return piece.block.level
    return CLAUSE_LEVEL + len(re.findall(r"\w+", piece.number or ""))


def _list(items: Sequence[_Piece], path: tuple[str, ...], lead: _Piece | None) -> Iterator[Provision]:
    """A list of short items is one provision with its lead-in; a list of clauses is a provision an item."""
    if not _reads_as_clauses(items):
        whole = [lead, *items] if lead else list(items)
        yield _provision(ProvisionKind.LIST, whole, _own_path(path, lead) if lead else path)
        return
    if lead:
        path = _own_path(path, lead)
        yield _provision(ProvisionKind.CLAUSE, [lead], path)
    top = min(item.block.level for item in items)
    starts = [i for i, item in enumerate(items) if item.block.level <= top or i == 0]
    for start, end in zip(starts, [*starts[1:], len(items)], strict=True):
        yield _provision(ProvisionKind.ITEM, items[start:end], _own_path(path, items[start]))


def _reads_as_clauses(items: Sequence[_Piece]) -> bool:
    top = min(item.block.level for item in items)
    own = [item for item in items if item.block.level <= top]
    if any(item.number and _CLAUSE_NUMBER.match(item.number) for item in own):
        return True
    if sum(len(item.text) for item in items) > LONG_LIST:
        return True
    headed = sum(_run_in(item.text) is not None for item in own)
    return median(len(item.text) for item in own) > LONG_ITEM or headed * 2 >= max(2, len(own))


def _run_in(text: str) -> str | None:
    found = _RUN_IN.match(text) or _COLON_RUN_IN.match(text)
    return found.group(1) if found and len(found.group(1).split()) <= 8 else None


def _own_path(path: tuple[str, ...], piece: _Piece) -> tuple[str, ...]:
    heading = _run_in(piece.text)
    label = " ".join(part for part in (piece.number, heading) if part)
    return (*path, label) if label else path


def _provision(kind: ProvisionKind, pieces: Sequence[_Piece], path: tuple[str, ...]) -> Provision:
    lines, canonical, links, offset = [], [], [], 0
    for place, piece in enumerate(pieces):
        marker = f"{piece.number} " if piece.number and place else ""
        start = offset + len(marker)
        links += [ProvisionLink((link.span[0] + start, link.span[1] + start), link.target) for link in piece.links]
        lines.append(marker + piece.text)
        canonical.append(marker + piece.canonical)
        offset += len(lines[-1]) + 1
    first = pieces[0]
    own_heading = first.text if kind is ProvisionKind.HEADING else _run_in(first.text)
    number = None if kind is ProvisionKind.LIST and first.block.kind is BlockKind.ITEM else first.number
    if number is None and first.number:
        lines[0], canonical[0] = f"{first.number} {lines[0]}", f"{first.number} {canonical[0]}"
        shift = len(first.number) + 1
        links = [ProvisionLink((link.span[0] + shift, link.span[1] + shift), link.target) for link in links]
    return Provision(
        id="",
        ordinal=0,
        kind=kind,
        path=path,
        heading=own_heading or (path[-1] if path else None),
        number=number,
        text="\n".join(lines),
        canonical="\n".join(canonical),
        blocks=(first.index, pieces[-1].index + 1),
        links=tuple(links),
    )
