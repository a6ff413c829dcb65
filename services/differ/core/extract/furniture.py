"""Lines that a page shows about itself, known by their whole text: counters, tools, bylines, stamps.

A line goes only where all of it is of such a kind, so that no clause is lost to a word it shares with one.
"""

import re
from collections.abc import Sequence

from services.differ.core.blocks import Block, BlockKind

_MOST_WORDS = 15
_TOOL = (
    r"(?:(?:back\s+|scroll\s+)?to\s+top|print(?:\s+(?:this\s+)?page)?|(?:download|save)(?:\s+(?:as\s+)?(?:a\s+)?pdf|\s+this\s+page)?"
    r"|pdf(?:\s+version)?|share(?:\s+this(?:\s+(?:page|article))?)?|copy\s+(?:link|url)|email\s+this\s+page|(?:previous|next)(?:\s+page)?"
    r"|see\s+what(?:'s|\s+has)?\s+changed|view\s+(?:the\s+)?(?:summary\s+of\s+)?changes|(?:learn|read|show|see)\s+more|show\s+less"
    r"|(?:expand|collapse)\s+all|sign\s+(?:in|up)|log\s*in|(?:filter|sort)\s+by|get\s+started|contact\s+sales|(?:download\s+on\s+the\s+)?app\s+store"
    r"|(?:get\s+it\s+on\s+)?google\s+play)"
)
_YEARS = r"\d{4}(?:\s*[-–]\s*(?:\d{4}|present))?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "pager",
        _pattern(
            r"(?:(?:showing|results?|page|items?)\s+)?\d+(?:\s*[-–]\s*\d+)?\s+of\s+\d+"
            r"(?:\s+(?:results?|items?|entries|pages?|rows?))?"
        ),
    ),
    ("page-tool", _pattern(rf"{_TOOL}(?:[\s|·•/,]+{_TOOL})*|(?:previous|prev|next)\s*[:←→»«].{{1,60}}")),
    (
        "counter",
        _pattern(
            r"[\d.,]+[km]?\s+(?:views?|likes?|comments?|shares?|reads?|downloads?|reactions?|votes?|followers?)"
            r"|viewed\s+[\d.,]+\s+times?|[\d,]+\s+(?:out\s+of|of)\s+[\d,]+\s+(?:people\s+)?found\s+this\s+(?:\w+\s+)?helpful"
        ),
    ),
    (
        "copyright-line",
        _pattern(rf"(?:.{{0,40}}\s)?(?:©|\(c\)|copyright(?:\s+(?:©|\(c\)))?)\s*{_YEARS}(?:[\s,.].{{0,80}})?"),
    ),
    ("loading", _pattern(r"loading(?:\s+\w+)?\s*(?:\.{3}|…)?|please\s+wait\s*(?:\.{3}|…)?")),
    ("byline", re.compile(r"(?:[Ww]ritten|[Aa]uthored|[Pp]osted|[Ee]dited) by [A-Z].{1,60}")),
    (
        "machine-id",
        _pattern(r"(?:request|session|trace|ray|page|correlation|incident|document|build)\s+id\s*[:#]?\s*[0-9a-f][0-9a-f-]{5,}"),
    ),
    ("page-stamp", _pattern(r"(?:page\s+)?(?:generated|rendered|served)\s+(?:in|on|at)\s+.{1,40}")),
    (
        "promotion",
        _pattern(
            r"(?:sign\s+up|subscribe)\s+(?:for|to)\s+(?:our|the)\s+.{0,30}newsletter|(?:scan|download|get)\b.{0,40}\bapp"
            r"|(?:hi|hello|hey)\b.{0,40}\b(?:help|questions?|chat)\b.{0,20}"
        ),
    ),
)  # fmt: skip
_PATH = re.compile(r"[^/›>»|]{2,30}(?:\s+[/›>»]\s+[^/›>»|]{2,40}){2,6}")
_FIRST_LINES = 4


def furniture(blocks: Sequence[Block]) -> dict[int, str]:
    """The places of such lines among the blocks of one part, and the kind of each."""
    found = {place: kind for place, block in enumerate(blocks) if (kind := _kind(block)) is not None}
    for place, block in enumerate(blocks[:_FIRST_LINES]):
        if block.kind is not BlockKind.ROW and _PATH.fullmatch(block.text):
            found[place] = "breadcrumb"
    return found


def _kind(block: Block) -> str | None:
    text = block.canonical
    if block.kind is BlockKind.ROW or block.number or len(text) > 150 or text.count(" ") >= _MOST_WORDS:
        return None
    text = text.rstrip(".:!?")
    return next((name for name, pattern in KINDS if pattern.fullmatch(text)), None)
