"""The report as a PDF to file and to print: the same bytes for the same report.

It is set in the fonts that every PDF reader has (ISO 32000-1, 9.6.2.2), which know the letters of Western European
languages alone; others are shown by their nearest letter, or as `?`, and it says so. The page has them all.
"""

import unicodedata
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from services.differ.core.render.wording import (
    DIRECTIONS,
    OPS,
    category,
    counted,
    dates,
    editorial,
    fact_line,
    facts_about,
    hashes,
    ignored,
    omitted,
    place,
    regulations,
    title,
    verdict,
    weighed,
)
from shared.domain.report import Mark, ProvisionChange, Report

MOST_PAGES = 40
"""After so many no further provision is begun (some two seconds of a processor); the rest is in redline.html."""
MOST_CHARACTERS = 20_000
"""Of one provision's redline: some six pages."""

_STYLES: dict[Mark, tuple[str, str, str]] = {
    "=": ("", "", ""),
    "-": ("S", "[deleted: ", "]"),
    "+": ("U", "[inserted: ", "]"),
}
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("–—•", "-"),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”", '"'),
        **{"…": "...", "€": "EUR", "›": ">", "→": "->"},
    }
)
_MOST_OF_A_LINE = 1_500
"""Of a sentence or a quote: a page without spaces is one word."""
_LAST = 0xFF
_WHOLE = "redline.html and report.json have all of it."
_LINE = 5.0
"""Millimetres from one line of text to the next."""


def to_pdf(report: Report, made_at: datetime) -> bytes:
    """The whole document; `made_at` is what it says of when it was made."""
    pdf = _Sheets(title(report), made_at)
    pdf.heading(report.headline.text if report.headline else verdict(report), 15)
    counts = f" ({counted(report)})" if counted(report) else ""
    pdf.paragraph(f"{title(report)}. {verdict(report)}{counts}", style="B")
    if report.unusable:
        pdf.paragraph(f"The {report.unusable.side} side: {report.unusable.why} ({report.unusable.reason}).")
    for name, value in (("Id", report.id or ""), *dates(report), *facts_about(report)):
        pdf.pair(name, value)
    for remark in (*report.notes, *report.limits):
        pdf.paragraph(f"- {remark}")
    changes = (*weighed(report), *editorial(report))
    for number, change in enumerate(changes):
        if pdf.page_no() > MOST_PAGES:
            pdf.paragraph(f"Not in this file: {len(changes) - number} more. {_WHOLE}", style="B")
            break
        _change(pdf, change)
    _end(pdf, report)
    return bytes(pdf.output())


def _change(pdf: "_Sheets", change: ProvisionChange) -> None:
    pdf.heading(place(change), 11)
    kind = category(change)
    about = [change.severity, DIRECTIONS[change.direction], OPS[change.op], *([kind] if kind else [])]
    pdf.paragraph(", ".join(about), style="I")
    if change.sentence:
        pdf.paragraph(change.sentence.text)
    _redline(pdf, change)
    for fact in change.facts:
        pdf.paragraph(f"- {fact_line(fact)}")
    for line in regulations(change):
        pdf.paragraph(f"- {line}")
    pdf.paragraph(f"Why this severity: {', '.join(change.reasons)}", size=8)


def _redline(pdf: "_Sheets", change: ProvisionChange) -> None:
    room = MOST_CHARACTERS
    for mark, text in change.redline:
        if room > 0:
            pdf.marked(mark, text[:room])
        room -= len(text)
    pdf.ln(_LINE)
    if room < 0:
        pdf.paragraph(f"Cut here: {-room:,} characters more. {_WHOLE}", style="B")


def _end(pdf: "_Sheets", report: Report) -> None:
    if said := omitted(report):
        pdf.paragraph(said)
    if rows := hashes(report):
        pdf.heading("Evidence (SHA-256)", 11)
        for name, value in rows:
            pdf.pair(name, value)
    if left_out := ignored(report):
        pdf.paragraph(f"Left out of the comparison as no part of the document: {left_out}.", size=8)
    if pdf.is_lossy:
        pdf.paragraph(f"Letters that this file's fonts lack are shown by the nearest, or as ?. {_WHOLE}", size=8)
    pdf.paragraph(report.disclaimer, size=8)


class _Sheets(FPDF):
    """A4, numbered, with what it is about at the foot of each page."""

    def __init__(self, about: str, made_at: datetime) -> None:
        super().__init__()
        self.is_lossy = False
        """Whether a letter was shown by another."""
        self._about = self._known(about)
        self.set_title(self._about)
        self.set_lang("en")
        self.set_creation_date(made_at)
        self.set_auto_page_break(True, 18)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Helvetica", "", 8)
        self.cell(0, _LINE, f"Clausewatch - {self._about[:90]} - page {self.page_no()}")

    def heading(self, text: str, size: int) -> None:
        self.ln(2)
        self.paragraph(text, style="B", size=size)

    def paragraph(self, text: str, *, style: str = "", size: int = 10) -> None:
        self.set_font("Helvetica", style, size)
        text = text if len(text) <= _MOST_OF_A_LINE else f"{text[:_MOST_OF_A_LINE]} [cut]"
        self.multi_cell(0, size / 2, self._known(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def pair(self, name: str, value: str) -> None:
        if value:
            self.paragraph(f"{name}: {value}")

    def marked(self, mark: Mark, text: str) -> None:
        """A run of the redline: what was deleted and inserted is told in words and by a line, not by colour."""
        style, before, after = _STYLES[mark]
        self.set_font("Helvetica", style, 10)
        self.write(_LINE, self._known(f"{before}{text}{after}"))

    def _known(self, text: str) -> str:
        """The text in signs that the fonts have (Latin-1)."""
        text = text.translate(_SIGNS)
        if any(ord(sign) > _LAST for sign in text):
            self.is_lossy = True
            text = "".join(sign if ord(sign) <= _LAST else _nearest(sign) for sign in text)
        return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def _nearest(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", sign).encode("latin-1", "ignore").decode("latin-1")
    return plain or "?"
