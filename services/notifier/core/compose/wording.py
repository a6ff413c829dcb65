"""Texts from elsewhere made safe to show, and values put into words."""

import re
import textwrap
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")

DIRECTIONS = {
    "worse": "worse for you",
    "better": "better for you",
    "neutral": "neutral",
    "mixed": "better and worse",
}

_CONDITION_SENTENCES = {
    ("unreachable", "began"): "{document} of {platform} cannot be reached.",
    ("unreachable", "ended"): "{document} of {platform} can be reached again.",
    ("unreadable", "began"): "{document} of {platform} can no longer be read as a policy.",
    ("unreadable", "ended"): "{document} of {platform} can be read again.",
    ("unstable", "began"): "{document} of {platform} shows a different text at every look.",
    ("unstable", "ended"): "{document} of {platform} has settled.",
}


def condition_sentence(kind: str, phase: str, platform: str, document: str) -> str:
    """What a condition's beginning or end means, in a sentence; KeyError for an unknown one."""
    return _CONDITION_SENTENCES[kind, phase].format(platform=platform, document=document)


def quota_sentence(data: Mapping[str, Any]) -> str:
    """How much of a day's deliveries is used; KeyError where the data lacks something."""
    if data["phase"] == "used-up":
        return f"Today's {data['limit']} deliveries are used up."
    return f"{data['used']} of today's {data['limit']} deliveries are used."


def visible(text: str) -> str:
    """Without control characters and marks that turn the direction of writing, which could disguise what is said."""
    return "".join(c for c in text if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in _BIDI_CONTROLS))


def one_line(text: str, limit: int = 200) -> str:
    """Fit for a header or a heading: no line breaks, no controls, at most `limit` characters."""
    line = " ".join(visible(re.sub(r"[\r\n]+", " ", text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def quoted(text: str, width: int = 72) -> str:
    """As a quotation in plain text: every line begins with `> `, so that no page can pass its words off as ours."""
    lines: list[str] = []
    for paragraph in visible(text).splitlines() or [""]:
        lines += textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def day(value: date) -> str:
    """`24 April 2026`."""
    return f"{value.day} {value:%B %Y}"


def short_day(value: date) -> str:
    """`24 Apr`."""
    return f"{value.day} {value:%b}"


def moment(value: str | None) -> str | None:
    """An ISO time of the report as `24 April 2026, 09:30 UTC`; None stays None, ValueError for anything else."""
    if value is None:
        return None
    at = datetime.fromisoformat(value).astimezone(UTC)
    return f"{day(at.date())}, {at:%H:%M} UTC"


def days_left(value: date, today: date) -> str:
    """`in 14 days`, `today`, `3 days ago`."""
    days = (value - today).days
    if days == 0:
        return "today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} ago"
