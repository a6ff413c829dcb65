"""When a change goes out by itself, and when with the others of its platform."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Reason, Standing
from shared.domain.digests import QuietHours, after_quiet
from shared.domain.fanout import Match, Watcher, opening
from shared.domain.grouping import Lead, held_until
from shared.domain.plans import Usage
from shared.domain.subscriptions import SEVERITIES, Cadence

NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
WINDOW = timedelta(minutes=10)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def at_once(moment: datetime) -> datetime:
    return moment


@pytest.mark.parametrize(
    ("leads", "now", "severity", "held"),
    [
        ([], 0, "high", None),
        ([(0, "high")], 0, "high", 10),
        ([(0, "high")], 9.99, "medium", 10),
        ([(0, "high")], 10, "high", None),
        ([(0, "medium")], 5, "high", None),
        ([(0, "medium"), (5, "high")], 6, "high", 10),
        # what went by itself within a window does not lengthen it
        ([(0, "medium"), (5, "high")], 10, "medium", None),
        ([(0, "high"), (10, "medium")], 11, "medium", 20),
        # each window judges by its own
        ([(0, "high"), (10, "medium")], 11, "high", None),
        ([(10, "medium"), (0, "high")], 11, "high", None),
    ],
)
def test_windows(leads: list[tuple[float, str]], now: float, severity: str, held: float | None) -> None:
    known = [Lead(at(minute), grave) for minute, grave in leads]
    assert held_until(known, at_once, severity, at(now), WINDOW) == (None if held is None else at(held))


def test_a_window_begins_when_its_first_change_is_told() -> None:
    night = QuietHours.parse("11:00-13:00")

    def told_at(moment: datetime) -> datetime:
        return after_quiet(night, moment, UTC)  # type: ignore[arg-type]

    assert held_until([Lead(at(0), "high")], told_at, "high", at(45), WINDOW) == at(70)


COMING = st.lists(st.tuples(st.floats(0, 60), st.sampled_from(SEVERITIES)), max_size=60)


@given(COMING)
def test_in_ten_minutes_there_are_no_more_messages_than_severities_and_one(coming: list[tuple[float, str]]) -> None:
    leads: list[Lead] = []
    messages: set[tuple[datetime, int]] = set()
    held = 0
    for minute, severity in sorted(coming):
        until = held_until(leads, at_once, severity, at(minute), WINDOW)
        if until is None:
            leads.append(Lead(at(minute), severity))
            messages.add((at(minute), len(leads)))
        else:
            assert at(minute) < until <= at(minute) + WINDOW
            messages.add((until, 0))
            held += 1
    assert len(leads) + held == len(coming)
    for moment, _ in messages:
        within = [other for other, _ in messages if moment <= other < moment + WINDOW]
        assert len(within) <= 2 * len(SEVERITIES) + 1
    gravest_first = max((grave for _, grave in coming), key=SEVERITIES.index, default=None)
    if gravest_first is not None:
        first = min(minute for minute, grave in coming if grave == gravest_first)
        assert any(lead.begun_at <= at(first) and lead.severity == gravest_first for lead in leads)


@pytest.mark.parametrize(
    ("channel", "state", "leads", "expected"),
    [
        (Channel.EMAIL, EndpointState.ACTIVE, 1, Standing(DeliveryState.HELD, at(9), Reason.GROUPED)),
        (Channel.SLACK, EndpointState.ACTIVE, 1, Standing(DeliveryState.HELD, at(9), Reason.GROUPED)),
        (Channel.EMAIL, EndpointState.ACTIVE, 0, Standing(DeliveryState.PENDING, NOON)),
        (Channel.EMAIL, EndpointState.PAUSED, 1, Standing(DeliveryState.HELD, NOON, Reason.ENDPOINT_PAUSED)),
    ],
)
def test_how_a_delivery_begins(channel: Channel, state: EndpointState, leads: int, expected: Standing) -> None:
    known = (Lead(at(-1), "high"),) * leads
    matches = (Match(Cadence.IMMEDIATE, by_provision=False),)
    watcher = Watcher("ep_1", "acc_1", channel, state, "compliance", "UTC", matches, leads=known)
    usage = Usage(("acme",), ("ep_1",))
    opened = opening(watcher, usage, platform="acme", severity="high", now=NOON, window=WINDOW)
    assert opened.standing == expected
    assert opened.cadence is Cadence.IMMEDIATE
