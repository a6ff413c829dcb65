"""Versions out of short texts, so that a test shows the words it is about and nothing else.

A line is a block. `# ` to `###### ` is a heading, `- ` a bullet, `1) ` a numbered item, two spaces before either a
deeper one, ` | ` between cells a table row, `[words](target)` a link.
"""

import re
from datetime import date

from services.differ.core.blocks import Block, BlockKind, Extraction, Link, StatedDate
from services.differ.core.pipeline import Comparison, VersionText, compare_versions, segment

_HEADING = re.compile(r"(#{1,6}) (.*)", re.DOTALL)
_ITEM = re.compile(r"( *)(?:- |(\(?[\w.]+\)) )(.*)", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


def block(line: str) -> Block:
    """One block from one line of the notation above."""
    if found := _HEADING.fullmatch(line):
        return _made(BlockKind.HEADING, found.group(2), level=len(found.group(1)))
    if found := _ITEM.fullmatch(line):
        return _made(BlockKind.ITEM, found.group(3), level=1 + len(found.group(1)) // 2, number=found.group(2))
    return _made(BlockKind.ROW if " | " in line else BlockKind.PARAGRAPH, line)


def extraction(
    text: str,
    *,
    title: str | None = None,
    language: str | None = "en",
    updated: date | None = None,
    ignored: dict[str, int] | None = None,
) -> Extraction:
    """An extraction of the lines of a text."""
    blocks = tuple(block(line) for line in text.split("\n") if line.strip())
    dates = (StatedDate("updated", updated, f"Last updated: {updated.isoformat()}", 0),) if updated else ()
    return Extraction(blocks, title, language, "test/1", dates, ignored or {})


def version(text: str, *, seed: str = "old", **meta: object) -> VersionText:
    """A segmented version of a text."""
    read = extraction(text, **meta)  # type: ignore[arg-type]
    return VersionText.of(read, segment(read, identity_seed=seed))


def compared(old: str, new: str, **meta: object) -> Comparison:
    """Two texts, compared."""
    return compare_versions(version(old, seed="old", **meta), version(new, seed="new", **meta))


def _made(kind: BlockKind, marked: str, *, level: int = 0, number: str | None = None) -> Block:
    text, links, at = "", [], 0
    for found in _LINK.finditer(marked):
        text += marked[at : found.start()]
        links.append(Link((len(text), len(text) + len(found.group(1))), found.group(2)))
        text += found.group(1)
        at = found.end()
    text += marked[at:]
    return Block(kind, text, text, level, number, tuple(links))
