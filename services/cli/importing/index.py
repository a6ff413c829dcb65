"""The lines of an archive's index: which texts there are, of what, and when they were recorded.

A line is `{"collection", "platform", "document", "recorded_at", "file", …}`; `collection` may be left out.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.cli.importing.unpacking import BadArchive, Unpacked, is_inside
from shared.db.importing import ImportedDocument
from shared.db.sources import platform_slug

_LONGEST_LINE = 65_536
"""Characters."""
_LONGEST_NAME = 200
"""Characters of a platform's, document's or collection's name."""
_LONGEST_SLUG = 400
"""Characters; some signs become many letters in a slug, and PostgreSQL's indexes hold 2,700 bytes."""
_MOST_LINES = 1_000_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line: a text, and where its line stands."""

    line: int
    at: datetime
    path: Path


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that was passed over, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Index:
    """Every document with its texts in the order of time, and the lines that say nothing usable."""

    documents: dict[ImportedDocument, list[Recorded]]
    faults: list[Fault]

    @property
    def texts(self) -> int:
        return sum(map(len, self.documents.values()))


def read_index(archive: Unpacked, now: datetime) -> Index:
    """Every line of the index; BadArchive where it is no text at all."""
    index = Index({}, [])
    for number, line in _lines(archive.index):
        try:
            document, recorded = _read(line, number, archive.folder, now)
        except ValueError as error:
            index.faults.append(Fault(number, str(error)))
        else:
            index.documents.setdefault(document, []).append(recorded)
    for texts in index.documents.values():
        texts.sort(key=lambda recorded: (recorded.at, recorded.line))
    return index


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), start=1):
                if number > _MOST_LINES:
                    raise BadArchive(f"{path}: more than {_MOST_LINES:,} lines; divide it")
                if len(line) == _LONGEST_LINE and not line.endswith("\n"):
                    raise BadArchive(f"{path}, line {number}: longer than {_LONGEST_LINE:,} characters")
                if line.strip():
                    yield number, line
    except (OSError, UnicodeDecodeError) as error:
        raise BadArchive(f"{path}: cannot be read ({error}); it must be JSON lines in UTF-8") from None


def _read(line: str, number: int, folder: Path, now: datetime) -> tuple[ImportedDocument, Recorded]:
    """The line's document and text; ValueError says what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(row, dict):
        raise ValueError("no JSON object")
    document = ImportedDocument(
        collection=_name(row, "collection", default=""), platform=_name(row, "platform"), type=_name(row, "document")
    )
    if not all(0 < len(platform_slug(name)) <= _LONGEST_SLUG for name in (document.platform, document.type)):
        raise ValueError("'platform' and 'document' each need a letter or a digit, and few signs that stand for words")
    return document, Recorded(number, _moment(row, now), _file(row, folder))


def _name(row: dict[str, object], key: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        raise ValueError(f"{key!r} must be a text of at most {_LONGEST_NAME} characters")
    name = " ".join(value.split())
    if not name and default is None:
        raise ValueError(f"{key!r} is empty")
    if not name.isprintable():
        raise ValueError(f"{key!r} holds characters that no name has")
    return name


def _moment(row: dict[str, object], now: datetime) -> datetime:
    value = row.get("recorded_at")
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError("'recorded_at' must be a moment with its time zone, as in 2026-03-19T08:00:00Z (RFC 3339)")
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        raise ValueError("'recorded_at' is no moment that could be kept") from None
    if at > now:
        raise ValueError(f"'recorded_at' lies in the future: {at.isoformat()}")
    return at


def _file(row: dict[str, object], folder: Path) -> Path:
    name = row.get("file")
    if not isinstance(name, str) or not name.isprintable() or not is_inside(name):
        raise ValueError("'file' must be a path inside the archive")
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{name!r} leads out of the archive")
    if not path.is_file():
        raise ValueError(f"{name!r} is no file of the archive")
    return path
