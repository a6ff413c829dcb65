"""Tables that hold data become rows; tables that only lay out the page are walked like any other element."""

from collections.abc import Iterator

from services.differ.core.blocks import Link
from services.differ.core.extract.blockwriter import BlockWriter
from services.differ.core.extract.inline import InlineText, Line
from services.differ.core.extract.links import LinkResolver
from services.differ.core.extract.numbering import ordinal
from services.differ.core.extract.tree import INLINE, Node

CELL_SEPARATOR = " | "
_MAX_REPEATED = 200
_TABLE_ROLES = frozenset({"table", "grid", "treegrid"})
_CELLS = frozenset({"td", "th"})
_CELL_ROLES = frozenset({"cell", "gridcell", "columnheader", "rowheader"})
_PAGE_PARTS = frozenset({"table", "h1", "h2", "h3", "article", "section"})


def is_data_table(node: Node) -> bool:
    """Whether an element is a table of two columns or more whose cells hold text and no parts of a page."""
    if not _is_table(node) or node.role in {"presentation", "none"}:
        return False
    wide = False
    for row in _rows(node):
        cells = _cells(row)
        wide = wide or len(cells) > 1
        if any(_holds_page_parts(cell) for cell in cells):
            return False
    return wide


def _is_table(node: Node) -> bool:
    return node.tag == "table" or node.attrs.get("role") in _TABLE_ROLES


def _holds_page_parts(cell: Node) -> bool:
    return any(below.tag in _PAGE_PARTS or _is_table(below) for below in cell.walk() if below is not cell)


def write_rows(table: Node, writer: BlockWriter, resolver: LinkResolver) -> None:
    """One block per caption and row, the cells joined by " | ", header rows among them."""
    for caption in (child for child in table.elements if child.tag == "caption"):
        line = _cell_line(caption, resolver)
        if line is not None:
            writer.write(line)
    spanning: dict[int, tuple[Line, int]] = {}
    for row in _rows(table):
        line = _row_line(_columns(row, spanning, resolver))
        if line is not None:
            writer.write(line, row=True)


def _columns(row: Node, spanning: dict[int, tuple[Line, int]], resolver: LinkResolver) -> list[Line | None]:
    """The row's cells, and before them those of earlier rows that reach down into it (`rowspan`).

    `spanning` holds, by column, such a cell and how many rows it still reaches; it is kept up to date. A long cell
    is told once, in its first row.
    """
    columns: list[Line | None] = []
    cells = _cells(row)
    while cells or len(columns) in spanning:
        place = len(columns)
        if place in spanning:
            line, rows = spanning.pop(place)
            if rows > 1:
                spanning[place] = (line, rows - 1)
            columns.append(line)
            continue
        cell = cells.pop(0)
        found = _cell_line(cell, resolver)
        columns.append(found)
        reach = _reach(cell)
        if found is not None and len(found.text) <= _MAX_REPEATED and reach > 1:
            spanning[place] = (found, reach - 1)
    return columns


def _reach(cell: Node) -> int:
    rows = cell.attr("rowspan")[:4]
    return int(rows) if rows.isascii() and rows.isdecimal() else 1


def _rows(table: Node) -> Iterator[Node]:
    """The rows of this table, not those of a table inside it."""
    stack = list(reversed(table.elements))
    while stack:
        node = stack.pop()
        if node.tag == "tr" or node.role == "row":
            yield node
        elif not _is_table(node):
            stack.extend(reversed(node.elements))


def _cells(row: Node) -> list[Node]:
    found: list[Node] = []
    stack = list(reversed(row.elements))
    while stack:
        node = stack.pop()
        if node.tag in _CELLS or node.role in _CELL_ROLES:
            found.append(node)
        elif node.tag not in INLINE:
            stack.extend(reversed(node.elements))
    return found


def _row_line(cells: list[Line | None]) -> Line | None:
    if not any(cells):
        return None
    text = ""
    links: list[Link] = []
    for index, cell in enumerate(cells):
        text += CELL_SEPARATOR if index else ""
        if cell is not None:
            links += [Link((link.span[0] + len(text), link.span[1] + len(text)), link.target) for link in cell.links]
            text += cell.text
    return Line(text, tuple(links), 0)


def _cell_line(cell: Node, resolver: LinkResolver) -> Line | None:
    """The text of a cell in one line; items of ordered lists keep their numbers."""
    line = InlineText(resolver)
    stack: list[tuple[Node | str, str | None, int]] = [(cell, None, 0)]
    while stack:
        item, href, link = stack.pop()
        if isinstance(item, str):
            line.add(item, href, link)
            continue
        if item.tag == "a":
            href, link = item.attrs.get("href"), item.key
        if item.tag not in INLINE:
            line.add(" ")
            stack.append((" ", None, 0))
        count = 0
        below: list[tuple[Node | str, str | None, int]] = []
        for child in item.children:
            if item.tag == "ol" and isinstance(child, Node) and child.tag == "li":
                count += 1
                below.append((f" {ordinal(count, item.attr('type') or '1')}. ", None, 0))
            below.append((child, href, link))
        stack.extend(reversed(below))
    return line.take()
