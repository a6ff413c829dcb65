"""The days on which changes take effect, and until which one may object, as a calendar (RFC 5545)."""

import re
from collections.abc import Sequence
from datetime import timedelta

from icalendar import Calendar, Event

from services.api.feeds.wording import headline, named, weight
from shared.db.registry.feeds import EFFECTIVE, DayEntry

MEDIA_TYPE = "text/calendar; charset=utf-8"

_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Controls, which no text of a calendar may hold (RFC 5545, 3.3.11)."""


def calendar(title: str, days: Sequence[DayEntry], base: str) -> bytes:
    """A calendar of whole days, the same bytes for the same days; `base` as in `atom`."""
    made = Calendar()
    made.add("prodid", "-//Clausewatch//Dates that documents state//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", _text(title))
    made.add("x-wr-calname", _text(title))
    made.add("refresh-interval", timedelta(hours=12), parameters={"value": "DURATION"})
    for day in days:
        made.add_component(_event(day, base))
    return bytes(made.to_ical())


def _event(entry: DayEntry, base: str) -> Event:
    change, page = entry.change, f"{base}/changes/{entry.change.id}"
    what = "takes effect" if entry.kind == EFFECTIVE else "last day to object"
    event = Event()
    event.add("uid", f"{change.id}-{entry.kind}@clausewatch")
    event.add("dtstamp", change.detected_at)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("summary", _text(f"{named(change)}: {what}"))
    event.add("description", _text(f"{headline(change)}\n{weight(change)}\n{page}\nAs the document states it."))
    event.add("url", page)
    event.add("categories", [change.severity])
    event.add("transp", "TRANSPARENT")
    return event


def _text(text: str) -> str:
    return _NO_TEXT.sub(" ", text)
