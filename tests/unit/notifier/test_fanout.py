"""How a delivery begins."""

from datetime import UTC, datetime

import pytest

from shared.db.tables.notifier import DUE_STATES
from shared.domain.deliveries import CLAIMABLE, Channel, DeliveryState, EndpointState, Reason, Standing
from shared.domain.digests import QuietHours
from shared.domain.fanout import Match, Opening, Watcher, opening
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


@pytest.mark.parametrize(
    ("cadence", "due"),
    [
        (Cadence.SAME_DAY, "2026-03-29T15:00Z"),
        (Cadence.DAILY, "2026-03-30T06:00Z"),
        (Cadence.WEEKLY, "2026-03-30T06:00Z"),
    ],
)
def test_what_comes_together_waits_for_its_hour_in_the_account_s_zone(cadence: Cadence, due: str) -> None:
    held = Standing(DeliveryState.HELD, datetime.fromisoformat(due), Reason.DIGEST)
    assert begin(_match(cadence)) == Opening(held, cadence)


def test_by_email_the_watcher_plan_tells_the_same_day() -> None:
    opened = begin(channel=Channel.EMAIL, plan="watcher")
    held = Standing(DeliveryState.HELD, datetime(2026, 3, 29, 15, tzinfo=UTC), Reason.PLAN_CADENCE)
    assert opened == Opening(held, Cadence.SAME_DAY)
    assert opened.is_held_back


@pytest.mark.parametrize(("channel", "due"), [(Channel.EMAIL, 10), (Channel.SLACK, 10), (Channel.WEBHOOK, NOW.hour)])
def test_people_are_left_alone_in_quiet_hours(channel: Channel, due: int) -> None:
    quiet = QuietHours.parse("22:00-12:00")
    watcher = Watcher("ep_1", "acc_1", channel, EndpointState.ACTIVE, "compliance", "Europe/Berlin", (_match(),), quiet)
    opened = opening(watcher, USAGE, platform="acme", severity="high", now=NOW)
    assert opened.standing == Standing(DeliveryState.PENDING, NOW.replace(hour=due))


def test_the_database_claims_the_states_that_can_be_claimed() -> None:
    listed = DUE_STATES.removeprefix("state IN (").removesuffix(")").replace("'", "").split(", ")
    assert set(listed) == {state.value for state in CLAIMABLE}
