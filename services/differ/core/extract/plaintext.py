"""Plain text to blocks: paragraphs between blank lines, list items, headings that stand alone."""

import re
from collections import Counter

from services.differ.core.extract.blockwriter import BlockWriter
from services.differ.core.extract.inline import InlineText, Line
from services.differ.core.extract.links import LinkResolver
from services.differ.core.extract.numbering import split_bullet, split_number
from services.differ.core.extract.pagetext import PageText

_RULE = re.compile(r"[-=_*~#\s]{3,}")
_MAX_HEADING_WORDS = 12


def read_text(text: str, part: int) -> PageText:
    """Read plain text; `source` of each block is its span in the decoded body. The first line is the title."""
    writer = BlockWriter(part)
    resolver = LinkResolver(None)
    paragraph: list[str] = []
    start = position = 0
    for raw in [*text.splitlines(keepends=True), ""]:
        line = raw.strip()
        ends = not line or _RULE.fullmatch(line) is not None
        if paragraph and (ends or _starts_clause(line)):
            _write(writer, resolver, paragraph, (start, position))
            paragraph = []
        if not ends:
            start = start if paragraph else position
            paragraph.append(line)
        position += len(raw)
    title = writer.blocks[0].text if writer.blocks else None
    return PageText(writer.blocks, title, None, Counter())


def _starts_clause(line: str) -> bool:
    return split_bullet(line)[0] or split_number(line[:80])[0] is not None


def _write(writer: BlockWriter, resolver: LinkResolver, paragraph: list[str], source: tuple[int, int]) -> None:
    collected = InlineText(resolver)
    collected.add(" ".join(paragraph))
    line = collected.take()
    if line is None:
        return
    heading = 2 if len(paragraph) == 1 and _is_heading(line) else 0
    writer.write(line, heading=heading, source=source)


def _is_heading(line: Line) -> bool:
    """A short line of its own that ends like no sentence and is numbered or set in capitals."""
    text = line.text
    if text.count(" ") >= _MAX_HEADING_WORDS or text[-1] in ".;,:" or split_bullet(text)[0]:
        return False
    number, rest = split_number(text)
    return (number is not None and number[0].isdigit() and rest[0].isupper()) or (text.isupper() and len(text) > 3)
