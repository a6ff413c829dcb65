"""Lengths of time as people type them."""

import re
from datetime import timedelta

_LENGTH = re.compile(r"(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def length_of_time(text: str) -> timedelta | None:
    """30m, 12h, 7d or 2w; None for anything else."""
    written = _LENGTH.fullmatch(text)
    if written is None:
        return None
    try:
        return timedelta(**{_UNITS[written[2]]: int(written[1])})
    except OverflowError:
        return None
