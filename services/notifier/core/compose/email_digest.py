"""What an email of a digest says: changes by platform, the gravest platform and change first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.notifier.core.compose import wording
from services.notifier.core.compose.view import Clause, clauses, unshown, wrong_link
from shared.domain.notices import NoticeKind
from shared.domain.subscriptions import SEVERITIES, Cadence

LINES_SHOWN = 30
"""Changes that one email shows."""

DETAILED = 10
"""Of changes told together within minutes, how many are shown with their clauses."""

_TITLES = {"daily": "Daily digest", "weekly": "Weekly digest", "same-day": "Today"}
_PREFIXES = {NoticeKind.CHANGE_CORRECTED: "Corrected: ", NoticeKind.CHANGE_RETRACTED: "Retracted: "}


@dataclass(frozen=True, slots=True)
class Line:
    """One change. `marked` is severity and direction in words; a digest of a period shows no clauses."""

    id: str
    document: str
    url: str
    headline: str
    marked: str
    found: str
    clauses: tuple[Clause, ...] = ()
    more: int = 0
    """Provisions of it that changed too."""
    wrong: str | None = None
    """Where its reader may say that it is wrong."""


@dataclass(frozen=True, slots=True)
class Section:
    """The changes of one platform."""

    platform: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as its reader meets it. `more` counts the changes and conditions that are not shown."""

    id: str
    subject: str
    title: str
    summary: str
    sections: tuple[Section, ...]
    conditions: tuple[str, ...]
    more: int
    over_quota: int
    link: str | None


def digest(data: Mapping[str, Any]) -> Digest:
    """The view of a digest's data. KeyError, TypeError or ValueError for one that lacks something.

    `reports`, where the data have them, are change reports by change id: the first changes show their clauses.
    """
    about, counts, omitted = data["digest"], data["counts"], data["omitted"]
    changes = data["changes"][:LINES_SHOWN]
    total, hidden = sum(counts.values()), len(data["changes"]) - len(changes)
    title, summary = _title(about, changes), _summary(counts, total, data["conditions"], omitted["conditions"])
    return Digest(
        id=about["id"],
        subject=wording.one_line(_subject(about, counts, total, changes, title, summary), 160),
        title=title,
        summary=summary,
        sections=_sections(changes, data.get("reports", {})),
        conditions=tuple(_condition(state) for state in data["conditions"]),
        more=hidden + omitted["changes"] + omitted["conditions"],
        over_quota=about["over_quota"],
        link=about.get("link"),
    )


def _subject(
    about: Mapping[str, Any],
    counts: Mapping[str, int],
    total: int,
    changes: Sequence[Mapping[str, Any]],
    title: str,
    summary: str,
) -> str:
    """`[3 CHANGES · HIGH] Acme: Terms of Service, Privacy Policy` for changes of a few minutes."""
    if about["cadence"] != Cadence.IMMEDIATE:
        return f"[{_tag(counts)}] {title}: {summary}"
    documents = dict.fromkeys(change["document"]["type"] for change in changes)
    named = ", ".join(wording.one_line(document, 80) for document in documents)
    return f"[{total} CHANGES · {_tag(counts)}] {_platform(changes)}: {named}"


def _platform(changes: Sequence[Mapping[str, Any]]) -> str:
    return wording.one_line(changes[0]["platform"]["name"], 80)


def _title(about: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> str:
    if about["cadence"] == Cadence.IMMEDIATE:
        return f"More changes of {_platform(changes)}"
    if about["cadence"] == "same-day" and changes:
        named = f"{changes[0]['platform']['name']} {changes[0]['document']['type']}"
        return wording.one_line(f"{_TITLES['same-day']}, {named}")
    ended = datetime.fromisoformat(about["period"]["end"]).date()
    if about["cadence"] != "same-day":
        ended = datetime.fromisoformat(about["period"]["name"]).date()
    return f"{_TITLES[about['cadence']]} of {wording.day(ended)}"


def _summary(counts: Mapping[str, int], total: int, conditions: Sequence[Any], more_conditions: int) -> str:
    said = [f"{counts[severity]} {severity}" for severity in reversed(SEVERITIES) if counts.get(severity)]
    states = len(conditions) + more_conditions
    parts = []
    if total:
        parts.append(f"{total} {'change' if total == 1 else 'changes'} ({', '.join(said)})")
    if states:
        parts.append(f"{states} {'document' if states == 1 else 'documents'} in trouble or recovered")
    return ", ".join(parts)


def _tag(counts: Mapping[str, int]) -> str:
    gravest = next((severity for severity in reversed(SEVERITIES) if counts.get(severity)), "digest")
    return gravest.upper()


def _sections(changes: Sequence[Mapping[str, Any]], reports: Mapping[str, Mapping[str, Any]]) -> tuple[Section, ...]:
    """Changes come the gravest first, so platforms are in the order in which they are first met."""
    by_platform: dict[str, list[Line]] = {}
    for place, change in enumerate(changes):
        report = reports.get(change["id"]) if place < DETAILED else None
        by_platform.setdefault(wording.one_line(change["platform"]["name"], 80), []).append(_line(change, report))
    return tuple(Section(platform, tuple(lines)) for platform, lines in by_platform.items())


def _line(change: Mapping[str, Any], report: Mapping[str, Any] | None) -> Line:
    direction = wording.DIRECTIONS.get(change["direction"], change["direction"])
    return Line(
        id=change["id"],
        document=wording.one_line(change["document"]["type"], 80),
        url=wording.one_line(change["document"]["url"], 2000),
        headline=_PREFIXES.get(NoticeKind(change["type"]), "") + wording.one_line(change["headline"], 300),
        marked=f"{change['severity'].capitalize()} severity, {direction}",
        found=wording.moment(change["detected_at"]) or "",
        clauses=clauses(report) if report else (),
        more=unshown(report) if report else 0,
        wrong=wrong_link(report["links"]) if report else None,
    )


def _condition(state: Mapping[str, Any]) -> str:
    platform, document = (
        wording.one_line(state["platform"]["name"], 80),
        wording.one_line(state["document"]["type"], 80),
    )
    return wording.condition_sentence(state["condition"]["kind"], state["condition"]["phase"], platform, document)
