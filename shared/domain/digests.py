"""When a digest's period ends, and when an account may be told: wall-clock rules in the account's zone.

A wall time that a change of clocks skips is taken by the offset before it, one that comes twice is its first coming
(RFC 5545, section 3.3.5), so every day has one end, 23 or 25 hours after the last where the clocks were changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.domain.subscriptions import Cadence

DIGEST_HOUR = time(8)
"""Local time at which the period of a daily digest ends; a weekly one ends then on Mondays."""

SAME_DAY_HOUR = time(17)
"""Local time at which what is told the same day goes out."""

_MONDAY = 0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """What one digest covers, `start` excluded and `end` included, in UTC. `name` is the local day of its end."""

    start: datetime
    end: datetime
    name: str


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times between which nobody is told, `end` excluded; they may run over midnight. Equal times: never."""

    start: time
    end: time

    def cover(self, local: time) -> bool:
        """Whether a local time is among them."""
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """From `22:00-07:00`; ValueError for anything else."""
        start, _, end = text.partition("-")
        return cls(_clock_time(start), _clock_time(end))

    @classmethod
    def wished(cls, text: str) -> "QuietHours":
        """As somebody asks for them; ValueError also for equal times, by which they would hardly mean never."""
        hours = cls.parse(text)
        if hours.start == hours.end:
            raise ValueError(f"from {hours.start:%H:%M} to {hours.end:%H:%M} is no time at all")
        return hours

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def period_at(cadence: Cadence, at: datetime, zone: ZoneInfo, ends: time = DIGEST_HOUR) -> Period:
    """The period of a daily or weekly digest that `at` falls in; ValueError for a cadence that has none."""
    if not cadence.is_digest:
        raise ValueError(f"{cadence} has no periods")
    marks = sorted(set(_ends_around(cadence, at, zone, ends)))
    end = next(mark for mark in marks if mark >= at)
    start = max(mark for mark in marks if mark < at)
    return Period(start, end, end.astimezone(zone).date().isoformat())


def latest_period(cadence: Cadence, now: datetime, zone: ZoneInfo, ends: time = DIGEST_HOUR) -> Period:
    """The latest period that has ended by now: the one whose digest may go out."""
    period = period_at(cadence, now, zone, ends)
    return period if period.end == now else period_at(cadence, period.start, zone, ends)


def is_quiet(quiet: QuietHours | None, at: datetime, zone: ZoneInfo) -> bool:
    """Whether an account is left alone at a moment."""
    return quiet is not None and quiet.cover(at.astimezone(zone).time())


def after_quiet(quiet: QuietHours | None, at: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls in."""
    if quiet is None or not is_quiet(quiet, at, zone):
        return at
    local = at.astimezone(zone)
    for day in (local.date(), local.date() + _DAY):
        for fold in (0, 1):
            end = datetime.combine(day, quiet.end, tzinfo=zone).replace(fold=fold).astimezone(UTC)
            if end >= at and not is_quiet(quiet, end, zone):
                return end
    return at


def same_day(now: datetime, zone: ZoneInfo, quiet: QuietHours | None = None) -> datetime:
    """When to tell what is told before the account's day is over: five in the afternoon, or at once where that is past.

    Quiet hours at that time move it to their end; where they last until the day is over, to the minute before they
    begin. Only what is found within such hours has to wait for the next day.
    """
    today = now.astimezone(zone).date()
    wanted = max(_moment(today, SAME_DAY_HOUR, zone), now)
    told = after_quiet(quiet, wanted, zone)
    if told.astimezone(zone).date() == today or quiet is None:
        return told
    before = _moment(today, quiet.start, zone) - timedelta(minutes=1)
    return before if before >= now and not is_quiet(quiet, before, zone) else after_quiet(quiet, now, zone)


def _ends_around(cadence: Cadence, at: datetime, zone: ZoneInfo, ends: time) -> Iterator[datetime]:
    """The ends of the periods around a moment: enough days for one on either side, also where a day was skipped."""
    today = at.astimezone(zone).date()
    reach = 9 if cadence is Cadence.WEEKLY else 3
    for days in range(-reach, reach + 1):
        day = today + days * _DAY
        if cadence is Cadence.DAILY or day.weekday() == _MONDAY:
            yield _moment(day, ends, zone)


def _moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)


def _clock_time(text: str) -> time:
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a time of day such as 22:00") from None
