"""How commands speak: tables for people, JSON for scripts."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

SEVERITY_STYLES = {"high": "bold red", "medium": "yellow", "low": "cyan", "editorial": "dim"}
STATE_STYLES = {
    "active": "green",
    "delivered": "green",
    "ok": "green",
    "pending": "cyan",
    "sending": "cyan",
    "held": "yellow",
    "paused": "yellow",
    "ambiguous": "yellow",
    "warn": "yellow",
    "failed": "red",
    "fail": "bold red",
    "dead": "bold red",
    "disabled": "red",
    "cancelled": "dim",
    "skipped": "dim",
    "unconfirmed": "yellow",
}

Cell = str | Text | None

_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def console() -> Console:
    """A console on today's standard output; wide enough not to cut cells where the output is a pipe."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)


def say(line: str | Text) -> None:
    """One line for a person."""
    console().print(_plain(line), soft_wrap=True)


def printable(text: str) -> str:
    """Text without what could steer a terminal: pages are not trusted with escape sequences or bidi overrides."""
    return _UNPRINTABLE.sub(" ", text)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, empty: str) -> None:
    """A table, or where there is nothing to show the sentence `empty`."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    console().print(table if table.row_count else Text(empty), soft_wrap=not table.row_count)


def show_facts(rows: Iterable[tuple[str, Cell]]) -> None:
    """Names and values, one pair a line."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(name, _plain(value))
    console().print(grid)


def print_json(value: Any) -> None:
    """A value as indented JSON; moments in ISO 8601."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_json_default))


def styled(word: str) -> Text:
    """A state or severity in its colour; the word itself says it without one."""
    return Text(word, STATE_STYLES.get(word) or SEVERITY_STYLES.get(word, ""))


def ago(moment: datetime | None, now: datetime) -> str | None:
    """How long before or after `now`, in its largest unit: "3 minutes ago", "in 2 hours"."""
    if moment is None:
        return None
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 1:
        return "now"
    words = duration(abs(seconds))
    return f"{words} ago" if seconds > 0 else f"in {words}"


def duration(seconds: float) -> str:
    """A length of time in its largest unit, rounded down."""
    for size, unit in _UNITS:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "0 seconds"


def _plain(cell: Cell) -> Text:
    """Page text must neither be read as markup nor steer the terminal."""
    if cell is None:
        return Text("-", "dim")
    return Text(printable(cell)) if isinstance(cell, str) else cell


def _json_default(value: Any) -> str | float | list[Any]:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
