"""What an alert says, taken from a change report in the order it is read; templates only lay it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.notifier.core.compose import wording
from shared.domain.reasons import in_words
from shared.domain.subscriptions import SEVERITIES

CLAUSES_SHOWN = 3
_CONTEXT = 240
"""Characters of unchanged text kept on either side of an edit."""
_EDIT = 1_200
"""Characters of one removed or added run that are shown."""

_DATES = (("effective", "Effective"), ("objection", "Object by"), ("stated_updated", "Date on the document"))


@dataclass(frozen=True, slots=True)
class DateLine:
    """A date that the document states, with its words. `left` counts from the day of the alert."""

    label: str
    day: str
    left: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One changed provision. A side is runs of (whether edited, text), and empty where there is none."""

    op: str
    path: str
    sentence: str | None
    before: tuple[tuple[bool, str], ...]
    after: tuple[tuple[bool, str], ...]

    @property
    def before_text(self) -> str:
        return "".join(text for _, text in self.before)

    @property
    def after_text(self) -> str:
        return "".join(text for _, text in self.after)


@dataclass(frozen=True, slots=True)
class Alert:
    """A change as its reader meets it."""

    id: str | None
    platform: str
    document: str
    url: str
    severity: str
    direction: str
    confidence: int | None
    headline: str
    dates: tuple[DateLine, ...]
    clauses: tuple[Clause, ...]
    more: int
    affected: tuple[str, ...]
    announced: str
    notes: tuple[str, ...]
    reasons: tuple[str, ...]
    first_seen: str | None
    last_seen_old: str | None
    sha256_old: str | None
    sha256_new: str | None
    links: Mapping[str, str]
    wrong: str | None
    """Where its reader may say that it is wrong."""
    disclaimer: str
    effective: date | None


def alert(report: Mapping[str, Any], at: datetime) -> Alert:
    """The view of a change report, as of the day it is told. KeyError, TypeError or ValueError for a broken report."""
    dates, evidence = report["dates"], report["evidence"]
    confidence = report["confidence"]
    return Alert(
        id=report["id"],
        platform=wording.one_line(report["platform"]["name"], 80),
        document=wording.one_line(report["document"]["type"], 80),
        url=wording.one_line(report["document"]["url"], 2000),
        severity=report["severity"],
        direction=wording.DIRECTIONS.get(report["direction"], report["direction"]),
        confidence=None if confidence is None else round(confidence * 100),
        headline=wording.one_line(report["headline"]["text"], 300),
        dates=tuple(_date_line(label, dates[name], at.date()) for name, label in _DATES if dates.get(name)),
        clauses=clauses(report),
        more=unshown(report),
        affected=tuple(wording.one_line(who.replace("-", " ")) for who in report["affected"]),
        announced=_announced(report["announced"]),
        notes=tuple(wording.one_line(note, 400) for note in report["notes"]),
        reasons=tuple(wording.one_line(in_words(reason)) for reason in report["reasons"]),
        first_seen=wording.moment(dates["first_seen_new"]),
        last_seen_old=wording.moment(dates["last_seen_old"]),
        sha256_old=evidence["old"].get("snapshot_sha256"),
        sha256_new=evidence["new"].get("snapshot_sha256"),
        links={name: link for name, link in report["links"].items() if link} if report["links"] else {},
        wrong=wrong_link(report["links"]),
        disclaimer=report["disclaimer"],
        effective=date.fromisoformat(dates["effective"]["value"]) if dates.get("effective") else None,
    )


def clauses(report: Mapping[str, Any]) -> tuple[Clause, ...]:
    """The gravest of a report's provisions, as many as are shown."""
    return tuple(_clause(provision) for provision in _gravest_first(report["provisions"])[:CLAUSES_SHOWN])


def unshown(report: Mapping[str, Any]) -> int:
    """How many changed provisions are not among the clauses shown."""
    omitted: int = report["omitted"]["provisions"]
    return max(0, len(report["provisions"]) - CLAUSES_SHOWN) + omitted


def subject_of(view: Alert) -> str:
    """`[HIGH · effective 24 Apr] GitHub Terms of Service: AI-training section added`."""
    effective = f" · effective {wording.short_day(view.effective)}" if view.effective else ""
    return wording.one_line(
        f"[{view.severity.upper()}{effective}] {view.platform} {view.document}: {view.headline}", 160
    )


def wrong_link(links: Mapping[str, str | None] | None) -> str | None:
    """Where the reader of a report with these links may say that it is wrong."""
    record = links.get("record") if links else None
    return f"{record}/wrong" if record else None


def _date_line(label: str, stated: Mapping[str, Any], today: date) -> DateLine:
    value = date.fromisoformat(stated["value"])
    left = None if label == "Date on the document" else wording.days_left(value, today)
    return DateLine(label, wording.day(value), left, wording.one_line(stated["quote"], 300))


def _announced(announced: bool | None) -> str:
    if announced is None:
        return "The document states no date, so whether this was announced is not known."
    if announced:
        return "Announced: the date on the document moved with the text."
    return "Silent: the text changed and the date on the document did not."


def _gravest_first(provisions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Only a few are shown, so those that matter most come first; the document's order decides among equals."""
    return sorted(provisions, key=lambda provision: SEVERITIES.index(provision["severity"]), reverse=True)


def _clause(provision: Mapping[str, Any]) -> Clause:
    sentence = provision["sentence"]
    path = " › ".join(provision["path"]) or provision["heading"] or "(no heading)"
    redline = provision["redline"]
    return Clause(
        op=provision["op"],
        path=wording.one_line(path),
        sentence=wording.one_line(sentence["text"], 400) if sentence else None,
        before=_side(redline, "-") if provision["before"] else (),
        after=_side(redline, "+") if provision["after"] else (),
    )


def _side(redline: Sequence[Sequence[str]], sign: str) -> tuple[tuple[bool, str], ...]:
    """That side's words in runs; long unchanged stretches are bridged by an ellipsis."""
    runs = [(kind == sign, wording.visible(text)) for kind, text in redline if kind in {"=", sign}]
    last = len(runs) - 1
    shown = []
    for index, (edited, text) in enumerate(runs):
        if edited:
            shown.append((True, text if len(text) <= _EDIT else text[:_EDIT] + " […]"))
        else:
            shown.append((False, _bridge(text, first=index == 0, last=index == last)))
    return tuple(shown)


def _bridge(text: str, *, first: bool, last: bool) -> str:
    if first and last:
        return text if len(text) <= _EDIT else text[:_EDIT] + " […]"
    head = "" if first else text[:_CONTEXT]
    tail = "" if last else text[-_CONTEXT:]
    if len(text) <= len(head) + len(tail) + len(" […] "):
        return text
    bridged = f"{head} […] {tail}"
    return bridged.lstrip() if first else bridged.rstrip() if last else bridged
