"""How an attempt went: what is recorded of it, and what the log says."""

from collections.abc import Callable
from datetime import datetime

from services.notifier.core.compose import NotComposable
from services.notifier.core.messages import Accepted, SendFailed
from services.notifier.core.retry import after_failure
from shared.db.notifier.records import Claim, Result
from shared.domain.deliveries import DeliveryState, Reason, Standing
from shared.logging import get_logger

log = get_logger()


def result_of(
    claim: Claim,
    outcome: Accepted | SendFailed | NotComposable,
    at: datetime,
    duration_ms: int,
    *,
    now: datetime,
    chance: Callable[[], float],
) -> Result:
    """The attempt begun `at`, as recorded, and where its delivery then stands; `chance` in [0, 1) is for jitter."""
    sending = Standing(DeliveryState.SENDING, claim.lease_until)
    match outcome:
        case Accepted(status, answer):
            standing = sending.to(DeliveryState.DELIVERED, now)
            return Result(claim, at, duration_ms, "delivered", standing, status=status, answer=answer)
        case NotComposable():
            standing = sending.to(DeliveryState.DEAD, now, Reason.UNCOMPOSABLE)
            return Result(claim, at, duration_ms, "not-composable", standing, error=str(outcome))
    step = after_failure(
        outcome,
        attempts=claim.attempts + 1,
        ambiguous_before=claim.ambiguous_before,
        failing_since=claim.failing_since,
        now=now,
        chance=chance(),
    )
    return Result(
        claim,
        at,
        duration_ms,
        "ambiguous" if outcome.ambiguous else outcome.kind.value,
        sending.to(step.standing.state, step.standing.due_at, step.standing.reason),
        status=outcome.status,
        error=outcome.detail,
        answer=outcome.answer or None,
        disable=step.disable,
    )


def report(result: Result, *, kept: bool) -> None:
    """One line of the log; `kept` is whether the claim was still held when it was recorded."""
    claim, standing = result.claim, result.standing
    said = log.info if standing.state is DeliveryState.DELIVERED else log.warning
    said(
        f"delivery.{standing.state.value}" if kept else "delivery.lease_lost",
        delivery_id=claim.delivery_id,
        channel=claim.channel.value,
        endpoint_id=claim.endpoint_id,  # its address may hold a token, and may name a person
        subject=claim.notice.subject,
        correlation_id=claim.notice.correlation_id,
        attempt=claim.attempts + 1,
        outcome=result.outcome,
        reason=standing.reason,
        error=result.error,
    )
