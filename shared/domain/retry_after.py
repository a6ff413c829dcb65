"""The Retry-After header: how long a server asks to be left alone."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRY_AFTER_CAP_S = 86_400.0
"""A day: what is asked beyond it is a mistake or malice, and the next look will be told again."""


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from `now` by a Retry-After header (RFC 9110, 10.2.3: seconds or a date), at most a day.

    None where there is none or it cannot be read; 0 for a moment that has passed.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_CAP_S) if len(text) < 12 else RETRY_AFTER_CAP_S
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), RETRY_AFTER_CAP_S) if math.isfinite(seconds) else None
