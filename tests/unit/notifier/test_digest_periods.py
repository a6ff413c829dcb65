"""The periods of digests, quiet hours and the same day, in every kind of time zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.digests import (
    DIGEST_HOUR,
    QuietHours,
    after_quiet,
    is_quiet,
    latest_period,
    period_at,
    same_day,
    zone_named,
)
from shared.domain.subscriptions import Cadence

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Etc/GMT-14",
    "Etc/GMT+12",
]
MOMENTS = st.datetimes(datetime(2009, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
MINUTES = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
NIGHT = QuietHours(time(22), time(7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "now", "ends", "start", "end", "name"),
    [
        ("UTC", "2026-04-10T09:00Z", DIGEST_HOUR, "2026-04-10T08:00Z", "2026-04-11T08:00Z", "2026-04-11"),
        ("UTC", "2026-04-10T08:00Z", DIGEST_HOUR, "2026-04-09T08:00Z", "2026-04-10T08:00Z", "2026-04-10"),
        # the clocks go forward: 23 hours; back: 25 hours
        ("Europe/Berlin", "2026-03-28T12:00Z", DIGEST_HOUR, "2026-03-28T07:00Z", "2026-03-29T06:00Z", "2026-03-29"),
        ("Europe/Berlin", "2026-10-24T12:00Z", DIGEST_HOUR, "2026-10-24T06:00Z", "2026-10-25T07:00Z", "2026-10-25"),
        ("America/New_York", "2026-03-07T20:00Z", DIGEST_HOUR, "2026-03-07T13:00Z", "2026-03-08T12:00Z", "2026-03-08"),
        ("America/New_York", "2026-10-31T20:00Z", DIGEST_HOUR, "2026-10-31T12:00Z", "2026-11-01T13:00Z", "2026-11-01"),
        # half an hour apart from the others, with no change of clocks
        ("Asia/Kolkata", "2026-03-29T02:30Z", DIGEST_HOUR, "2026-03-28T02:30Z", "2026-03-29T02:30Z", "2026-03-29"),
        ("Asia/Kolkata", "2026-03-29T02:31Z", DIGEST_HOUR, "2026-03-29T02:30Z", "2026-03-30T02:30Z", "2026-03-30"),
        # half an hour, on an island that changes by half an hour
        (
            "Australia/Lord_Howe",
            "2026-10-03T12:00Z",
            DIGEST_HOUR,
            "2026-10-02T21:30Z",
            "2026-10-03T21:00Z",
            "2026-10-04",
        ),
        # the end itself is skipped: the wall time by the offset before
        ("Europe/Berlin", "2026-03-28T12:00Z", time(2, 30), "2026-03-28T01:30Z", "2026-03-29T01:30Z", "2026-03-29"),
        ("America/Havana", "2026-03-07T12:00Z", time(0), "2026-03-07T05:00Z", "2026-03-08T05:00Z", "2026-03-08"),
        # the end itself comes twice: its first coming
        ("Europe/Berlin", "2026-10-24T12:00Z", time(2, 30), "2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T01:00Z", time(2, 30), "2026-10-25T00:30Z", "2026-10-26T01:30Z", "2026-10-26"),
        # Samoa had no 30 December 2011 at all
        ("Pacific/Apia", "2011-12-30T12:00Z", DIGEST_HOUR, "2011-12-29T18:00Z", "2011-12-30T18:00Z", "2011-12-31"),
        # fourteen hours ahead, twelve behind
        (
            "Pacific/Kiritimati",
            "2026-04-10T09:00Z",
            DIGEST_HOUR,
            "2026-04-09T18:00Z",
            "2026-04-10T18:00Z",
            "2026-04-11",
        ),
        ("Etc/GMT+12", "2026-04-10T09:00Z", DIGEST_HOUR, "2026-04-09T20:00Z", "2026-04-10T20:00Z", "2026-04-10"),
    ],
)
def test_a_day(zone: str, now: str, ends: time, start: str, end: str, name: str) -> None:
    period = period_at(Cadence.DAILY, at(now), ZoneInfo(zone), ends)
    assert (period.start, period.end, period.name) == (at(start), at(end), name)


@pytest.mark.parametrize(
    ("zone", "now", "start", "end", "name"),
    [
        ("UTC", "2026-04-10T09:00Z", "2026-04-06T08:00Z", "2026-04-13T08:00Z", "2026-04-13"),
        ("Europe/Berlin", "2026-03-27T09:00Z", "2026-03-23T07:00Z", "2026-03-30T06:00Z", "2026-03-30"),
        ("Europe/Berlin", "2026-10-23T09:00Z", "2026-10-19T06:00Z", "2026-10-26T07:00Z", "2026-10-26"),
        ("America/New_York", "2026-03-06T20:00Z", "2026-03-02T13:00Z", "2026-03-09T12:00Z", "2026-03-09"),
        ("America/New_York", "2026-10-30T20:00Z", "2026-10-26T12:00Z", "2026-11-02T13:00Z", "2026-11-02"),
        # over new year a week is whole: it ends on its Monday, whichever year that or its ISO number is of
        ("Europe/Berlin", "2026-12-31T23:30Z", "2026-12-28T07:00Z", "2027-01-04T07:00Z", "2027-01-04"),
        ("Europe/Berlin", "2027-01-01T12:00Z", "2026-12-28T07:00Z", "2027-01-04T07:00Z", "2027-01-04"),
        ("America/New_York", "2024-12-30T13:00Z", "2024-12-23T13:00Z", "2024-12-30T13:00Z", "2024-12-30"),
        ("America/New_York", "2024-12-30T13:01Z", "2024-12-30T13:00Z", "2025-01-06T13:00Z", "2025-01-06"),
        ("Asia/Kolkata", "2023-01-01T12:00Z", "2022-12-26T02:30Z", "2023-01-02T02:30Z", "2023-01-02"),
        ("Pacific/Kiritimati", "2026-04-12T17:59Z", "2026-04-05T18:00Z", "2026-04-12T18:00Z", "2026-04-13"),
        ("Pacific/Apia", "2011-12-30T12:00Z", "2011-12-26T18:00Z", "2012-01-01T18:00Z", "2012-01-02"),
    ],
)
def test_a_week_ends_on_monday(zone: str, now: str, start: str, end: str, name: str) -> None:
    period = period_at(Cadence.WEEKLY, at(now), ZoneInfo(zone))
    assert (period.start, period.end, period.name) == (at(start), at(end), name)


@pytest.mark.parametrize("cadence", [Cadence.IMMEDIATE, Cadence.SAME_DAY])
def test_only_digests_have_periods(cadence: Cadence) -> None:
    with pytest.raises(ValueError, match="no periods"):
        period_at(cadence, at("2026-04-10T09:00Z"), ZoneInfo("UTC"))


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from([Cadence.DAILY, Cadence.WEEKLY]), MINUTES)
def test_periods_follow_one_another_and_have_names_of_their_own(
    moment: datetime, zone: str, cadence: Cadence, ends: time
) -> None:
    one = period_at(cadence, moment, ZoneInfo(zone), ends)
    following = period_at(cadence, one.end + timedelta(microseconds=1), ZoneInfo(zone), ends)
    assert one.start < moment <= one.end
    assert following.start == one.end
    assert following.name > one.name
    assert period_at(cadence, one.end, ZoneInfo(zone), ends) == one
    assert latest_period(cadence, one.end, ZoneInfo(zone), ends) == one
    assert latest_period(cadence, one.end + timedelta(seconds=1), ZoneInfo(zone), ends) == one


@pytest.mark.parametrize(
    ("quiet", "now", "told"),
    [
        (NIGHT, "2026-04-10T12:00Z", "2026-04-10T12:00Z"),
        (NIGHT, "2026-04-10T20:00Z", "2026-04-11T05:00Z"),
        (NIGHT, "2026-04-11T01:00Z", "2026-04-11T05:00Z"),
        (NIGHT, "2026-03-28T23:30Z", "2026-03-29T05:00Z"),
        (QuietHours(time(12), time(14)), "2026-04-10T10:30Z", "2026-04-10T12:00Z"),
        (QuietHours(time(9), time(9)), "2026-04-10T07:00Z", "2026-04-10T07:00Z"),
        # they end in the hour that comes twice, and are met in its second coming
        (QuietHours(time(22), time(2, 30)), "2026-10-25T01:10Z", "2026-10-25T01:30Z"),
        # they end in the hour that is skipped
        (QuietHours(time(22), time(2, 30)), "2026-03-29T00:30Z", "2026-03-29T01:30Z"),
        # over the midnight before each change of clocks
        (NIGHT, "2026-03-28T21:00Z", "2026-03-29T05:00Z"),
        (NIGHT, "2026-10-24T20:00Z", "2026-10-25T06:00Z"),
        # over midnight, and over the hour of the digest
        (QuietHours(time(20), time(9, 30)), "2026-03-29T06:00Z", "2026-03-29T07:30Z"),
        (QuietHours(time(20), time(9, 30)), "2026-10-25T07:00Z", "2026-10-25T08:30Z"),
        (None, "2026-04-10T20:00Z", "2026-04-10T20:00Z"),
    ],
)
def test_quiet_hours_in_berlin(quiet: QuietHours | None, now: str, told: str) -> None:
    assert after_quiet(quiet, at(now), ZoneInfo("Europe/Berlin")) == at(told)


@given(MOMENTS, st.sampled_from(ZONES), MINUTES, MINUTES)
def test_after_quiet_hours_is_not_quiet_and_not_earlier(moment: datetime, zone: str, start: time, end: time) -> None:
    quiet = QuietHours(start, end)
    told = after_quiet(quiet, moment, ZoneInfo(zone))
    assert told >= moment
    assert not is_quiet(quiet, told, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "quiet", "now", "told"),
    [
        ("Europe/Berlin", None, "2026-03-28T08:00Z", "2026-03-28T16:00Z"),
        ("Europe/Berlin", None, "2026-03-29T00:30Z", "2026-03-29T15:00Z"),
        ("Europe/Berlin", None, "2026-03-28T20:00Z", "2026-03-28T20:00Z"),
        ("Pacific/Kiritimati", None, "2026-03-28T08:00Z", "2026-03-28T08:00Z"),
        ("Etc/GMT+12", None, "2026-03-28T08:00Z", "2026-03-28T08:00Z"),
        ("UTC", QuietHours(time(16), time(18)), "2026-03-28T08:00Z", "2026-03-28T18:00Z"),
        ("UTC", QuietHours(time(16), time(7)), "2026-03-28T08:00Z", "2026-03-28T15:59Z"),
        ("UTC", QuietHours(time(16), time(7)), "2026-03-28T20:00Z", "2026-03-29T07:00Z"),
        ("UTC", NIGHT, "2026-03-28T02:00Z", "2026-03-28T17:00Z"),
    ],
)
def test_the_same_day(zone: str, quiet: QuietHours | None, now: str, told: str) -> None:
    assert same_day(at(now), ZoneInfo(zone), quiet) == at(told)


@given(MOMENTS, st.sampled_from(ZONES))
def test_without_quiet_hours_the_same_day_is_always_kept(moment: datetime, zone: str) -> None:
    told = same_day(moment, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert told >= moment
    assert told.date() == moment.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("text", ["", "22", "22:00", "25:00-07:00", "22:00-7", "night"])
def test_what_is_no_quiet_hours(text: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        QuietHours.parse(text)


def test_nobody_wishes_for_no_time_at_all() -> None:
    """What was stored before is read all the same."""
    with pytest.raises(ValueError, match="no time at all"):
        QuietHours.wished("07:00-07:00")
    assert QuietHours.wished("22:00-07:00") == NIGHT
    assert not QuietHours.parse("07:00-07:00").cover(time(7))


def test_quiet_hours_are_written_as_they_are_read() -> None:
    assert str(QuietHours.parse("22:00-07:00")) == str(NIGHT) == "22:00-07:00"


@pytest.mark.parametrize("name", ["Atlantis/Capital", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert zone_named(name) == ZoneInfo("UTC")
