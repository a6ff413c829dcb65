"""One notice to one endpoint: the states it goes through, each with a reason that its owner can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """The ways to reach an endpoint."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    SLACK = "slack"

    @property
    def is_push(self) -> bool:
        """Whether plans count its endpoints."""
        return self in {Channel.WEBHOOK, Channel.SLACK}


class EndpointState(StrEnum):
    """Whether an endpoint may be told."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    REMOVED = "removed"
    """Its owner wants it no more; only its deliveries still name it."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    """Waits for its first attempt."""
    SENDING = "sending"
    """Claimed by a worker; falls due again when the lease runs out."""
    FAILED = "failed"
    """The last attempt failed; another follows at `due_at`."""
    AMBIGUOUS = "ambiguous"
    """The last attempt may have arrived; it is repeated once at `due_at`."""
    DELIVERED = "delivered"
    HELD = "held"
    """Kept back for a digest, a quota, or an endpoint that is paused, disabled or unconfirmed."""
    SKIPPED = "skipped"
    """Not told, because the plan does not include it."""
    CANCELLED = "cancelled"
    """Withdrawn before it was sent."""
    DEAD = "dead"
    """Given up; can be replayed by hand."""


class Reason(StrEnum):
    """Why a delivery stands where it does."""

    DIGEST = "digest"
    IN_DIGEST = "in-digest"
    DIGEST_DEAD = "digest-given-up"
    """The digest it is in was given up; replaying that brings it."""
    GROUPED = "grouped"
    """Goes out with other changes of its platform, ten minutes after the first."""
    QUOTA = "quota"
    PLAN_PLATFORMS = "plan-platforms"
    PLAN_ENDPOINTS = "plan-endpoints"
    PLAN_PROVISIONS = "plan-provisions"
    PLAN_CADENCE = "plan-cadence"
    """Mail that waits for the soonest message that the plan tells by, later than was wished."""
    ENDPOINT_UNCONFIRMED = "endpoint-unconfirmed"
    ENDPOINT_PAUSED = "endpoint-paused"
    ENDPOINT_DISABLED = "endpoint-disabled"
    ENDPOINT_REMOVED = "endpoint-removed"
    ENDPOINT_GONE = "endpoint-gone"
    SUPPRESSED = "suppressed"
    """Mail to the address bounced, or its reader wants none; the endpoint says which."""
    MAIL_BOUNCED = "mail-bounced"
    MAIL_COMPLAINED = "mail-complained"
    MAIL_UNSUBSCRIBED = "mail-unsubscribed"
    NO_CHANNEL = "no-channel"
    REFUSED = "refused"
    EXHAUSTED = "attempts-exhausted"
    UNCERTAIN = "may-have-arrived"
    INTERRUPTED = "interrupted"
    UNCOMPOSABLE = "not-composable"
    RETRACTED = "retracted"
    CORRECTED = "corrected"
    """Another delivery tells the same endpoint of the change as it was corrected."""


CLAIMABLE = frozenset({DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.AMBIGUOUS, DeliveryState.SENDING})
"""States in which a delivery is taken once `due_at` has come; for `sending` that is when its lease has run out."""

INTERRUPTIONS_ALLOWED = 5
"""Claims that ended without a recorded attempt, because the worker died, before a delivery is given up."""

INTERRUPTIONS_DOUBTED = 3
"""Such claims after which a worker takes the delivery only while it has no other one that is doubted as much.

Whatever a worker had in hand when it died was interrupted with what killed it; one by one, the others get through.
"""

_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset(
        {DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.CANCELLED, DeliveryState.DEAD}
    ),
    DeliveryState.SENDING: frozenset(DeliveryState) - {DeliveryState.SKIPPED},
    DeliveryState.FAILED: frozenset(
        {
            DeliveryState.SENDING,
            DeliveryState.PENDING,
            DeliveryState.HELD,
            DeliveryState.CANCELLED,
            DeliveryState.DEAD,
        }
    ),
    DeliveryState.AMBIGUOUS: frozenset(
        {
            DeliveryState.SENDING,
            DeliveryState.PENDING,
            DeliveryState.DELIVERED,
            DeliveryState.HELD,
            DeliveryState.CANCELLED,
            DeliveryState.DEAD,
        }
    ),
    DeliveryState.HELD: frozenset({DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.CANCELLED}),
    DeliveryState.DELIVERED: frozenset(),
    DeliveryState.SKIPPED: frozenset({DeliveryState.PENDING}),
    DeliveryState.CANCELLED: frozenset(),
    DeliveryState.DEAD: frozenset({DeliveryState.PENDING}),
}


class IllegalMove(Exception):
    """A delivery cannot go from the one state to the other."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands, why, and when somebody may next take it up."""

    state: DeliveryState
    due_at: datetime
    reason: str | None = None

    def to(self, state: DeliveryState, due_at: datetime, reason: str | None = None) -> "Standing":
        """The next standing; IllegalMove where the states do not follow one another."""
        if state not in _MOVES[self.state]:
            raise IllegalMove(f"a delivery that is {self.state} cannot become {state}")
        return Standing(state, due_at, reason)


REPLAYABLE = frozenset(
    {
        DeliveryState.PENDING,
        DeliveryState.FAILED,
        DeliveryState.AMBIGUOUS,
        DeliveryState.DELIVERED,
        DeliveryState.HELD,
        DeliveryState.SKIPPED,
        DeliveryState.DEAD,
    }
)
"""States from which an owner may ask for another try. One in flight or withdrawn is left alone."""


def replayed(standing: Standing, now: datetime) -> Standing:
    """The standing after its owner asked for another try; IllegalMove where there is nothing to repeat."""
    if standing.state not in REPLAYABLE:
        raise IllegalMove(f"a delivery that is {standing.state} cannot be replayed")
    return Standing(DeliveryState.PENDING, now)


def endpoint_hold(state: EndpointState) -> Reason | None:
    """Why an endpoint in this state is not told now; None where it may be."""
    return {
        EndpointState.UNCONFIRMED: Reason.ENDPOINT_UNCONFIRMED,
        EndpointState.PAUSED: Reason.ENDPOINT_PAUSED,
        EndpointState.DISABLED: Reason.ENDPOINT_DISABLED,
        EndpointState.REMOVED: Reason.ENDPOINT_REMOVED,
    }.get(state)
