"""When a failed send is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.core.messages import SendFailed, SendFailureKind
from shared.domain.deliveries import DeliveryState, Reason, Standing

SCHEDULE = tuple(timedelta(seconds=s) for s in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""The wait before each attempt, counted from the one before."""

JITTER = 0.2
RETRY_AFTER_CAP = timedelta(hours=24)
REPEAT_AFTER = timedelta(minutes=30)
"""How long an ambiguous send waits for a word from the provider before it is repeated."""
DISABLE_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What follows a failed attempt: where the delivery then stands, and whether its endpoint is disabled."""

    standing: Standing
    disable: Reason | None = None


def after_failure(
    failed: SendFailed,
    *,
    attempts: int,
    ambiguous_before: bool,
    failing_since: datetime | None,
    now: datetime,
    chance: float,
) -> NextStep:
    """The step after attempt number `attempts` (from 1) failed.

    `chance` in [0, 1) places the next attempt within ±20 % of its wait. `failing_since` is the endpoint's first failure
    since its last success, `ambiguous_before` whether an earlier attempt at this delivery may have arrived.
    """
    if failed.kind is SendFailureKind.GONE:
        return NextStep(Standing(DeliveryState.DEAD, now, Reason.ENDPOINT_GONE), Reason.ENDPOINT_GONE)
    if failed.kind is SendFailureKind.RECIPIENT:
        return NextStep(Standing(DeliveryState.DEAD, now, Reason.REFUSED), Reason.MAIL_BOUNCED)
    worn_out = failing_since is not None and now - failing_since >= DISABLE_AFTER
    disable = Reason.ENDPOINT_DISABLED if worn_out else None
    if failed.ambiguous:
        if ambiguous_before:
            return NextStep(Standing(DeliveryState.DEAD, now, Reason.UNCERTAIN), disable)
        return NextStep(Standing(DeliveryState.AMBIGUOUS, now + REPEAT_AFTER, Reason.UNCERTAIN), disable)
    if failed.permanent:
        return NextStep(Standing(DeliveryState.DEAD, now, Reason.REFUSED), disable)
    if attempts >= len(SCHEDULE):
        return NextStep(Standing(DeliveryState.DEAD, now, Reason.EXHAUSTED), disable)
    if worn_out:
        return NextStep(Standing(DeliveryState.HELD, now, Reason.ENDPOINT_DISABLED), disable)
    wait = wait_before(attempts + 1, chance)
    if failed.retry_after is not None:
        wait = max(wait, timedelta(seconds=min(failed.retry_after, RETRY_AFTER_CAP.total_seconds())))
    return NextStep(Standing(DeliveryState.FAILED, now + wait, failed.kind))


def wait_before(attempt: int, chance: float) -> timedelta:
    """The wait before that attempt (from 1), ±20 %: `chance` 0 is the shortest, close to 1 the longest."""
    return SCHEDULE[attempt - 1] * (1 - JITTER + 2 * JITTER * chance)
