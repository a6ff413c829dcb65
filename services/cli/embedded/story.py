"""What the supervisor tells of the services' log lines: one readable line for each thing a person would want to see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """A line to show: a word that leads it, the text, and a rich style."""

    word: str
    text: str
    style: str = ""


_MOST_CHARACTERS = 500

_SEVERITY_STYLES = {"high": "bold red", "medium": "yellow", "low": "cyan", "editorial": "dim"}


def story(record: Record) -> Story | None:
    """The line for a log record, or None where it is no news. Warnings and errors always are."""
    tell = _TELLERS.get(str(record.get("event")))
    told = tell(record) if tell else _alarm(record)
    return replace(told, text=plain(told.text)) if told else None


def _alarm(record: Record) -> Story | None:
    level = record.get("level")
    if level not in {"warning", "error", "critical"}:
        return None
    detail = record.get("error") or record.get("detail") or ""
    return Story(str(level), f"{record.get('process', '?')}: {record.get('event')} {detail}", "red")


def plain(text: str) -> str:
    """At most 500 characters on one line, and nothing for a terminal to obey: sites and receivers wrote part of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 1]}…"


def _document(record: Record) -> str:
    return f"{record.get('platform')} · {record.get('document')}"


def _check_failed(record: Record) -> Story:
    return Story("failed", f"{_document(record)}: {record.get('failure')}: {record.get('detail')}", "red")


def _candidate(record: Record) -> Story:
    return Story(
        "candidate", f"{_document(record)}: a text seen once; told to nobody until a second look confirms it", "dim"
    )


def _version(record: Record) -> Story:
    return Story(
        "version",
        f"{_document(record)}: version {record.get('sequence')} confirmed, {record.get('words')} words",
        "green",
    )


def _flap(record: Record) -> Story:
    return Story("flap", f"{_document(record)}: the candidate was gone at the second look; nobody is told", "dim")


def _unusable(record: Record) -> Story:
    return Story(
        "unusable", f"{_document(record)}: {record.get('reason')}: {record.get('why')}; kept as evidence", "dim"
    )


def _change(record: Record) -> Story:
    severity = str(record.get("severity"))
    told = "" if record.get("alert") else " (kept, told to nobody)"
    style = _SEVERITY_STYLES.get(severity, "")
    return Story(
        "CHANGE", f"{_document(record)} [{severity}, {record.get('direction')}] {record.get('headline')}{told}", style
    )


def _condition_began(record: Record) -> Story:
    return Story("condition", f"{_document(record)} is {record.get('kind')}: {record.get('detail')}", "red")


def _condition_ended(record: Record) -> Story:
    return Story("condition", f"{_document(record)} is no longer {record.get('kind')}", "green")


def _sent(record: Record) -> Story:
    return Story("sent", f"{record.get('channel')} to {record.get('endpoint_id')}", "green")


def _not_sent(record: Record) -> Story:
    why = record.get("error") or record.get("reason") or record.get("outcome")
    return Story("not sent", f"{record.get('channel')} to {record.get('endpoint_id')}: {why}", "red")


def _received(record: Record) -> Story:
    seal = "signature verified" if record.get("verified") else "SIGNATURE REFUSED"
    return Story("received", f"{record.get('type')} ({seal}): {record.get('headline') or ''}", "bold green")


_TELLERS: dict[str, Callable[[Record], Story]] = {
    "check.failed": _check_failed,
    "candidate.seen": _candidate,
    "version.confirmed": _version,
    "flap.recorded": _flap,
    "capture.unusable": _unusable,
    "change.detected": _change,
    "condition.began": _condition_began,
    "condition.ended": _condition_ended,
    "delivery.delivered": _sent,
    "delivery.failed": _not_sent,
    "delivery.dead": _not_sent,
    "delivery.ambiguous": _not_sent,
    "receiver.received": _received,
}
