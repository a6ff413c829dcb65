"""How a delivery begins."""

from datetime import UTC, datetime

import pytest

from shared.db.tables.notifier import DUE_STATES
from shared.domain.deliveries import CLAIMABLE, Channel, DeliveryState, EndpointState, Reason, Standing
from shared.domain.fanout import Match, Opening, Watcher, opening, same_day
from shared.domain.plans import Usage
from shared.domain.subscriptions import Cadence

NOW = datetime(2026, 3, 29, 8, tzinfo=UTC)
USAGE = Usage(platforms=("acme",), push_endpoints=("ep_1",))


def begin(
    *matches: Match,
    channel: Channel = Channel.WEBHOOK,
    state: EndpointState = EndpointState.ACTIVE,
    plan: str = "compliance",
) -> Opening:
    watcher = Watcher("ep_1", "acc_1", channel, state, plan, "Europe/Berlin", matches or (_match(),))
    return opening(watcher, USAGE, platform="acme", severity="high", now=NOW)


def _match(cadence: Cadence = Cadence.IMMEDIATE, *, by_provision: bool = False) -> Match:
    return Match(cadence, by_provision)


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        (begin(), (DeliveryState.PENDING, None, Cadence.IMMEDIATE)),
        (begin(_match(Cadence.WEEKLY)), (DeliveryState.HELD, Reason.DIGEST, Cadence.WEEKLY)),
        (begin(_match(Cadence.WEEKLY), _match()), (DeliveryState.PENDING, None, Cadence.IMMEDIATE)),
        (begin(state=EndpointState.PAUSED), (DeliveryState.HELD, Reason.ENDPOINT_PAUSED, Cadence.IMMEDIATE)),
        (begin(plan="free"), (DeliveryState.SKIPPED, Reason.PLAN_ENDPOINTS, Cadence.IMMEDIATE)),
        (begin(plan="unheard of"), (DeliveryState.SKIPPED, Reason.PLAN_ENDPOINTS, Cadence.IMMEDIATE)),
        (
            begin(_match(by_provision=True), plan="watcher"),
            (DeliveryState.SKIPPED, Reason.PLAN_PROVISIONS, Cadence.IMMEDIATE),
        ),
        (
            begin(_match(by_provision=True), _match(Cadence.DAILY), plan="watcher"),
            (DeliveryState.HELD, Reason.DIGEST, Cadence.DAILY),
        ),
    ],
)
def test_state_reason_and_cadence(opened: Opening, expected: tuple[object, ...]) -> None:
    assert (opened.standing.state, opened.standing.reason, opened.cadence) == expected


def test_by_email_the_watcher_plan_tells_the_same_day() -> None:
    opened = begin(channel=Channel.EMAIL, plan="watcher")
    assert opened == Opening(Standing(DeliveryState.PENDING, datetime(2026, 3, 29, 15, tzinfo=UTC)), Cadence.SAME_DAY)


@pytest.mark.parametrize(
    ("now", "timezone", "due"),
    [
        ("2026-03-28T08:00Z", "Europe/Berlin", "2026-03-28T16:00+00:00"),
        ("2026-03-29T00:30Z", "Europe/Berlin", "2026-03-29T15:00+00:00"),
        ("2026-03-28T23:30Z", "Europe/Berlin", "2026-03-29T15:00+00:00"),
        ("2026-03-28T20:00Z", "Europe/Berlin", "2026-03-28T20:00+00:00"),
        ("2026-03-28T08:00Z", "Pacific/Kiritimati", "2026-03-28T08:00+00:00"),
        ("2026-03-28T08:00Z", "Atlantis/Capital", "2026-03-28T08:00+00:00"),
    ],
)
def test_the_same_day_is_the_account_s_own(now: str, timezone: str, due: str) -> None:
    assert same_day(datetime.fromisoformat(now), timezone) == datetime.fromisoformat(due)


def test_the_database_claims_the_states_that_can_be_claimed() -> None:
    listed = DUE_STATES.removeprefix("state IN (").removesuffix(")").replace("'", "").split(", ")
    assert set(listed) == {state.value for state in CLAIMABLE}
