"""Digests where clocks are changed, years end, and subscribers move: each change is told once, at the hour promised."""

from datetime import datetime

import pytest

from shared.clock import ManualClock
from shared.db.notifier.subscriptions import SubscriptionStore
from shared.db.session import Database
from shared.domain.digests import QuietHours
from shared.domain.subscriptions import Cadence
from tests.integration.notifier.test_digests import Desk


def live_in(desk: Desk, zone: str, quiet: str | None = None) -> None:
    hours = QuietHours.parse(quiet) if quiet else None
    SubscriptionStore(desk.database).set_hours("acc_alice", zone, hours, desk.clock.now())


def messages_at(desk: Desk, moments: list[str]) -> list[int]:
    """How many messages have come by each of these moments."""
    counts = []
    for moment in moments:
        desk.at(moment)
        counts.append(len(desk.mail.received))
    return counts


@pytest.mark.parametrize(
    ("zone", "cadence", "quiet", "changes", "looks"),
    [
        # the clocks go forward, and back: eight in the morning stays eight in the morning
        (
            "Europe/Berlin",
            Cadence.DAILY,
            None,
            ["2026-03-28T12:00Z", "2026-03-29T12:00Z"],
            {"2026-03-29T05:59Z": 0, "2026-03-29T06:00Z": 1, "2026-03-30T05:59Z": 1, "2026-03-30T06:00Z": 2},
        ),
        (
            "Europe/Berlin",
            Cadence.DAILY,
            None,
            ["2026-10-24T12:00Z", "2026-10-25T12:00Z"],
            {"2026-10-25T06:59Z": 0, "2026-10-25T07:00Z": 1, "2026-10-26T06:59Z": 1, "2026-10-26T07:00Z": 2},
        ),
        (
            "America/New_York",
            Cadence.DAILY,
            None,
            ["2026-03-07T20:00Z", "2026-03-08T20:00Z"],
            {"2026-03-08T11:59Z": 0, "2026-03-08T12:00Z": 1, "2026-03-09T11:59Z": 1, "2026-03-09T12:00Z": 2},
        ),
        (
            "America/New_York",
            Cadence.DAILY,
            None,
            ["2026-10-31T20:00Z", "2026-11-01T20:00Z"],
            {"2026-11-01T12:59Z": 0, "2026-11-01T13:00Z": 1, "2026-11-02T12:59Z": 1, "2026-11-02T13:00Z": 2},
        ),
        # found in the hour that comes twice, in its first and in its second coming
        (
            "Europe/Berlin",
            Cadence.DAILY,
            None,
            ["2026-10-25T00:30Z", "2026-10-25T01:30Z"],
            {"2026-10-25T06:59Z": 0, "2026-10-25T07:00Z": 1, "2026-10-26T07:00Z": 1},
        ),
        (
            "Asia/Kolkata",
            Cadence.DAILY,
            None,
            ["2026-04-10T12:00Z"],
            {"2026-04-11T02:29Z": 0, "2026-04-11T02:30Z": 1, "2026-04-12T02:30Z": 1},
        ),
        # a week over new year, in one message
        (
            "Europe/Berlin",
            Cadence.WEEKLY,
            None,
            ["2026-12-30T12:00Z", "2027-01-02T12:00Z"],
            {"2027-01-01T07:00Z": 0, "2027-01-04T06:59Z": 0, "2027-01-04T07:00Z": 1, "2027-01-11T07:00Z": 1},
        ),
        # quiet over midnight and over the hour of the digest, in the night that the clocks go forward
        (
            "Europe/Berlin",
            Cadence.DAILY,
            "22:00-09:30",
            ["2026-03-28T12:00Z"],
            {"2026-03-29T06:00Z": 0, "2026-03-29T07:29Z": 0, "2026-03-29T07:30Z": 1, "2026-03-30T07:30Z": 1},
        ),
        # quiet for all of the day but an hour
        (
            "America/New_York",
            Cadence.DAILY,
            "08:00-07:00",
            ["2026-03-07T20:00Z"],
            {"2026-03-08T12:00Z": 0, "2026-03-09T10:59Z": 0, "2026-03-09T11:00Z": 1, "2026-03-10T11:00Z": 1},
        ),
    ],
)
def test_each_digest_comes_at_its_hour(
    database: Database,
    clock: ManualClock,
    zone: str,
    cadence: Cadence,
    quiet: str | None,
    changes: list[str],
    looks: dict[str, int],
) -> None:
    desk = Desk(database, clock)
    desk.box(cadence)
    live_in(desk, zone, quiet)
    counts: dict[str, int] = {}
    for moment in sorted([*changes, *looks], key=datetime.fromisoformat):
        if moment in looks:
            counts |= zip([moment], messages_at(desk, [moment]), strict=True)
        else:
            desk.clock.at = datetime.fromisoformat(moment)
            desk.change()
    assert counts == looks


@pytest.mark.parametrize(
    ("cadence", "before", "after", "looks"),
    [
        # to the east, where the day ends sooner
        (Cadence.DAILY, "America/New_York", "Europe/Berlin", {"11T05:59": 0, "11T06:00": 1, "12T06:00": 1}),
        # to the west, where it ends later
        (Cadence.DAILY, "Europe/Berlin", "America/New_York", {"11T06:00": 0, "11T11:59": 0, "11T12:00": 1}),
        # over the line of dates
        (Cadence.DAILY, "Etc/GMT+12", "Pacific/Kiritimati", {"10T17:59": 0, "10T18:00": 1, "11T20:00": 1}),
        (Cadence.DAILY, "Pacific/Kiritimati", "Etc/GMT+12", {"10T18:00": 0, "10T19:59": 0, "10T20:00": 1}),
        (Cadence.WEEKLY, "America/New_York", "Asia/Kolkata", {"13T02:29": 0, "13T02:30": 1, "13T12:00": 1}),
        (Cadence.WEEKLY, "Europe/Berlin", "America/New_York", {"13T06:00": 0, "13T12:00": 1, "20T12:00": 1}),
    ],
)
def test_a_subscriber_who_moves_within_a_period_is_told_once_and_nothing_is_lost(
    database: Database, clock: ManualClock, cadence: Cadence, before: str, after: str, looks: dict[str, int]
) -> None:
    desk = Desk(database, clock)
    desk.box(cadence)
    live_in(desk, before)
    desk.clock.at = datetime.fromisoformat("2026-04-10T13:00Z")
    desk.change()
    desk.clock.at = datetime.fromisoformat("2026-04-10T15:00Z")
    live_in(desk, after)
    desk.change(1)
    assert messages_at(desk, [f"2026-04-{look}Z" for look in looks]) == list(looks.values())
    assert {state for _, state, _ in desk.states()} == {"delivered"}


def test_a_subscriber_who_moves_after_a_digest_misses_nothing(database: Database, clock: ManualClock) -> None:
    desk = Desk(database, clock)
    desk.box(Cadence.DAILY)
    live_in(desk, "Pacific/Kiritimati")
    desk.change()
    assert messages_at(desk, ["2026-04-10T18:00Z"]) == [1]
    live_in(desk, "Etc/GMT+12")  # 11 April has been told of already, and comes once more
    desk.change()
    assert messages_at(desk, ["2026-04-11T20:00Z", "2026-04-12T20:00Z", "2026-04-13T20:00Z"])[-1] == 2
    assert {state for _, state, _ in desk.states()} == {"delivered"}
