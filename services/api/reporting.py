"""A change report in pages of bounded size, its provision changes worded for our templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from services.api.marking import MOST_BYTES, marked
from services.differ.core.render.wording import (
    DIRECTION_MARKS,
    DIRECTIONS,
    OPS,
    category,
    editorial,
    fact_words,
    place,
    regulations,
    weighed,
)
from shared.domain.report import Fact, ProvisionChange, Report

ROOM = 90_000
"""Bytes of provision changes on one page, as estimated by `_size`."""

MOST_FACTS = 25
"""Of one provision change, marked and listed; the report as JSON has all."""

SIDES = "sides"
"""The view in which old and new text stand side by side."""

_PLACE_LENGTH = 400
_ENTRY_BYTES, _FACT_BYTES, _EDIT_BYTES, _RULE_BYTES = 1_600, 900, 80, 400
"""What the markup of each takes at most, about, beside the texts themselves."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact by its number in the text, its kind, and its words on both sides; None where nothing stood."""

    number: int
    kind: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One provision change as a page shows it. Of `inline` and `before`/`after` there are those of the view."""

    change: ProvisionChange
    op: str
    place: str
    direction: str
    category: str
    sure: int
    facts: Sequence[FactLine]
    more_facts: int
    rules: Sequence[tuple[str, str]]
    inline: Markup | None
    before: Markup | None
    after: Markup | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a report's provision changes: number `page` of `pages`, from 1."""

    entries: Sequence[Entry]
    page: int
    pages: int
    total: int
    view: str

    @property
    def meaningful(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.change.severity != "editorial"]

    @property
    def slight(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.change.severity == "editorial"]


def sheet(report: Report, asked: Mapping[str, str]) -> Sheet:
    """The page that a query (`page`, `view`) asks for, the weightiest changes first; the nearest where there is none
    such."""
    ordered = (*weighed(report), *editorial(report))
    cut = _pages(ordered)
    page = min(max(_number(asked.get("page", "")), 1), len(cut))
    view = SIDES if asked.get("view") == SIDES else "inline"
    return Sheet([entry(change, view) for change in cut[page - 1]], page, len(cut), len(ordered), view)


def entry(change: ProvisionChange, view: str) -> Entry:
    """A provision change, worded; its redline in the view."""
    shown = change.facts[:MOST_FACTS]
    is_sides = view == SIDES
    return Entry(
        change,
        op=OPS[change.op],
        place=place(change)[:_PLACE_LENGTH],
        direction=f"{DIRECTION_MARKS[change.direction]} {DIRECTIONS[change.direction]}",
        category=category(change) or "no category",
        sure=round(100 * change.confidence),
        facts=[FactLine(number, *fact_words(fact)) for number, fact in enumerate(shown, start=1)],
        more_facts=len(change.facts) - len(shown),
        rules=[(one.id, line) for one, line in zip(change.regulations, regulations(change), strict=True)],
        inline=None if is_sides else marked(change, shown, "inline"),
        before=marked(change, shown, "before") if is_sides and change.before else None,
        after=marked(change, shown, "after") if is_sides and change.after else None,
    )


def _pages(changes: Sequence[ProvisionChange]) -> list[list[ProvisionChange]]:
    """The changes cut into pages by their estimated size, at least one page."""
    pages: list[list[ProvisionChange]] = [[]]
    room = ROOM
    for change in changes:
        size = _size(change)
        if size > room and pages[-1]:
            pages.append([])
            room = ROOM
        pages[-1].append(change)
        room -= size
    return pages


def _size(change: ProvisionChange) -> int:
    """About how many bytes it takes on a page, whichever the view; rather more than less."""
    sides = sum(min(len(escape(side.text).encode()), MOST_BYTES) for side in (change.before, change.after) if side)
    said = len(escape(place(change)[:_PLACE_LENGTH] + (change.sentence.text if change.sentence else "")).encode())
    facts = sum(map(_fact_size, change.facts[:MOST_FACTS]))
    edits = sum(mark != "=" for mark, _ in change.redline)
    return (
        _ENTRY_BYTES
        + sides
        + 3 * said
        + facts
        + min(_EDIT_BYTES * edits, MOST_BYTES)
        + _RULE_BYTES * len(change.regulations)
    )


def _fact_size(fact: Fact) -> int:
    _, before, after = fact_words(fact)
    return _FACT_BYTES + len(escape((before or "") + (after or "")).encode())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
