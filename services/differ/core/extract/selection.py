"""Declared selectors in Open Terms Archive's vocabulary: CSS selectors and ranges between two elements."""

from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from services.differ.core.extract.content import Unextractable
from shared.domain.documents import RangeSelector, Selector


def selected(parser: LexborHTMLParser, selectors: Sequence[Selector]) -> set[int]:
    """The `mem_id` of every element that a CSS selector names and of every text inside a range.

    A range whose start or end is not on the page names nothing. Raises Unextractable where a selector is no
    valid CSS.
    """
    found: set[int] = set()
    nodes: list[LexborNode] | None = None
    for selector in selectors:
        if isinstance(selector, str):
            found.update(node.mem_id for node in _css(parser, selector))
        else:
            nodes = nodes or ([] if parser.root is None else list(parser.root.traverse(include_text=True)))
            found |= _texts_in_range(parser, selector, nodes)
    return found


def _css(parser: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return parser.css(selector)
    except SelectolaxError as error:
        raise Unextractable("unreadable", f"the selector {selector!r} is not valid CSS") from error


def _texts_in_range(parser: LexborHTMLParser, selector: RangeSelector, nodes: list[LexborNode]) -> set[int]:
    """Texts between two boundary points, as in a DOM range; `nodes` is the page in document order."""
    position = {node.mem_id: index for index, node in enumerate(nodes)}
    starts = _css(parser, selector.start_before or selector.start_after or "")
    ends = _css(parser, selector.end_before or selector.end_after or "")
    if not starts or not ends:
        return set()
    begin = position[starts[0].mem_id] if selector.start_before else _end(starts[0], position, len(nodes))
    last = next((node for node in ends if position[node.mem_id] >= begin), ends[0])
    finish = position[last.mem_id] if selector.end_before else _end(last, position, len(nodes))
    return {node.mem_id for node in nodes[begin:finish] if node.tag == "-text"}


def _end(node: LexborNode, position: dict[int, int], length: int) -> int:
    """The position in document order of what follows an element and all below it."""
    current: LexborNode | None = node
    while current is not None:
        following = current.next
        while following is not None and following.mem_id not in position:
            following = following.next
        if following is not None:
            return position[following.mem_id]
        current = current.parent
    return length
