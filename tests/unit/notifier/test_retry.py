"""When a failed send is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.core.messages import SendFailed, SendFailureKind
from services.notifier.core.retry import SCHEDULE, NextStep, after_failure, wait_before
from shared.domain.deliveries import DeliveryState, Reason

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def step(
    failed: SendFailed,
    attempts: int = 1,
    *,
    ambiguous_before: bool = False,
    failing_for: timedelta | None = None,
    chance: float = 0.5,
) -> NextStep:
    return after_failure(
        failed,
        attempts=attempts,
        ambiguous_before=ambiguous_before,
        failing_since=None if failing_for is None else NOW - failing_for,
        now=NOW,
        chance=chance,
    )


def status(code: int = 500, *, retry_after: float | None = None) -> SendFailed:
    return SendFailed(SendFailureKind.STATUS, f"HTTP {code}", status=code, retry_after=retry_after)


AMBIGUOUS = SendFailed(SendFailureKind.TIMEOUT, "silence", ambiguous=True)


@pytest.mark.parametrize(("attempts", "wait"), list(enumerate(SCHEDULE))[1:])
def test_the_schedule_is_followed(attempts: int, wait: timedelta) -> None:
    standing = step(status(), attempts).standing
    assert (standing.state, standing.due_at, standing.reason) == (DeliveryState.FAILED, NOW + wait, "status")


def test_after_the_last_attempt_it_is_given_up() -> None:
    standing = step(status(), len(SCHEDULE)).standing
    assert (standing.state, standing.reason) == (DeliveryState.DEAD, Reason.EXHAUSTED)


@pytest.mark.parametrize(("chance", "hours"), [(0.0, 1.6), (0.5, 2.0), (1.0, 2.4)])
def test_jitter_is_twenty_percent_either_way(chance: float, hours: float) -> None:
    assert wait_before(5, chance) == pytest.approx(hours * HOUR, abs=timedelta(seconds=1))


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        (None, timedelta(seconds=5)),
        (1, timedelta(seconds=5)),
        (3600, HOUR),
        (10**9, 24 * HOUR),
        (float("inf"), 24 * HOUR),
    ],
)
def test_retry_after_lengthens_the_wait_up_to_a_day(retry_after: float | None, wait: timedelta) -> None:
    assert step(status(429, retry_after=retry_after)).standing.due_at == NOW + wait


def test_410_disables_the_endpoint_at_once() -> None:
    gone = step(SendFailed(SendFailureKind.GONE, "gone", status=410))
    assert (gone.standing.state, gone.disable) == (DeliveryState.DEAD, Reason.ENDPOINT_GONE)


def test_what_no_repeat_can_mend_is_not_repeated() -> None:
    refused = step(SendFailed(SendFailureKind.REJECTED, "550", permanent=True))
    assert (refused.standing.state, refused.standing.reason, refused.disable) == (
        DeliveryState.DEAD,
        Reason.REFUSED,
        None,
    )


def test_an_ambiguous_send_is_repeated_once_after_half_an_hour() -> None:
    first = step(AMBIGUOUS).standing
    assert (first.state, first.due_at) == (DeliveryState.AMBIGUOUS, NOW + timedelta(minutes=30))
    second = step(AMBIGUOUS, 2, ambiguous_before=True).standing
    assert (second.state, second.reason) == (DeliveryState.DEAD, Reason.UNCERTAIN)


@pytest.mark.parametrize(
    ("failing_for", "disable", "state"),
    [
        (timedelta(days=4, hours=23), None, DeliveryState.FAILED),
        (timedelta(days=5), Reason.ENDPOINT_DISABLED, DeliveryState.HELD),
    ],
)
def test_five_days_of_failing_disable(failing_for: timedelta, disable: Reason | None, state: DeliveryState) -> None:
    after = step(status(), failing_for=failing_for)
    assert (after.disable, after.standing.state) == (disable, state)
