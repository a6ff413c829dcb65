"""Lists in pages, by a cursor: what was added meanwhile neither repeats an entry nor hides one."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from services.api.v1.problems import Fault, Problem

MOST = 100
DEFAULT = 50
_LONGEST_CURSOR = 400

Item = TypeVar("Item", bound=BaseModel)
Entry = TypeVar("Entry")
Key = tuple[str | int, ...]
"""Where a page ended: the values by which the list is ordered, of its last entry."""

Limit = Annotated[int, Query(ge=1, le=MOST, description="Entries in a page")]
Cursor = Annotated[
    str | None, Query(max_length=_LONGEST_CURSOR, description="`next` of the page before, unchanged; none: the first")
]


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    next: str | None = Field(description="The cursor of the page that follows; null on the last")


def page_of(found: Sequence[Item], keys: Sequence[Key], limit: int) -> Page[Item]:
    """The page, given one entry more than it holds where there are more; `keys` are the entries' order values."""
    more = len(found) > limit
    return Page(items=list(found[:limit]), next=cursor_of(keys[limit - 1]) if more else None)


def following(
    entries: Sequence[Entry], order: Callable[[Entry], tuple[Any, ...]], after: tuple[Any, ...] | None, limit: int
) -> list[Entry]:
    """Of a list that is small and read whole, what `page_of` takes: those after a key, one more than a page holds."""
    ordered = sorted(entries, key=order)
    return [entry for entry in ordered if after is None or order(entry) > after][: limit + 1]


def cursor_of(key: Key) -> str:
    """The key as an opaque word."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def key_of(cursor: str | None, *kinds: type) -> Key | None:
    """The key that a cursor holds, its values of those kinds; None without one, Problem 422 for what is no cursor."""
    if cursor is None:
        return None
    try:
        value = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        value = None
    if not isinstance(value, list) or [type(part) for part in value] != list(kinds) or not all(map(_is_ours, value)):
        raise _no_cursor()
    return tuple(value)


def place_in(of: str, cursor: str | None, *kinds: type) -> Key | None:
    """As `key_of`, of a cursor whose key begins with the name of the list that it is of; Problem 422 for another's."""
    key = key_of(cursor, str, *kinds)
    if key is None:
        return None
    if key[0] != of:
        raise _no_cursor()
    return key[1:]


def moment_of(cursor: str | None) -> tuple[datetime, str] | None:
    """What a cursor of a list by time and id holds; Problem 422 as `key_of`."""
    key = key_of(cursor, str, str)
    if key is None:
        return None
    return instant(key[0]), str(key[1])


def instant(part: str | int) -> datetime:
    """The moment that a part of a cursor says, in UTC; Problem 422 as `key_of`."""
    try:
        return datetime.fromisoformat(str(part)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_cursor() from None


def _no_cursor() -> Problem:
    """What is answered to a cursor that was made up."""
    said = "it is not the `next` of a page of this list"
    return Problem("invalid", f"query.cursor: {said}", faults=[Fault(where="query.cursor", why=said)])


def _is_ours(part: str | int) -> bool:
    """Whether a database can compare by it: no NUL and no half of a surrogate pair."""
    if isinstance(part, int):
        return 0 <= part < 2**31
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in part)
