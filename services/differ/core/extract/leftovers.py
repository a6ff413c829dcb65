"""Blocks that are no policy though they stand in its midst, told by their text and place."""

import re
from collections import Counter
from collections.abc import Sequence

from services.differ.core.blocks import Block, BlockKind
from services.differ.core.extract.furniture import furniture
from services.differ.core.extract.sharedblocks import ChromeSet, without_chrome

_READING_TIME = re.compile(
    r"(?:(?:reading\s+time|lesedauer|lesezeit|temps\s+de\s+lecture)\s*:?\s*)?~?\d+\s*[- ]?"
    r"(?:min(?:ute)?s?|minuten)\.?(?:\s+(?:read|de\s+lecture|lesezeit|lesedauer|lettura|lectura))?",
    re.IGNORECASE,
)
_CONTENTS_LABEL = re.compile(
    r"(?:table\s+of\s+)?contents?|(?:on|in)\s+this\s+(?:page|article|policy|document|section)|jump\s+to(?:\s+section)?|"
    r"inhalt(?:sverzeichnis)?|auf\s+dieser\s+seite|sommaire|table\s+des\s+matières|sur\s+cette\s+page|índice|indice|inhoud",
    re.IGNORECASE,
)
_RELATED_LABEL = re.compile(
    r"(?:related|recommended|similar|popular|more|further|other)\s+(?:articles?|posts?|topics?|content|reading|resources|questions|"
    r"links|pages|stories|documents?)|see\s+also|read\s+next|keep\s+reading|you\s+(?:may|might)\s+also\s+like|verwandte\s+(?:artikel|themen)|"
    r"ähnliche\s+(?:artikel|themen|beiträge)|articles?\s+(?:connexes|similaires|associés|liés)|artículos\s+relacionados",
    re.IGNORECASE,
)
_FEEDBACK = re.compile(
    r"(?:did\s+this\s+answer\s+your\s+question|was\s+this\s+(?:article|page|information)?\s*helpful|how\s+would\s+you\s+rate\s+this\b.*|"
    r"war\s+diese[rs]?\s+\w+\s+hilfreich|cet(?:te)?\s+\w+\s+vous\s+a-t-(?:il|elle)\s+été\s+utile)\s*\??",
    re.IGNORECASE,
)
_MIN_CONTENTS = 3
_MAX_CONTENTS_WORDS = 25


def drop_leftovers(blocks: Sequence[Block], chrome: ChromeSet, *, automatic: bool) -> tuple[list[Block], Counter[str]]:
    """The blocks of one part that are policy, and how many each rule left out.

    Without `automatic` (declared selectors) only the chrome set and reading times apply.
    """
    ignored: Counter[str] = Counter()
    plain = [block for block in blocks if not _READING_TIME.fullmatch(block.canonical)]
    ignored["reading-time"] += len(blocks) - len(plain)
    if automatic:
        for name, rule in (
            ("table-of-contents", _contents),
            ("related", _related),
            ("feedback", _feedback),
        ):
            out = rule(plain)
            ignored[name] += len(out)
            plain = [block for index, block in enumerate(plain) if index not in out]
        lines = furniture(plain)
        ignored.update(lines.values())
        plain = [block for index, block in enumerate(plain) if index not in lines]
    kept = without_chrome(plain, chrome)
    ignored["shared-block"] += len(plain) - len(kept)
    return kept, +ignored


def _contents(blocks: Sequence[Block]) -> set[int]:
    """Runs of three lines or more that only repeat headings which follow, with the label above them."""
    last_heading: dict[str, int] = {}
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.HEADING and (name := _bare(block)):
            last_heading[name] = index
    out: set[int] = set()
    run: list[int] = []
    for index in range(len(blocks) + 1):
        if index < len(blocks) and last_heading.get(_bare(blocks[index]), -1) > index:
            run.append(index)
            continue
        if len(run) >= _MIN_CONTENTS and all(last_heading[_bare(blocks[at])] > run[-1] for at in run):
            before = run[0] - 1
            out.update(run)
            if before >= 0 and _CONTENTS_LABEL.fullmatch(blocks[before].canonical.rstrip(":")):
                out.add(before)
        run = []
    return out


def _bare(block: Block) -> str:
    text = block.canonical
    return text.rstrip(".:").casefold() if text.count(" ") < _MAX_CONTENTS_WORDS else ""


def _related(blocks: Sequence[Block]) -> set[int]:
    """A label such as "Related articles" with the links under it, up to the next heading or text."""
    out: set[int] = set()
    for index, block in enumerate(blocks):
        if not _RELATED_LABEL.fullmatch(block.canonical.rstrip(":")):
            continue
        end = index + 1
        while end < len(blocks) and _is_link(blocks[end]):
            end += 1
        if end > index + 1 or end == len(blocks):
            out.update(range(index, end))
    return out


def _is_link(block: Block) -> bool:
    return sum(end - start for start, end in (link.span for link in block.links)) >= 0.8 * len(block.text)


def _feedback(blocks: Sequence[Block]) -> set[int]:
    return {index for index, block in enumerate(blocks) if _FEEDBACK.fullmatch(block.canonical)}
