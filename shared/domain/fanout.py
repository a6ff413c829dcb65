"""How a delivery begins: what plan, cadence and endpoint make of one change for one endpoint."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Standing, endpoint_hold
from shared.domain.plans import Allowed, Deliver, Denied, Held, Usage, best, decide, plan_named
from shared.domain.subscriptions import Cadence, soonest

SAME_DAY_HOUR = time(17)
"""Local time by which what is told the same day goes out."""


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


@dataclass(frozen=True, slots=True)
class Opening:
    """A delivery's first standing, and the cadence it was decided to have."""

    standing: Standing
    cadence: Cadence


def opening(watcher: Watcher, usage: Usage, *, platform: str, severity: str, now: datetime) -> Opening:
    """Where a delivery to this endpoint begins: due, due later today, held, or skipped, each with its reason."""
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
            return Opening(Standing(DeliveryState.HELD, now, reason), cadence)
        case Allowed(cadence):
            due = same_day(now, watcher.timezone) if cadence is Cadence.SAME_DAY else now
            hold = endpoint_hold(watcher.state)
            state = DeliveryState.PENDING if hold is None else DeliveryState.HELD
            return Opening(Standing(state, due, hold), cadence)


def same_day(now: datetime, timezone: str) -> datetime:
    """Five in the afternoon of the account's day, or at once where that is past; at once too for an unknown zone."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return now
    local = now.astimezone(zone)
    due = datetime.combine(local.date(), SAME_DAY_HOUR, tzinfo=zone).astimezone(UTC)
    return max(due, now)
