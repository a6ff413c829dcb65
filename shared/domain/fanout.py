"""How a delivery begins: what plan, cadence and endpoint make of one change for one endpoint."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Reason, Standing, endpoint_hold
from shared.domain.digests import QuietHours, after_quiet, period_at, same_day, zone_named
from shared.domain.grouping import Lead, held_until
from shared.domain.plans import Allowed, Deliver, Denied, Held, Usage, best, decide, plan_named
from shared.domain.subscriptions import Cadence, soonest


@dataclass(frozen=True, slots=True)
class Match:
    """One subscription that a change meets."""

    cadence: Cadence
    by_provision: bool


@dataclass(frozen=True, slots=True)
class Watcher:
    """An endpoint with every subscription that led to it."""

    endpoint_id: str
    account_id: str
    channel: Channel
    state: EndpointState
    plan: str
    timezone: str
    matches: tuple[Match, ...]
    quiet: QuietHours | None = None
    leads: tuple[Lead, ...] = ()
    """What it was told of the change's platform of late, for people."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A delivery's first standing, and the cadence it was decided to have."""

    standing: Standing
    cadence: Cadence

    @property
    def is_held_back(self) -> bool:
        """Whether the plan does not include it, or tells it later than was wished."""
        return self.standing.state is DeliveryState.SKIPPED or self.standing.reason is Reason.PLAN_CADENCE


def opening(
    watcher: Watcher, usage: Usage, *, platform: str, severity: str, now: datetime, window: timedelta = timedelta(0)
) -> Opening:
    """Where a delivery to this endpoint begins: due, due later today, held, or skipped, each with its reason.

    Within `window` of a platform's first change, people are told of its others together.
    """
    verdict = best(
        decide(
            plan_named(watcher.plan),
            usage,
            Deliver(platform, watcher.endpoint_id, watcher.channel, match.cadence, severity, match.by_provision),
        )
        for match in watcher.matches
    )
    match verdict:
        case Denied(reason):
            return Opening(Standing(DeliveryState.SKIPPED, now, reason), soonest(m.cadence for m in watcher.matches))
        case Held(reason, cadence):
            return Opening(Standing(DeliveryState.HELD, digest_due(cadence, watcher, now), reason), cadence)
        case Allowed(Cadence.SAME_DAY):
            due = digest_due(Cadence.SAME_DAY, watcher, now)
            return Opening(Standing(DeliveryState.HELD, due, Reason.DIGEST), Cadence.SAME_DAY)
        case Allowed(cadence):
            hold, told = endpoint_hold(watcher.state), partial(told_at, watcher)
            if hold is not None:
                return Opening(Standing(DeliveryState.HELD, told(now), hold), cadence)
            together = held_until(watcher.leads, told, severity, now, window)
            if together is not None:
                return Opening(Standing(DeliveryState.HELD, together, Reason.GROUPED), cadence)
            return Opening(Standing(DeliveryState.PENDING, told(now)), cadence)


def digest_due(cadence: Cadence, watcher: Watcher, now: datetime) -> datetime:
    """When what is held for a digest of this cadence is due in one: the end of its period, or the hour of the day."""
    zone = zone_named(watcher.timezone)
    if cadence is Cadence.SAME_DAY:
        return same_day(now, zone, watcher.quiet)
    return period_at(cadence, now, zone).end


def told_at(watcher: Watcher, now: datetime) -> datetime:
    """At once, or after the quiet hours where it is people that are told."""
    return now if watcher.channel is Channel.WEBHOOK else after_quiet(watcher.quiet, now, zone_named(watcher.timezone))
