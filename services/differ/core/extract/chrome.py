"""Which elements of a page are not the policy: rules from structure, roles and the words that name an element.

Every rule is bounded by the share of the page's prose that it may take away, since a policy lost weighs more than a
menu kept.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from services.differ.core.extract.sections import (
    CONTENTS_LINKS,
    FEW_LINKS,
    HEADING_TAGS,
    is_contents,
    is_section,
    states_something,
)
from services.differ.core.extract.tree import Node, remeasure

_FEW = 25
_MENU_LINKS = 0.5
_PANEL_PROSE = 40
_SHORTEST_CONTENTS = 10
_MAX_BOX_PROSE = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands: inside main content, a heading; how much prose the page has in all.

    `panels` are the ids of the page's elements that hold prose, and so may be what a button opens.
    """

    in_main: bool
    in_heading: bool
    total: int
    panels: frozenset[str]


Predicate = Callable[[Node, Place], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is what the report counts; `share` the largest part of the page's prose that it may remove."""

    name: str
    share: float
    applies: Predicate


def _navigation(node: Node, place: Place) -> bool:
    if {"per", "page"} <= node.names and node.prose < 3 * _FEW:
        return True  # "Show 10 results per page"
    return node.tag == "nav" or node.role in {
        "navigation",
        "menu",
        "menubar",
        "tablist",
        "toolbar",
        "search",
        "directory",
    }


def _page_header(node: Node, place: Place) -> bool:
    if place.in_main or not (node.tag == "header" or node.role == "banner"):
        return False
    # A header that states the title in its own words belongs to the document.
    return not node.titled or (node.role == "banner" and node.link_density > _MENU_LINKS)


def _page_footer(node: Node, place: Place) -> bool:
    if not (node.tag == "footer" or node.role == "contentinfo"):
        return False
    if not place.in_main or node.link_density > FEW_LINKS:
        return True
    return node.prose < 300 and not states_something(node)


def _aside(node: Node, place: Place) -> bool:
    if not (node.tag == "aside" or node.role == "complementary"):
        return False
    return not place.in_main or node.link_density > 0.4 or "sidebar" in node.names


def _dialog(node: Node, place: Place) -> bool:
    if node.role in {"status", "alert"} and place.in_main and states_something(node):
        return False  # "These terms change on 1 May 2026", set off from the text
    return (
        node.tag == "dialog"
        or node.role in {"dialog", "alertdialog", "tooltip", "status", "alert", "log"}
        or node.attrs.get("aria-modal") == "true"
    )


_CONSENT = frozenset(
    {"cookie", "cookies", "consent", "gdpr", "ccpa", "cmp", "onetrust", "cookiebot", "didomi", "usercentrics"}
)
_OVERLAY = frozenset(
    {
        "banner",
        "notice",
        "popup",
        "modal",
        "dialog",
        "bar",
        "overlay",
        "layer",
        "prompt",
        "consent",
        "sdk",
        "popin",
        "wall",
        "toast",
    }
)


def _cookie_banner(node: Node, place: Place) -> bool:
    words = node.names
    return bool(words & _CONSENT and words & _OVERLAY) and not node.titled and not (place.in_main and is_section(node))


_NAMED: tuple[tuple[str, frozenset[str]], ...] = (
    ("breadcrumb", frozenset({"breadcrumb", "breadcrumbs"})),
    ("share", frozenset({"share", "sharing", "social", "socials", "addthis"})),
    ("related", frozenset({"related", "recommended", "recommendations"})),
    ("feedback", frozenset({"feedback", "helpful", "rating", "reaction", "reactions", "csat", "votes"})),
    ("newsletter", frozenset({"newsletter", "subscribe", "signup"})),
    ("table-of-contents", frozenset({"toc", "tocs", "scrollspy", "anchorlinks"})),
    (
        "navigation",
        frozenset({"navbar", "nav", "navigation", "megamenu", "menu", "sidebar", "sidenav", "pagination", "pager"}),
    ),
    ("search", frozenset({"search", "searchbar"})),
    ("language-picker", frozenset({"lang", "language", "locale", "languages"})),
    ("promotion", frozenset({"promo", "promotion", "advert", "advertisement", "cta"})),
)
_NEVER_SECTIONS = frozenset({"table-of-contents", "navigation", "promotion", "newsletter", "related"})
_ALL_NAMES = frozenset().union(*(words for _, words in _NAMED))
_MAX_NAMED_PROSE = 600


def _named(name: str, words: frozenset[str]) -> Predicate:
    def applies(node: Node, place: Place) -> bool:
        if node.prose > _MAX_NAMED_PROSE or words.isdisjoint(node.names):
            return False
        if node.tag in HEADING_TAGS or node.tag in {"p", "li", "main", "article"}:
            return False
        return not node.titled and (name in _NEVER_SECTIONS or not is_section(node))

    return applies


def _screen_reader_label(node: Node, place: Place) -> bool:
    """Labels that only a screen reader speaks ("opens in a new tab"), and links that skip navigation."""
    if node.chars > 60 or (place.in_heading and node.chars > 30):
        return False
    words = node.names
    if {"sr", "only"} <= words or {"visually", "hidden"} <= words or {"screen", "reader"} <= words:
        return True
    return node.tag == "a" and "skip" in words


def _icon(node: Node, place: Place) -> bool:
    """Decoration that a screen reader is told to pass over, and the names of icons written as text."""
    if node.role == "img":
        return node.chars < 2 * _FEW
    if node.chars > _FEW or not node.chars or node.tag not in {"i", "span", "b", "em", "div"}:
        return False
    hidden = node.attrs.get("aria-hidden") == "true"
    if not hidden and node.tag != "i":
        return False
    text = node.text(60)
    if hidden and not any(char.isdigit() for char in text) and " " not in text:
        return True
    # Without a class that says icon it is a word in italics: "packages in node_modules".
    return (hidden or not _ICON_CLASSES.isdisjoint(node.names)) and _ICON_NAME.fullmatch(text) is not None


_ICON_CLASSES = frozenset({"icon", "icons", "material", "symbols", "glyph", "fa", "mdi", "bi"})
_ICON_NAME = re.compile(r"(?:fa|icon|material|mdi|bi)-[\w-]+(?:\s+[\w-]+)*|[a-z]+(?:_[a-z]+)+")


_WIDGETS = frozenset({"switch", "checkbox", "radio", "combobox", "listbox", "option", "tab", "spinbutton", "slider"})


def _control(node: Node, place: Place) -> bool:
    """Widgets and buttons, unless a button opens a section of the document or is its heading."""
    if node.role in _WIDGETS:
        return True
    if node.tag != "button" and node.role != "button":
        return False
    if place.in_heading or any(below.tag in HEADING_TAGS for below in node.elements):
        return False
    if "aria-haspopup" in node.attrs:
        return True
    opens_section = place.in_main and not {"aria-controls", "aria-expanded"}.isdisjoint(node.attrs)
    names_panel = node.attr("aria-controls") in place.panels or "accordion" in node.names
    return not (opens_section or names_panel or (node.tag == "a" and node.chars > _FEW))


def _form(node: Node, place: Place) -> bool:
    """A form one fills in; some sites wrap the whole page in one."""
    return node.tag in {"form", "fieldset"} and not node.titled


def _question_box(node: Node, place: Place) -> bool:
    """A field for free text and the few words around it: a chat, a comment, a question to a machine."""
    return node.asks and node.prose <= _MAX_BOX_PROSE and not node.titled


RULES: tuple[Rule, ...] = (
    Rule("navigation", 0.5, _navigation),
    Rule("page-header", 0.3, _page_header),
    Rule("page-footer", 0.3, _page_footer),
    Rule("aside", 0.3, _aside),
    Rule("dialog", 0.4, _dialog),
    Rule("cookie-banner", 0.4, _cookie_banner),
    Rule("form", 0.2, _form),
    Rule("question-box", 0.2, _question_box),
    Rule("control", 0.1, _control),
    Rule("screen-reader-label", 0.1, _screen_reader_label),
    Rule("icon", 0.1, _icon),
    Rule("table-of-contents", 0.1, lambda node, place: is_contents(node)),
    *(Rule(name, 0.1, _named(name, words)) for name, words in _NAMED),
)


def prune(body: Node) -> Counter[str]:
    """Take everything that is not policy out of the tree; gives the number of elements that each rule removed."""
    ignored: Counter[str] = Counter()
    total = max(body.prose, 1)
    panels = _panels(body)
    stack = [(body, False, False)]
    while stack:
        node, in_main, in_heading = stack.pop()
        in_main = in_main or node.tag in {"main", "article"} or node.role in {"main", "article"}
        in_heading = in_heading or node.tag in HEADING_TAGS
        place = Place(in_main, in_heading, total, panels)
        kept: list[Node | str] = []
        for child in node.children:
            if isinstance(child, Node):
                rule = _first_rule(child, place)
                if rule is not None:
                    ignored[rule.name] += 1
                    continue
                stack.append((child, in_main, in_heading))
            kept.append(child)
        node.children = kept
    remeasure(body)
    return ignored


def _panels(body: Node) -> frozenset[str]:
    return frozenset(
        node.attr("id")
        for node in body.walk()
        if "id" in node.attrs and node.prose >= _PANEL_PROSE and node.link_density < FEW_LINKS
    )


def _first_rule(node: Node, place: Place) -> Rule | None:
    if not _could_be_chrome(node):
        return None
    return next((rule for rule in RULES if node.prose <= rule.share * place.total and rule.applies(node, place)), None)


_TELLING_TAGS = frozenset({"nav", "header", "footer", "aside", "dialog", "form", "fieldset", "button", "i"})
_TELLING_NAMES = _ALL_NAMES | _CONSENT | {"per", "sr", "visually", "screen", "skip"}


def _could_be_chrome(node: Node) -> bool:
    """A quick look before the rules, since most elements have nothing that any rule looks at."""
    attrs = node.attrs
    return (
        node.tag in _TELLING_TAGS
        or node.asks
        or "role" in attrs
        or "aria-hidden" in attrs
        or "aria-modal" in attrs
        or not _TELLING_NAMES.isdisjoint(node.names)
        or (node.link_chars >= CONTENTS_LINKS * node.chars > _SHORTEST_CONTENTS)
    )
