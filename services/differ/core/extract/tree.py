"""A page as a light tree of our own: visible elements and texts, with how much of each is prose and how much links."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.differ.core.extract.content import Unextractable
from services.differ.core.extract.limits import MAX_ATTRIBUTES, MAX_DEPTH, MAX_NODES, MAX_TEXT_CHARS
from services.differ.core.extract.wordsets import word_set

_INVISIBLE = word_set(
    """
    script style noscript template head link meta svg math canvas iframe object embed video audio picture img
    map select option datalist input textarea progress meter source track param base title frame frameset
    """
)
_HALF_LINK = 0.5
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(slots=True, eq=False)
class Node:
    """An element. `chars` counts the text below it, `link_chars` the part of it inside links (both without spaces)."""

    tag: str
    attrs: dict[str, str | None]
    key: int
    children: list["Node | str"] = field(default_factory=list)
    chars: int = 0
    link_chars: int = 0

    titled: bool = False
    """Whether a first-level heading that is more than a link stands here or below."""
    asks: bool = False
    """Whether a field for free text stands here or below: somebody is asked something."""
    names: frozenset[str] = frozenset()
    """The words that name the element in its class, id and test id, lower-case ("SiteHeader" → site, header)."""

    @property
    def prose(self) -> int:
        """Characters outside links."""
        return self.chars - self.link_chars

    @property
    def link_density(self) -> float:
        """Share of the text that lies in links, 0 to 1."""
        return self.link_chars / self.chars if self.chars else 0.0

    @property
    def role(self) -> str:
        return (self.attrs.get("role") or "").strip().lower()

    @property
    def elements(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]

    def attr(self, name: str) -> str:
        """An attribute's value, "" where it is missing or empty."""
        return self.attrs.get(name) or ""

    def walk(self) -> "Iterator[Node]":
        """This element and all below it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(child for child in reversed(node.children) if isinstance(child, Node))

    def text(self, limit: int = 1_000_000) -> str:
        """The text below, white space collapsed; stops soon after `limit` characters."""
        out: list[str] = []
        length = 0
        stack: list[Node | str] = [self]
        while stack and length < limit:
            item = stack.pop()
            if isinstance(item, str):
                out.append(item)
                length += len(item)
            else:
                stack.extend(reversed(item.children))
                out.append("" if item.tag in INLINE else " ")
        return " ".join("".join(out).split())


INLINE = word_set(
    """
    a abbr acronym b bdi bdo big button cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby
    s samp small span strike strong sub sup time tt u var wbr
    """
)


def _names(attrs: dict[str, str | None]) -> frozenset[str]:
    if not attrs:
        return frozenset()
    names = _words(attrs.get("class") or "", attrs.get("id") or "", attrs.get("data-testid") or "")
    return names | {"sr", "only"} if "data-sr-only" in attrs else names


@lru_cache(maxsize=4096)
def _words(*names: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(" ".join(names)))


def parse(html: str) -> LexborHTMLParser:
    """The page in lexbor's tree, built by the rules of the HTML standard: no input is too broken for it.

    Raises Unextractable where there are far too many elements, or some stand too deep in one another (`limits`).
    """
    tags = html.count("<")
    if tags > 4 * MAX_NODES:
        raise Unextractable("too-large", f"the page has some {tags // 2:,} elements, more than {MAX_NODES:,}")
    if tags > 2 * MAX_DEPTH and _depth(html) > MAX_DEPTH:
        raise Unextractable("too-large", f"elements are nested more than {MAX_DEPTH:,} deep")
    if _OVERLOADED_TAG.search(html):
        raise Unextractable("too-large", f"an element has more than {MAX_ATTRIBUTES:,} attributes")
    return LexborHTMLParser(html)


_ATTRIBUTE = r"""[\s/]++[^\s=>/]++(?>\s*+=\s*+(?>"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_OVERLOADED_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?>{_ATTRIBUTE}){{{MAX_ATTRIBUTES}}}")
"""The parser looks for repeated attributes in quadratic time; the groups are atomic, so that this search is linear."""


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_NEVER_DEEP = word_set(
    """
    p li td th tr dt dd option optgroup thead tbody tfoot colgroup rp rt html head body area base br col embed hr img
    input link meta source track wbr a b big code em font i nobr s small strike strong tt u path svg g
    """
)
"""Elements whose end tag is implied or that the parser itself keeps from piling up."""


def _depth(html: str) -> int:
    """How deep elements may at most stand in one another, from the tags alone."""
    depth = deepest = 0
    for end, tag in _TAG.findall(html):
        if tag not in _NEVER_DEEP:
            depth += -1 if end else 1
            deepest = max(deepest, depth)
            depth = max(depth, 0)
    return deepest


def build(root: LexborNode, *, only: Collection[int] | None = None, without: Collection[int] = ()) -> Node:
    """Copy the visible part below a lexbor node.

    `only` and `without` are sets of `mem_id`: elements (with all below them) and texts to keep and to leave out.
    Raises Unextractable where the page has more nodes or text than `limits` allows.
    """
    top = Node(root.tag or "", root.attributes, root.mem_id)
    order = [(top, -1)]
    length = 0
    # A frame: the lexbor node to read next, the index of its parent, and whether an ancestor is in `only`.
    stack: list[tuple[LexborNode | None, int, bool]] = [(root.first_child, 0, only is None)]
    while stack:
        current, parent, kept = stack.pop()
        if current is None:
            continue
        stack.append((current.next, parent, kept))
        tag = current.tag
        if tag == "-text":
            wanted = kept or (only is not None and current.mem_id in only)
            if wanted and not (without and current.mem_id in without) and (text := current.text_content):
                order[parent][0].children.append(text)
                length += len(text)
        elif tag == "textarea":
            order[parent][0].asks = True
        elif tag is not None and tag not in _INVISIBLE and tag[0] != "-":
            key = current.mem_id
            if key in without:
                continue
            attrs = current.attributes
            node = Node(tag, attrs, key, names=_names(attrs))
            order[parent][0].children.append(node)
            order.append((node, parent))
            stack.append((current.first_child, len(order) - 1, kept or (only is not None and key in only)))
        if len(order) > MAX_NODES:
            raise Unextractable("too-large", f"the page has more than {MAX_NODES:,} elements")
        if length > 2 * MAX_TEXT_CHARS:
            raise Unextractable("too-large", f"the page holds more than {2 * MAX_TEXT_CHARS:,} characters of text")
    _measure(order)
    return top


def _measure(order: list[tuple[Node, int]]) -> None:
    """Fill the counts, children before parents (`order` is document order)."""
    for node, parent in reversed(order):
        for child in node.children:
            if child.__class__ is str:
                node.chars += len(child) - child.count(" ") if not child.isspace() else 0
        if node.tag == "a" and node.attrs.get("href") is not None:
            node.link_chars = node.chars
        if node.tag == "h1" and node.link_density < _HALF_LINK:
            node.titled = True
        if parent >= 0:
            above = order[parent][0]
            above.titled = above.titled or node.titled
            above.asks = above.asks or node.asks
            above.chars += node.chars
            above.link_chars += node.link_chars


def remeasure(top: Node) -> None:
    """Count again after children were taken out."""
    order: list[tuple[Node, int]] = []
    stack = [(top, -1)]
    while stack:
        node, parent = stack.pop()
        node.chars = node.link_chars = 0
        node.titled = False
        order.append((node, parent))
        here = len(order) - 1
        stack.extend((child, here) for child in node.children if isinstance(child, Node))
    _measure(order)
