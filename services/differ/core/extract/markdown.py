"""Markdown to blocks, by way of HTML (CommonMark with tables)."""

import re

from markdown_it import MarkdownIt

from services.differ.core.extract.content import PartContent, Unextractable
from services.differ.core.extract.limits import MAX_MARKDOWN_BRACKETS, MAX_MARKDOWN_LINES, MAX_MARKDOWN_MARKS
from services.differ.core.extract.pagetext import PageText, read_html

_FRONT_MATTER = re.compile(r"\A---\r?\n.{0,4000}?\r?\n---\r?\n", re.DOTALL)


def read_markdown(text: str, content: PartContent, part: int) -> PageText:
    """Read Markdown; raw HTML inside it is read as HTML, front matter is left out."""
    # Nesting deeper than a clause ever is would only cost time.
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(["table", "strikethrough"])
    source = _FRONT_MATTER.sub("", text, count=1)
    _refuse_endless(source)
    html = parser.render(source)
    return read_html(html, content, part, whole=True)


def _refuse_endless(source: str) -> None:
    """Raise Unextractable where the parser, which takes up to 0.2 ms for a mark, would run for many seconds."""
    counted = (
        ("brackets", source.count("["), MAX_MARKDOWN_BRACKETS),
        ("marks", sum(source.count(mark) for mark in "*_`~|<&\\"), MAX_MARKDOWN_MARKS),
        ("lines", source.count("\n"), MAX_MARKDOWN_LINES),
    )
    for name, count, most in counted:
        if count > most:
            raise Unextractable("too-large", f"Markdown with {count:,} {name}, more than {most:,}")
