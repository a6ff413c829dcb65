"""The format of a histories file: a line per document with its captures in time order."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shared.db.sources import platform_slug


class BadHistories(Exception):
    """A histories file that cannot be replayed: the place, and the mend."""


@dataclass(frozen=True, slots=True)
class RecordedCapture:
    """One capture: when it was taken (UTC), the file as the line names it, and where it lies."""

    at: datetime
    file: str
    path: Path

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES.get(self.path.suffix.lower(), "text/html")


_MEDIA_TYPES = {".pdf": "application/pdf", ".md": "text/markdown", ".txt": "text/plain"}


@dataclass(frozen=True, slots=True)
class History:
    """One document's captures. `host` and `path` are where a replay serves it."""

    platform: str
    document: str
    captures: tuple[RecordedCapture, ...]
    place: int

    @property
    def host(self) -> str:
        return f"{platform_slug(self.platform)}.localhost"

    @property
    def path(self) -> str:
        return f"/documents/{self.place}"


def read_histories(file: Path) -> tuple[History, ...]:
    """Every history of a file; BadHistories names the first line or capture that is wrong."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadHistories(f"{file}: cannot be read ({error}); name a JSON lines file of histories") from None
    return tuple(_history(file, number, line) for number, line in enumerate(lines, start=1) if line.strip())


def in_time_order(histories: tuple[History, ...]) -> Iterator[tuple[History, RecordedCapture]]:
    """All captures of all documents, oldest first."""
    pairs = [(history, capture) for history in histories for capture in history.captures]
    return iter(sorted(pairs, key=lambda pair: (pair[1].at, pair[0].place)))


def _history(file: Path, number: int, line: str) -> History:
    where = f"{file}, line {number}"
    try:
        row = json.loads(line)
        captures = tuple(_capture(file.parent, one) for one in row["captures"])
        history = History(str(row["platform"]), str(row["document"]), captures, number)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        wanted = '{"platform", "document", "captures": [{"at", "file"}, …]}'
        raise BadHistories(f"{where}: {type(error).__name__}: {error}; each line is {wanted}") from None
    missing = next((capture.path for capture in captures if not capture.path.is_file()), None)
    if missing:
        raise BadHistories(
            f"{where}: there is no file {missing}; run it in the folder that the captures were unpacked in"
        )
    if any(later.at < earlier.at for earlier, later in itertools.pairwise(captures)):
        raise BadHistories(f"{where}: the captures are not in time order; sort them by `at`")
    return history


def _capture(folder: Path, row: dict[str, str]) -> RecordedCapture:
    at = datetime.fromisoformat(row["at"].replace("Z", "+00:00"))
    if at.tzinfo is None:
        raise ValueError(f"{row['at']} has no time zone")
    return RecordedCapture(at.astimezone(UTC), row["file"], folder / row["file"])
