"""The states of a delivery."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.deliveries import (
    CLAIMABLE,
    REPLAYABLE,
    DeliveryState,
    EndpointState,
    IllegalMove,
    Reason,
    Standing,
    endpoint_hold,
    replayed,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FINAL = {DeliveryState.DELIVERED, DeliveryState.CANCELLED}


@pytest.mark.parametrize("state", sorted(CLAIMABLE))
def test_what_can_be_claimed_can_be_sent_and_withdrawn(state: DeliveryState) -> None:
    standing = Standing(state, NOW)
    assert standing.to(DeliveryState.SENDING, NOW).state is DeliveryState.SENDING
    assert standing.to(DeliveryState.CANCELLED, NOW, Reason.RETRACTED).reason == Reason.RETRACTED


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("following", list(DeliveryState))
def test_what_is_final_stays(state: DeliveryState, following: DeliveryState) -> None:
    with pytest.raises(IllegalMove):
        Standing(state, NOW).to(following, NOW)


@pytest.mark.parametrize("state", sorted(REPLAYABLE))
def test_what_is_not_on_its_way_or_withdrawn_can_be_replayed(state: DeliveryState) -> None:
    assert replayed(Standing(state, NOW, "x"), LATER) == Standing(DeliveryState.PENDING, LATER)


@pytest.mark.parametrize("state", [DeliveryState.CANCELLED, DeliveryState.SENDING])
def test_what_is_in_flight_or_withdrawn_is_not_replayed(state: DeliveryState) -> None:
    with pytest.raises(IllegalMove):
        replayed(Standing(state, NOW), LATER)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (EndpointState.ACTIVE, None),
        (EndpointState.PAUSED, Reason.ENDPOINT_PAUSED),
        (EndpointState.DISABLED, Reason.ENDPOINT_DISABLED),
        (EndpointState.UNCONFIRMED, Reason.ENDPOINT_UNCONFIRMED),
    ],
)
def test_an_endpoint_that_is_not_active_holds_with_a_reason(state: EndpointState, reason: Reason | None) -> None:
    assert endpoint_hold(state) is reason
