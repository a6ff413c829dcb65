"""Walks the kept part of a page and writes its blocks; no recursion, so depth is no danger."""

import re
from dataclasses import dataclass, field

from services.differ.core.extract.blockwriter import BlockWriter, Marker
from services.differ.core.extract.inline import InlineText
from services.differ.core.extract.links import LinkResolver
from services.differ.core.extract.numbering import ordinal, split_bullet, split_number
from services.differ.core.extract.tables import is_data_table, write_rows
from services.differ.core.extract.tree import INLINE, Node

_BOLD = frozenset({"b", "strong"})
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_UNMARKED = re.compile(r"list-style(?:-type)?\s*:\s*none")
_STYLE_TYPE = re.compile(r"list-style(?:-type)?\s*:[^;]*?\b(lower|upper)-(alpha|latin|roman)")
_STYLES = {"lower-alpha": "a", "lower-latin": "a", "lower-roman": "i", "upper-alpha": "A", "upper-latin": "A"}
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|list-item|table)")
_FOOTNOTE = re.compile(r"\[?[\divx*†‡]{1,4}\]?$")


@dataclass(slots=True)
class _List:
    """An open list. `prefix` is the outer items' number where the page counts "1.1"."""

    ordered: bool
    style: str
    next_value: int
    step: int
    depth: int
    prefix: str = ""
    nested: bool = False


@dataclass(slots=True)
class Walker:
    """State of one walk: open lists, headings and links, and the line being collected."""

    writer: BlockWriter
    resolver: LinkResolver
    line: InlineText = field(init=False)
    lists: list[_List] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    links: list[tuple[str | None, int]] = field(default_factory=list)
    marker: Marker | None = None
    bold: int = 0
    breaks: int = 0

    def __post_init__(self) -> None:
        self.line = InlineText(self.resolver)

    def walk(self, root: Node) -> None:
        """Write every block below `root`."""
        stack: list[tuple[Node | str, bool]] = [(root, False)]
        while stack:
            item, leaving = stack.pop()
            if isinstance(item, str):
                self._text(item)
            elif leaving:
                self._close(item)
            elif is_data_table(item):
                self.flush()
                write_rows(item, self.writer, self.resolver)
            else:
                self._open(item)
                stack.append((item, True))
                stack.extend((child, False) for child in reversed(item.children))
        self.flush()

    def flush(self) -> None:
        """End the current block."""
        self.breaks = 0
        line = self.line.take() if self.line else None
        if line is None:
            return
        heading = self.headings[-1] if self.headings else 0
        marker, self.marker = self.marker, None
        self.writer.write(line, heading=heading, marker=marker)

    def _text(self, text: str) -> None:
        if not text.isspace():
            if self.breaks == 1 and _starts_clause(text):
                self.flush()
            self.breaks = 0
        href, link = self.links[-1] if self.links else (None, 0)
        self.line.add(text, href, link, self.bold > 0)

    def _open(self, node: Node) -> None:
        tag = node.tag
        if tag == "br":
            self._break()
        elif tag in INLINE and not _BLOCK_STYLE.search(node.attr("style")):
            self._open_inline(node)
        else:
            self.flush()
            if (level := heading_level(node)) > 0:
                self.headings.append(level)
            elif tag in {"ol", "ul", "menu"}:
                self._open_list(node)
            elif tag == "li":
                self._open_item(node)

    def _break(self) -> None:
        self.breaks += 1
        if self.breaks > 1:
            self.flush()
        else:
            self.line.add("\n")

    def _open_inline(self, node: Node) -> None:
        if node.tag in _BOLD:
            self.bold += 1
        elif node.tag == "a":
            self.links.append((node.attrs.get("href"), node.key))
        elif node.tag == "sup" and _is_footnote(node):
            # Otherwise the mark would run into the word before it.
            node.children[:] = [f" [{node.text().strip('[]')}]"]

    def _open_list(self, node: Node) -> None:
        unmarked = bool(_UNMARKED.search(node.attr("style"))) or {"list", "none"} <= node.names
        ordered = node.tag == "ol" and not unmarked
        outer = self.lists[-1] if self.lists else None
        items = sum(1 for child in node.elements if child.tag == "li")
        reverse = "reversed" in node.attrs
        start = _whole(node.attr("start"), items if reverse else 1)
        nested = "counters(" in node.attr("class") + node.attr("style")
        prefix = _outer_number(outer) if nested and outer is not None and outer.ordered else ""
        depth = outer.depth + 1 if outer else 1
        style = _counter_style(node) or "1"
        self.lists.append(_List(ordered, style, start, -1 if reverse else 1, depth, prefix, nested))

    def _open_item(self, node: Node) -> None:
        if not self.lists:
            self.marker = Marker(None, 1)
            return
        current = self.lists[-1]
        if not current.ordered:
            self.marker = Marker(None, current.depth)
            return
        value = _whole(node.attr("value"), current.next_value)
        current.next_value = value + current.step
        style = _counter_style(node) or current.style
        self.marker = Marker(f"{current.prefix}{ordinal(value, style)}.", current.depth)

    def _close(self, node: Node) -> None:
        tag = node.tag
        if tag == "br":
            return
        if tag in INLINE and not _BLOCK_STYLE.search(node.attr("style")):
            if tag in _BOLD:
                self.bold -= 1
            elif tag == "a":
                self.links.pop()
            return
        self.flush()
        if heading_level(node) > 0:
            self.headings.pop()
        elif tag in {"ol", "ul", "menu"}:
            self.lists.pop()
        elif tag == "li":
            self.marker = None


def heading_level(node: Node) -> int:
    """1 to 6 for `<h1>`–`<h6>` and `role=heading`, otherwise 0."""
    level = _HEADINGS.get(node.tag, 0)
    if level == 0 and node.attrs.get("role") == "heading":
        level = min(max(_whole(node.attr("aria-level"), 2), 1), 6)
    return level


def _counter_style(node: Node) -> str:
    """The letter of HTML's `type` attribute that an inline style or that attribute asks for; "" for none."""
    declared = _STYLE_TYPE.search(node.attr("style"))
    return _STYLES.get(f"{declared[1]}-{declared[2]}", "I") if declared else node.attr("type")


def _outer_number(outer: _List) -> str:
    return f"{outer.prefix}{ordinal(outer.next_value - outer.step, outer.style)}."


def _whole(text: str, default: int) -> int:
    """An integer attribute; what is none counts as absent (HTML, rules for parsing integers)."""
    try:
        return int(text) if len(text) < 10 else default
    except ValueError:
        return default


def _starts_clause(text: str) -> bool:
    """Whether a line after a single line break begins with a number or bullet, and so is a clause of its own."""
    start = " ".join(text[:40].split())
    return split_bullet(start)[0] or split_number(start)[0] is not None


def _is_footnote(node: Node) -> bool:
    linked = any(child.tag == "a" and child.attr("href").startswith("#") for child in node.elements)
    return linked and _FOOTNOTE.match(node.text(10)) is not None
