"""HTML to blocks: parse, select or find the content, take the chrome out, walk."""

from collections import Counter
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.differ.core.blocks import Block
from services.differ.core.extract.blockwriter import BlockWriter
from services.differ.core.extract.chrome import prune
from services.differ.core.extract.content import PartContent, Unextractable
from services.differ.core.extract.emails import reveal_emails
from services.differ.core.extract.links import LinkResolver
from services.differ.core.extract.mainroot import content_root, drop_surroundings
from services.differ.core.extract.normalise import reading
from services.differ.core.extract.selection import selected
from services.differ.core.extract.tree import Node, build, parse
from services.differ.core.extract.walker import Walker


@dataclass(frozen=True, slots=True)
class PageText:
    """What one part holds, whatever its format; `ignored` counts elements by the rule that left them out."""

    blocks: list[Block]
    title: str | None
    language: str | None
    ignored: Counter[str]


def read_html(html: str, content: PartContent, part: int, *, whole: bool = False) -> PageText:
    """Read a page. With `whole` nothing of it is taken for chrome (rendered Markdown has none).

    Raises Unextractable for too large a page, a selector that is no CSS, and selectors that name nothing.
    """
    parser = parse(html)
    writer = BlockWriter(part)
    body = parser.body
    if body is None:
        return PageText([], _title(parser), _declared_language(parser), Counter())
    top, ignored = _kept(parser, body, content, whole)
    reveal_emails(top)
    Walker(writer, LinkResolver(_base(parser, content.url))).walk(top)
    return PageText(writer.blocks, _title(parser), _declared_language(parser), ignored)


def _kept(parser: LexborHTMLParser, body: LexborNode, content: PartContent, whole: bool) -> tuple[Node, Counter[str]]:
    without = selected(parser, content.remove)
    if content.select:
        only = selected(parser, content.select)
        if not only:
            raise Unextractable("unreadable", "none of the declared selectors names anything on the page")
        return build(body, only=only, without=without), Counter()
    top = build(body, without=without)
    if whole:
        return top, Counter()
    ignored = prune(top)
    root = content_root(top)
    if surroundings := drop_surroundings(root):
        ignored["surroundings"] += surroundings
    return root, ignored


def _title(parser: LexborHTMLParser) -> str | None:
    for query, attribute in (("title", None), ("meta[property='og:title']", "content"), ("h1", None)):
        node = parser.css_first(query)
        if node is not None:
            text = reading((node.text() if attribute is None else node.attributes.get(attribute)) or "")
            if text:
                return text
    return None


def _declared_language(parser: LexborHTMLParser) -> str | None:
    node = parser.css_first("html")
    value = "" if node is None else (node.attributes.get("lang") or node.attributes.get("xml:lang") or "")
    primary = value.strip().replace("_", "-").split("-")[0].lower()
    return primary if primary.isalpha() and 2 <= len(primary) <= 3 else None


def _base(parser: LexborHTMLParser, url: str | None) -> str | None:
    """What relative links are resolved against; a file without a known URL may name its own."""
    address = (
        url
        or _attribute(parser, "link[rel='canonical']", "href")
        or _attribute(parser, "meta[property='og:url']", "content")
    )
    if address is not None and not address.startswith(("http://", "https://")):
        address = None
    return address


def _attribute(parser: LexborHTMLParser, query: str, name: str) -> str | None:
    node = parser.css_first(query)
    return None if node is None else node.attributes.get(name)
