"""A watched document, and what was changed of it, as the terminal shows them."""

from dataclasses import asdict
from datetime import datetime

from services.cli.output import Cell, ago, duration, say, show_facts
from shared.db.amending import Changed
from shared.db.sources import WatchedDocument
from shared.domain.documents import Selector
from shared.usecases.watching import in_words

LONGEST_DETAIL = 60
_OPTIONS = {
    "type": "--type",
    "urls": "URLs",
    "select": "--select",
    "remove": "--remove",
    "javascript": "--javascript",
    "confirm_after_s": "--confirm-after",
    "check_every_s": "--check-every",
}


def option_of(setting: str) -> str:
    """The option that a setting is given by; that of one of several (`urls.0`) too."""
    return _OPTIONS[setting.partition(".")[0]]


def show_document(document: WatchedDocument, now: datetime) -> None:
    """Where it is read from, its schedule and its state, a line each."""
    rows: list[tuple[str, Cell]] = [
        ("id", document.id),
        ("platform", f"{document.platform} ({document.platform_slug})"),
    ]
    rows += [("type", document.type), ("state", document.state)]
    for part in document.declaration.parts:
        rows.append(("reads", part.url))
        rows += [("  selects", _selector(selector)) for selector in part.select]
        rows += [("  removes", _selector(selector)) for selector in part.remove]
        if part.javascript:
            rows.append(("  browser", "where the plain page turns out to be a shell"))
    rows += [
        ("versions", str(document.versions)),
        ("confirms after", duration(document.confirm_after_s)),
        (
            "checked every",
            duration(document.interval_s) + ("" if document.check_every_s else ", by how often it changes"),
        ),
        ("next check", next_check(document, now)),
        ("text changed", ago(document.last_changed_at, now) or "not seen yet"),
    ]
    rows += [("condition", kind) for kind in document.conditions]
    if document.last_failure:
        rows.append(("failing", f"{document.failures} in a row, last {ago(document.last_failure.at, now)}"))
        rows.append(("last failure", failure_of(document)))
    show_facts(rows)


def tell_changes(changed: list[Changed]) -> None:
    """A line for each setting, before and after."""
    for change in changed:
        part = f" of {change.url}" if change.url else ""
        say(f"  {_OPTIONS[change.setting]}{part}: {in_words(change.before)} → {in_words(change.after)}")


def _selector(selector: Selector) -> str:
    if isinstance(selector, str):
        return selector
    named = selector.model_dump(exclude_none=True)
    return ", ".join(f"{name.replace('_', ' ')} {css}" for name, css in named.items())


def next_check(document: WatchedDocument, now: datetime) -> str:
    """When it is looked at next, and what for."""
    if document.state != "active":
        return "-"
    due = min(filter(None, (document.next_check_at, document.confirm_at)))
    what = " (confirming)" if document.confirm_at == due else ""
    if document.retry_at is not None and document.retry_at > max(due, now):
        return f"retry {ago(document.retry_at, now)}{what}"
    return ("due" if due <= now else ago(due, now) or "") + what


def failure_of(document: WatchedDocument, longest: int | None = None) -> str | None:
    """Why the newest look failed, in at most that many characters; None where it did not."""
    failure = document.last_failure
    if failure is None:
        return None
    words = f"{failure.kind}: {failure.detail}" if failure.detail else failure.kind
    return words if longest is None or len(words) <= longest else f"{words[: longest - 1]}…"


def as_json_of(document: WatchedDocument) -> dict[str, object]:
    """All of it, for scripts."""
    facts = {name: value for name, value in asdict(document).items() if name != "declared"}
    return {**facts, "declaration": document.declaration.model_dump(mode="json", exclude_none=True)}
