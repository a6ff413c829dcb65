"""PDF to blocks: lines by position, headings by font size, running heads and page numbers left out."""

import ctypes
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from services.differ.core.extract.blockwriter import BlockWriter
from services.differ.core.extract.content import Unextractable
from services.differ.core.extract.inline import InlineText
from services.differ.core.extract.limits import MAX_PDF_PAGES, MAX_TEXT_CHARS
from services.differ.core.extract.links import LinkResolver
from services.differ.core.extract.normalise import reading
from services.differ.core.extract.numbering import split_bullet, split_number
from services.differ.core.extract.pagetext import PageText

_EDGE = 0.12
"""Share of a page's height at top and bottom where running heads and page numbers stand."""
_HEADING_SIZE = 1.12
_BOLD_WEIGHT = 600
_PARAGRAPH_GAP = 1.55
_MIN_REPEATS = 3
_MAX_HEADING_WORDS = 20
_PAGE_NUMBER = re.compile(
    r"[-–|\s]*(?:(?:page|seite|p\.|pág\.|pagina)\s*)?\d{1,4}(?:\s*(?:/|of|von|de|sur|di)\s*\d{1,4})?[-–|\s]*",
    re.IGNORECASE,
)
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})
_DIVIDED = re.compile(r"[\ufffe\x02](?=[^\W\d_])")
"""How PDFium marks a hyphen at the end of a line, having put the two lines together."""


@dataclass(frozen=True, slots=True)
class _PdfLine:
    """One printed line. `size` is in points; `top` and `bottom` are shares of the page's height from its top."""

    page: int
    text: str
    size: float
    bold: bool
    top: float
    bottom: float
    points: float


def read_pdf(body: bytes, part: int) -> PageText:
    """Read a PDF. Raises Unextractable where it is encrypted, damaged, too long, or holds pictures of text only."""
    document = _open(body)
    try:
        lines, pages = _lines(document)
        title = reading(str(document.get_metadata_value("Title") or "")) or None
    finally:
        document.close()
    if not lines:
        raise Unextractable("no-text", f"the PDF has {pages} pages but no text (scanned pictures?)")
    kept, ignored = _without_running_heads(lines, pages)
    writer = BlockWriter(part)
    _write(kept, writer)
    return PageText(writer.blocks, title, None, ignored)


def _open(body: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(body)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        why = (
            "the PDF asks for a password" if "password" in str(error).lower() else f"the PDF cannot be opened: {error}"
        )
        raise Unextractable("unreadable", why) from error
    if pages > MAX_PDF_PAGES:
        document.close()
        raise Unextractable("too-large", f"the PDF has {pages:,} pages, more than {MAX_PDF_PAGES:,}")
    return document


def _lines(document: pypdfium2.PdfDocument) -> tuple[list[_PdfLine], int]:
    lines: list[_PdfLine] = []
    pages = len(document)
    total = 0
    for number in range(pages):
        try:
            page = document[number]
            text = page.get_textpage()
        except pypdfium2.PdfiumError as error:
            raise Unextractable("unreadable", f"page {number + 1} of the PDF is damaged: {error}") from error
        height = page.get_height() or 1.0
        try:
            found = list(_page_lines(text, number, height))
        finally:
            text.close()
            page.close()
        lines += found
        total += sum(len(line.text) for line in found)
        if total > MAX_TEXT_CHARS:
            raise Unextractable("too-large", f"the PDF holds more than {MAX_TEXT_CHARS:,} characters")
    return lines, pages


def _page_lines(page: pypdfium2.PdfTextPage, number: int, height: float) -> Iterator[_PdfLine]:
    """The lines of a page in the order of its content, with the font of each line's middle character."""
    left, bottom, right, top = (ctypes.c_double() for _ in range(4))
    index = 0
    for raw in page.get_text_range().splitlines(keepends=True):
        text = _DIVIDED.sub(_rejoined, raw.translate(_LIGATURES)).strip()
        start, index = index, index + len(raw)
        if not text:
            continue
        middle = start + len(raw.rstrip()) // 2
        pdfium.FPDFText_GetCharBox(page, middle, left, right, bottom, top)
        size = float(pdfium.FPDFText_GetFontSize(page, middle)) or 1.0
        bold = int(pdfium.FPDFText_GetFontWeight(page, middle)) >= _BOLD_WEIGHT
        yield _PdfLine(number, text, size, bold, 1 - top.value / height, 1 - bottom.value / height, height)


def _rejoined(match: re.Match[str]) -> str:
    return "" if match.string[match.end()].islower() else "-"


def _without_running_heads(lines: list[_PdfLine], pages: int) -> tuple[list[_PdfLine], Counter[str]]:
    """Leave out what repeats at the edge of several pages, and page numbers."""
    repeats = Counter(key for key in {(line.page, _edge_key(line)) for line in lines if _at_edge(line)})
    seen = Counter(text for _, text in repeats)
    enough = max(_MIN_REPEATS, pages // 3)
    kept: list[_PdfLine] = []
    ignored: Counter[str] = Counter()
    for line in lines:
        if _at_edge(line) and _PAGE_NUMBER.fullmatch(line.text):
            ignored["page-number"] += 1
        elif _at_edge(line) and seen[_edge_key(line)] >= enough:
            ignored["running-head"] += 1
        else:
            kept.append(line)
    return kept, ignored


def _at_edge(line: _PdfLine) -> bool:
    return line.bottom < _EDGE or line.top > 1 - _EDGE


def _edge_key(line: _PdfLine) -> str:
    """The text without its digits, since a running head may carry the page number."""
    return re.sub(r"\d+", "#", line.text.casefold())


def _write(lines: list[_PdfLine], writer: BlockWriter) -> None:
    body_size = statistics.median(line.size for line in lines for _ in range(max(len(line.text) // 10, 1)))
    sizes = sorted({round(line.size, 1) for line in lines if line.size > _HEADING_SIZE * body_size}, reverse=True)
    paragraph: list[_PdfLine] = []
    resolver = LinkResolver(None)
    for line in lines:
        if paragraph and _begins(line, paragraph[-1], body_size):
            _flush(paragraph, writer, resolver, sizes)
            paragraph = []
        paragraph.append(line)
    _flush(paragraph, writer, resolver, sizes)


def _begins(line: _PdfLine, before: _PdfLine, body_size: float) -> bool:
    """Whether a line begins a block: another font, a clause number or bullet, or a gap above it."""
    if abs(line.size - before.size) > 0.5 or line.bold != before.bold:
        return True
    if split_bullet(line.text)[0] or split_number(line.text)[0] is not None:
        return True
    if line.page != before.page:
        return before.text[-1] in ".:;!?" or line.size > _HEADING_SIZE * body_size
    return (line.top - before.top) * line.points > _PARAGRAPH_GAP * line.size


def _flush(paragraph: list[_PdfLine], writer: BlockWriter, resolver: LinkResolver, sizes: list[float]) -> None:
    collected = InlineText(resolver)
    collected.add(_joined([line.text for line in paragraph]), bold=all(line.bold for line in paragraph))
    line = collected.take()
    if line is None:
        return
    size = round(paragraph[0].size, 1)
    short = line.text.count(" ") < _MAX_HEADING_WORDS
    writer.write(line, heading=min(sizes.index(size) + 1, 6) if size in sizes and short else 0)


def _joined(lines: list[str]) -> str:
    """Lines of one paragraph; a word divided at the end of a line is put together again."""
    text = ""
    for line in lines:
        if text.endswith("-") and len(text) > 1 and text[-2].isalpha() and line[:1].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text
