"""The report as styled lines; the command line turns styles into colours."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.differ.core.render.wording import OPS, category, counted, facts_about, place, shortened, title, verdict
from shared.domain.report import ProvisionChange, Report

Style = Literal["plain", "title", "label", "faint", "inserted", "deleted", "high", "medium", "low", "editorial"]
_STYLES: dict[str, Style] = {"=": "plain", "-": "deleted", "+": "inserted"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one style, without line breaks or control characters."""

    text: str
    style: Style = "plain"


Line = tuple[Piece, ...]


def to_terminal(report: Report) -> tuple[Line, ...]:
    """The report, a tuple of pieces for each line. Deleted and inserted words also carry [- -] and {+ +}."""
    return tuple(_lines(report))


def _lines(report: Report) -> Iterator[Line]:
    style: Style = report.severity or "plain"
    yield (Piece(_clean(title(report)), "title"),)
    yield (Piece(verdict(report), style), Piece(f"  {counted(report)}", "faint"))
    if report.headline:
        yield (Piece(_clean(report.headline.text)),)
    if report.unusable:
        yield (Piece(f"{report.unusable.side} side: ", "label"), Piece(_clean(report.unusable.why)))
    for label, value in facts_about(report):
        yield (Piece(f"{label}: ", "label"), Piece(_clean(value), "faint"))
    for note in (*report.notes, *report.limits):
        yield (Piece("Note: ", "label"), Piece(_clean(note)))
    for change in report.provisions:
        yield ()
        yield from _change(change)
    if report.omitted.provisions:
        yield (Piece(f"{report.omitted.provisions} more provision changes are not listed.", "faint"),)


def _change(change: ProvisionChange) -> Iterator[Line]:
    about = f"  {change.severity}, {change.direction}, {category(change) or 'no category'}"
    yield (Piece(f"{OPS[change.op]}: {_clean(place(change))}", "title"), Piece(about, change.severity))
    if change.sentence:
        yield (Piece(_clean(change.sentence.text)),)
    held: list[Piece] = []
    for mark, text in shortened(change):
        for number, line in enumerate(text.split("\n")):
            if number:
                yield (Piece("  "), *held)
                held = []
            if line:
                held.append(Piece(_wrapped(mark, _clean(line)), _STYLES[mark]))
    if held:
        yield (Piece("  "), *held)
    yield (Piece(f"  {', '.join(change.reasons)}", "faint"),)


def _wrapped(mark: str, text: str) -> str:
    return {"-": f"[-{text}-]", "+": f"{{+{text}+}}"}.get(mark, text)


def _clean(text: str) -> str:
    """Page text must not steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
