"""What an element's content says it is: a section of the text, a statement, a table of contents."""

import re

from services.differ.core.extract.tree import Node

HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
FEW_LINKS = 0.3
CONTENTS_LINKS = 0.8
_MIN_CONTENTS = 3
_SENTENCE_SPACES = 5
_SECTION_PROSE = 25
_READ_CHARS = 1_200
_COPYRIGHT = re.compile(r"©|\(c\)|copyright", re.IGNORECASE)


def states_something(node: Node) -> bool:
    """A sentence of some length, no claim of copyright, nothing to press."""
    text = node.text(_READ_CHARS)
    if _COPYRIGHT.match(text) or any(_is_button(below) for below in node.walk()):
        return False
    return text.count(" ") >= _SENTENCE_SPACES and text[-1:] in ".!" and node.link_density < FEW_LINKS


def _is_button(node: Node) -> bool:
    return node.tag in {"button", "form"} or node.role == "button"


def is_section(node: Node) -> bool:
    """A heading with sentences of its own under it and nothing to press: `<section id="sharing">`."""
    below = list(node.walk())
    heading = next((one for one in below if one.tag in HEADING_TAGS), None)
    if heading is None or node.link_density > FEW_LINKS or any(_is_button(one) for one in below):
        return False
    text = node.text(_READ_CHARS)
    return not heading.text().endswith("?") and text[-1:] in ".:;" and node.prose - heading.prose >= _SECTION_PROSE


def is_contents(node: Node) -> bool:
    """Links into the same page and hardly anything else."""
    if node.link_density < CONTENTS_LINKS or node.tag in HEADING_TAGS or node.tag in {"li", "a", "main"}:
        return False
    links = [below.attr("href") for below in node.walk() if below.tag == "a"]
    inner = sum(1 for href in links if len(href) > 1 and href[0] == "#")
    headed = any(below.tag in HEADING_TAGS for below in node.walk())
    return inner >= _MIN_CONTENTS and inner == len(links) and not headed
