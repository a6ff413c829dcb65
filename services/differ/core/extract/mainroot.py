"""Finds the part of a page that is the document, where no selector names it."""

import re

from services.differ.core.extract.tree import INLINE, Node
from services.differ.core.extract.wordsets import word_set

_MAIN_SHARE = 0.4
_SPINE_SHARE = 0.7
_SENTENCE_CHARS = 80
_SENTENCE_SPACES = 3
_LINKS = 0.4
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_COPYRIGHT = re.compile(r"©|\(c\)|copyright", re.IGNORECASE)
_BANNER_CHARS = 500
_COOKIE_BANNER = re.compile(
    r"^(?=.*\bcookies?\b).*(?:\b(?:we|this\s+(?:web)?site|our\s+partners|by\s+(?:using|continuing|clicking))\b.*(?:accept|agree|consent|experience)"
    r"|\b(?:wir|diese\s+(?:web)?seite)\b.*(?:zustimm|akzeptier|einwillig|erlebnis)"
    r"|\b(?:nous|ce\s+site)\b.*(?:accept|consent|expérience)"
    r"|(?:utilizamos|usamos|este\s+sitio)\b.*(?:acept|consent|experiencia))",
    re.IGNORECASE | re.DOTALL,
)
_FLOW = word_set("p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table blockquote pre details summary br hr")
_TEXT = _FLOW | INLINE


def content_root(body: Node) -> Node:
    """The `<main>` element that holds the most prose where it holds enough of it, else the body."""
    mains = [node for node in body.walk() if node.tag == "main" or node.role == "main"]
    best = max(mains, key=lambda node: node.prose, default=body)
    return best if best.prose >= _MAIN_SHARE * body.prose else body


def drop_surroundings(root: Node) -> int:
    """Follow the element that holds most of the prose inwards and drop what stands beside it and is no prose.

    Returns the number of elements dropped. Elements that are text (paragraphs, headings, lists, tables), that look
    like the one followed, or that hold a heading, a sentence, a date or the title stay.
    """
    dropped = 0
    node = root
    while True:
        inner = max(node.elements, key=lambda child: child.prose, default=None)
        if inner is None or inner.tag in _TEXT or inner.prose < _SPINE_SHARE * node.prose:
            return dropped
        kept: list[Node | str] = []
        before = True
        for child in node.children:
            before = before and child is not inner
            if isinstance(child, Node) and child is not inner and _is_surrounding(child, inner, before=before):
                dropped += 1
            else:
                kept.append(child)
        node.children = kept
        node = inner


def _is_surrounding(node: Node, spine: Node, *, before: bool) -> bool:
    if node.tag in _FLOW and node.link_density < _LINKS:
        return False
    if node.tag == spine.tag and node.names and node.names == spine.names:
        return False
    if node.link_density > _LINKS:
        return True
    if any(below.tag in {"h1", "h2", "h3"} for below in node.walk()):
        return False
    if node.prose < _BANNER_CHARS and _COOKIE_BANNER.search(node.text(2 * _BANNER_CHARS)):
        return True
    if node.prose >= _SENTENCE_CHARS:
        return False
    return not _is_line_of_text(node, before)


def _is_line_of_text(node: Node, before: bool) -> bool:
    """A short sentence, a date, or a single line above the text (its title, set without a heading element)."""
    text = node.text(4 * _SENTENCE_CHARS)
    if not text or _COPYRIGHT.match(text):
        return False
    if _YEAR.search(text) or (text[-1] in ".:;" and text.count(" ") >= _SENTENCE_SPACES):
        return True
    lines = sum(1 for below in node.walk() if any(isinstance(child, str) and child.strip() for child in below.children))
    return before and lines == 1 and node.link_chars == 0
