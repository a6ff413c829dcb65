"""The change report for people: Markdown, a self-contained HTML page, styled lines for a terminal."""

from services.differ.core.render.html import to_html
from services.differ.core.render.markdown import to_markdown
from services.differ.core.render.terminal import Line, Piece, Style, to_terminal

__all__ = ["Line", "Piece", "Style", "to_html", "to_markdown", "to_terminal"]
