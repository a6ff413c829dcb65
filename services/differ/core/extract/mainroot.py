"""Finds the part of a page that is the document, where no selector names it."""

from services.differ.core.extract.tree import Node
from services.differ.core.extract.wordsets import word_set

_MAIN_SHARE = 0.4
_SPINE_SHARE = 0.7
_SENTENCE_CHARS = 80
_LINKS = 0.4
_FLOW = word_set("p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table blockquote pre details summary br hr")


def content_root(body: Node) -> Node:
    """The `<main>` element that holds the most prose where it holds enough of it, else the body."""
    mains = [node for node in body.walk() if node.tag == "main" or node.role == "main"]
    best = max(mains, key=lambda node: node.prose, default=body)
    return best if best.prose >= _MAIN_SHARE * body.prose else body


def drop_surroundings(root: Node) -> int:
    """Follow the element that holds most of the prose inwards and drop what stands beside it and is no prose.

    Returns the number of elements dropped. Elements that are text (paragraphs, headings, lists, tables), that look
    like the one followed, or that hold a heading or sentences of their own stay.
    """
    dropped = 0
    node = root
    while True:
        inner = max(node.elements, key=lambda child: child.prose, default=None)
        if inner is None or inner.tag in _FLOW or inner.prose < _SPINE_SHARE * node.prose:
            return dropped
        kept: list[Node | str] = []
        for child in node.children:
            if isinstance(child, Node) and child is not inner and _is_surrounding(child, inner):
                dropped += 1
            else:
                kept.append(child)
        node.children = kept
        node = inner


def _is_surrounding(node: Node, spine: Node) -> bool:
    if node.tag in _FLOW and node.link_density < _LINKS:
        return False
    if node.tag == spine.tag and node.names and node.names == spine.names:
        return False
    if node.link_density > _LINKS:
        return True
    heading = any(below.tag in {"h1", "h2", "h3"} for below in node.walk())
    return not heading and node.prose < _SENTENCE_CHARS
