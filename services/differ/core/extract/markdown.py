"""Markdown to blocks, by way of HTML (CommonMark with tables)."""

import re

from markdown_it import MarkdownIt

from services.differ.core.extract.content import PartContent
from services.differ.core.extract.pagetext import PageText, read_html

_FRONT_MATTER = re.compile(r"\A---\r?\n.{0,4000}?\r?\n---\r?\n", re.DOTALL)


def read_markdown(text: str, content: PartContent, part: int) -> PageText:
    """Read Markdown; raw HTML inside it is read as HTML, front matter is left out."""
    # Nesting deeper than a clause ever is would only cost time.
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(["table", "strikethrough"])
    html = parser.render(_FRONT_MATTER.sub("", text, count=1))
    return read_html(html, content, part, whole=True)
