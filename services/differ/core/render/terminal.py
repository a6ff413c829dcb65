"""The report as styled lines; the command line turns styles into colours.

Nothing is said by colour alone: deleted words stand in [- -], inserted ones in {+ +}, severity and direction are words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from services.differ.core.render.wording import (
    DIRECTION_MARKS,
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
    shortened,
    title,
    verdict,
    weighed,
)
from shared.domain.report import ProvisionChange, Report

Style = Literal["plain", "title", "label", "faint", "inserted", "deleted", "high", "medium", "low", "editorial"]
_STYLES: dict[str, Style] = {"=": "plain", "-": "deleted", "+": "inserted"}
WIDTH = 80
NARROWEST = 30
LABEL = 9
"""Columns of the labels before facts, laws and reasons."""

_WORD = re.compile(r"\S+|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one style, without line breaks or control characters."""

    text: str
    style: Style = "plain"


Line = tuple[Piece, ...]


def to_terminal(report: Report, width: int = WIDTH) -> tuple[Line, ...]:
    """The report, a tuple of pieces for each line, none wider than `width` columns but for words that are."""
    return tuple(_lines(report, max(width, NARROWEST)))


def _lines(report: Report, width: int) -> Iterator[Line]:
    style: Style = report.severity or "plain"
    if report.headline:
        yield from _wrapped([Piece(report.headline.text, "title")], width)
    yield from _wrapped([Piece(verdict(report), style), Piece(_after(counted(report)), "faint")], width)
    if report.unusable:
        yield from _labelled("Why", f"{report.unusable.side} side: {report.unusable.why}", width)
    yield ()
    known = [(label, value) for label, value in (*dates(report), *facts_about(report))]
    known += [("Note", note) for note in (*report.notes, *report.limits)]
    yield from _table([("Document", title(report)), *known], width)
    for number, change in enumerate(weighed(report), start=1):
        yield ()
        yield from _change(number, change, width)
    yield from _editorial(editorial(report), width)
    yield from _end(report, width)


def _change(number: int, change: ProvisionChange, width: int) -> Iterator[Line]:
    lead = f"{number}. {OPS[change.op]} "
    path = _fitting(_clean(place(change)), width - len(lead) - 4)
    yield (
        Piece(lead, "label"),
        Piece(path, "title"),
        Piece(" " + "─" * (width - len(lead) - _columns(path) - 1), "faint"),
    )
    mark = f"{DIRECTION_MARKS[change.direction]} {change.severity.upper()}"
    about = f" · {change.direction} · {category(change) or 'no category'} · {round(100 * change.confidence)} % sure"
    yield from _wrapped([Piece(mark, change.severity), Piece(about, "faint")], width, "   ")
    if change.sentence:
        yield from _wrapped([Piece(change.sentence.text)], width, "   ")
    yield ()
    yield from _redline(change, width)
    yield ()
    for fact in change.facts[:_FACTS]:
        yield from _labelled("fact", fact_line(fact), width)
    if len(change.facts) > _FACTS:
        yield from _labelled("fact", f"and {len(change.facts) - _FACTS} more", width)
    for line in regulations(change):
        yield from _labelled("law", line, width)
    yield from _labelled("why", ", ".join(change.reasons), width)


_FACTS = 8
"""Facts listed of one provision; the redline shows the rest."""


def _redline(change: ProvisionChange, width: int) -> Iterator[Line]:
    """The words with their marks, each line of the text wrapped on its own."""
    held: list[Piece] = []
    for mark, text in shortened(change):
        for number, line in enumerate(text.split("\n")):
            if number:
                yield from _wrapped(held, width, "   │ ")
                held = []
            if line:
                held.append(Piece(_marked(mark, line), _STYLES[mark]))
    yield from _wrapped(held, width, "   │ ")


def _editorial(changes: tuple[ProvisionChange, ...], width: int) -> Iterator[Line]:
    if not changes:
        return
    yield ()
    yield Piece("Without change of meaning", "label"), Piece(f" ({len(changes)})", "faint")
    for change in changes:
        rules = ", ".join(reason.removeprefix("editorial.") for reason in change.reasons)
        yield from _wrapped([Piece(f"{OPS[change.op]} {place(change)}"), Piece(f" ({rules})", "faint")], width, "   ")


def _end(report: Report, width: int) -> Iterator[Line]:
    known = [("Ignored", ignored(report)), ("Omitted", omitted(report))]
    known += [(label, value) for label, value in hashes(report)]
    yield ()
    yield from _table([(label, value) for label, value in known if value], width)
    if report.provisions:
        yield from _wrapped([Piece("[-deleted-] {+inserted+}. " + report.disclaimer, "faint")], width)


def _table(rows: Iterable[tuple[str, str]], width: int) -> Iterator[Line]:
    listed = list(rows)
    column = max((len(label) for label, _ in listed), default=0) + 2
    for label, value in listed:
        yield from _wrapped([Piece(value, "faint")], width, " " * column, Piece(label.ljust(column), "label"))


def _labelled(label: str, value: str, width: int) -> Iterator[Line]:
    return _wrapped([Piece(value, "faint")], width, " " * LABEL, Piece(f"   {label}".ljust(LABEL), "label"))


def _wrapped(pieces: Iterable[Piece], width: int, indent: str = "", first: Piece | None = None) -> Iterator[Line]:
    """Pieces broken at white space into lines of at most `width` columns; `first` stands in place of the indent."""
    lead = first or Piece(indent)
    line: list[Piece] = [lead] if lead.text else []
    used = start = _columns(indent)
    for piece in pieces:
        for word in _WORD.findall(_clean(piece.text)):
            if used > start and used + _columns(word.rstrip()) > width:
                yield tuple(_joined(_stripped(line)))
                line, used = [Piece(indent)] if indent else [], start
            if used == start and word.isspace():
                continue
            line.append(Piece(word, piece.style))
            used += _columns(word)
    if used > start:
        yield tuple(_joined(line))


def _stripped(line: list[Piece]) -> list[Piece]:
    """Without the space at which the line was broken."""
    return line[:-1] if len(line) > 1 and line[-1].text.isspace() else line


def _joined(line: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one style as one piece."""
    held: Piece | None = None
    for piece in line:
        if held and held.style == piece.style:
            held = Piece(held.text + piece.text, held.style)
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held


def _marked(mark: str, text: str) -> str:
    return {"-": f"[-{text}-]", "+": f"{{+{text}+}}"}.get(mark, text)


def _after(words: str) -> str:
    return f" ({words})" if words else ""


def _fitting(text: str, width: int) -> str:
    """A path cut at its front where it is too wide: its end says most."""
    while _columns(text) > width and " › " in text.removeprefix("… › "):
        text = "… › " + text.removeprefix("… › ").split(" › ", 1)[1]
    return text if _columns(text) <= width else text[: max(0, width - 1)] + "…"


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes (East Asian wide letters take two)."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _clean(text: str) -> str:
    """Page text must not steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
