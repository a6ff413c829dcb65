"""Reads captured parts into ordered blocks: HTML, Markdown, plain text and PDF alike.

`extract` is pure: the same bytes, selectors and chrome set give the same text, which `fingerprint` names.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from services.differ.core.blocks import Block, Extraction
from services.differ.core.extract.content import PartContent, Unextractable, UnextractableReason
from services.differ.core.extract.dates import stated_dates
from services.differ.core.extract.language import detect_language
from services.differ.core.extract.leftovers import drop_leftovers
from services.differ.core.extract.limits import MAX_BLOCKS, MAX_BODY_BYTES, MAX_TEXT_CHARS
from services.differ.core.extract.markdown import read_markdown
from services.differ.core.extract.pagetext import PageText, read_html
from services.differ.core.extract.pdf import read_pdf
from services.differ.core.extract.plaintext import read_text
from services.differ.core.extract.sharedblocks import (
    NO_CHROME,
    ChromeSet,
    EdgeBlock,
    edge_blocks,
    learn_chrome,
)
from services.differ.core.extract.sniff import decode, detect_format
from shared.domain.documents import Selector

__all__ = [
    "EXTRACTOR_VERSION",
    "NO_CHROME",
    "ChromeSet",
    "EdgeBlock",
    "PartContent",
    "Unextractable",
    "UnextractableReason",
    "edge_blocks",
    "extract",
    "fingerprint",
    "learn_chrome",
]

EXTRACTOR_VERSION = "5"
"""Raised with every change of the rules that may change a text (guarantee 8)."""


def extract(parts: Sequence[PartContent], *, chrome: ChromeSet = NO_CHROME) -> Extraction:
    """Read the parts of a document in order.

    Raises Unextractable where a part's bytes hold no text that could be compared.
    """
    blocks: list[Block] = []
    ignored: Counter[str] = Counter()
    pages: list[PageText] = []
    for index, part in enumerate(parts):
        page = _read(part, index)
        kept, left_out = drop_leftovers(page.blocks, chrome, automatic=not part.select)
        blocks += kept
        ignored += page.ignored + left_out
        pages.append(page)
        if len(blocks) > MAX_BLOCKS:
            raise Unextractable("too-large", f"the text has more than {MAX_BLOCKS:,} paragraphs")
        if sum(len(block.text) for block in blocks) > MAX_TEXT_CHARS:
            raise Unextractable("too-large", f"the text is longer than {MAX_TEXT_CHARS:,} characters")
    return Extraction(
        blocks=tuple(blocks),
        title=next((page.title for page in pages if page.title), None),
        language=_language(blocks, pages),
        fingerprint=fingerprint(parts, chrome),
        dates=stated_dates(blocks),
        ignored=dict(ignored),
    )


def fingerprint(parts: Sequence[PartContent], chrome: ChromeSet = NO_CHROME) -> str:
    """What decides how bytes become text: rules' version, selectors of each part, chrome set. 16 hexadecimal digits."""
    declared = [[_plain(part.select), _plain(part.remove)] for part in parts]
    named = json.dumps([EXTRACTOR_VERSION, declared, chrome.version, sorted(chrome.hashes)], ensure_ascii=True)
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _plain(selectors: Sequence[Selector]) -> list[object]:
    return [selector if isinstance(selector, str) else selector.model_dump() for selector in selectors]


def _read(part: PartContent, index: int) -> PageText:
    if len(part.body) > MAX_BODY_BYTES:
        raise Unextractable("too-large", f"{len(part.body):,} bytes, more than {MAX_BODY_BYTES:,}")
    kind = detect_format(part)
    if kind == "pdf":
        return read_pdf(part.body, index)
    text = decode(part.body, part.charset, html=kind == "html")
    if kind == "html":
        return read_html(text, part, index)
    if len(text) > 2 * MAX_TEXT_CHARS:
        raise Unextractable("too-large", f"the text is longer than {2 * MAX_TEXT_CHARS:,} characters")
    if kind == "markdown":
        return read_markdown(text, part, index)
    return read_text(text, index)


def _language(blocks: Sequence[Block], pages: Sequence[PageText]) -> str | None:
    """As the words say; where they are too few, as the page declares."""
    detected = detect_language(block.text for block in blocks)
    return detected or next((page.language for page in pages if page.language), None)
