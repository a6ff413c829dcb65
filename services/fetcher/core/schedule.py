"""How often a document is looked at: the more often its text changes, the more often."""

from datetime import datetime, timedelta

_CHECKS_PER_CHANGE = 48
_JITTER = 0.1


def next_interval(
    *, now: datetime, last_changed_at: datetime | None, watched_since: datetime, shortest: timedelta, longest: timedelta
) -> timedelta:
    """The interval to the next check: the age of the present text divided by 48, within the limits.

    A text that changed twelve hours ago is looked at every 15 minutes, one that has stood for twelve days every six
    hours. The age counts from the day of watching where no change was seen yet.
    """
    age = now - (last_changed_at or watched_since)
    return min(max(age / _CHECKS_PER_CHANGE, shortest), longest)


def next_check_at(now: datetime, interval: timedelta, chance: float) -> datetime:
    """The time of the next check, within ±10 % of the interval by `chance` in [0, 1), so that documents spread out."""
    return now + interval * (1 - _JITTER + 2 * _JITTER * chance)
