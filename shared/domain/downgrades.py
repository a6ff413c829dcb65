"""What of an account is over its plan: paused, newest first, and back as soon as a plan has room for it.

Nothing is deleted, and what the owner paused stays paused. A subscription is paused where the plan has room for none of
the platforms that it names; where it has room for some, those are told, and the rest is held back by `plans.decide`.
Mail wanted sooner than the plan tells it is slowed, not paused: a pause would leave the reader with nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.deliveries import Channel, Reason
from shared.domain.plans import Plan
from shared.domain.subscriptions import Cadence

PLAN_REASONS = frozenset({Reason.PLAN_PLATFORMS, Reason.PLAN_ENDPOINTS, Reason.PLAN_PROVISIONS})
"""Why something is paused that its plan, not its owner, paused."""


@dataclass(frozen=True, slots=True)
class OwnedSubscription:
    """A subscription as plans see it. `platforms`: slugs it names, itself or by a document."""

    id: str
    platforms: frozenset[str]
    """Of none it names, every one is meant."""
    by_provision: bool
    cadence: Cadence
    channels: frozenset[Channel]
    state: str
    reason: str | None
    created_at: datetime

    @property
    def wanted(self) -> bool:
        """Whether it is active, or would be but for the plan."""
        return self.state == "active" or self.reason in PLAN_REASONS


@dataclass(frozen=True, slots=True)
class OwnedEndpoint:
    """A webhook or Slack endpoint as plans see it."""

    id: str
    state: str
    reason: str | None

    @property
    def wanted(self) -> bool:
        """Whether it is active, or would be but for the plan."""
        return self.state == "active" or self.reason in PLAN_REASONS


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an account has; endpoints oldest first."""

    subscriptions: Sequence[OwnedSubscription]
    push_endpoints: Sequence[OwnedEndpoint]


@dataclass(frozen=True, slots=True)
class Fitting:
    """What changes so that an account fits its plan: ids with why they are paused, ids that come back, ids slowed."""

    paused: Mapping[str, Reason]
    resumed: tuple[str, ...]
    slowed: tuple[str, ...]


def fitted(plan: Plan, holdings: Holdings) -> Fitting:
    """What the plan pauses and what it brings back; nothing where the account fits already."""
    over = over_limit(plan, holdings)
    paused: dict[str, Reason] = {}
    resumed: list[str] = []
    everything: list[OwnedSubscription | OwnedEndpoint] = [*holdings.subscriptions, *holdings.push_endpoints]
    for one in everything:
        reason = over.get(one.id)
        if one.wanted and reason and one.reason != reason:
            paused[one.id] = reason
        elif one.wanted and not reason and one.state != "active":
            resumed.append(one.id)
    slowed = tuple(
        one.id
        for one in holdings.subscriptions
        if one.wanted
        and one.id not in over
        and Channel.EMAIL in one.channels
        and one.cadence not in plan.email_cadences
    )
    return Fitting(paused, tuple(resumed), slowed)


def over_limit(plan: Plan, holdings: Holdings) -> dict[str, Reason]:
    """What the plan has no room for, and why: the newest endpoints, and subscriptions to the newest platforms."""
    over = {one.id: Reason.PLAN_ENDPOINTS for one in holdings.push_endpoints[plan.push_endpoints :]}
    left = []
    for one in holdings.subscriptions:
        if one.by_provision and not plan.by_provision:
            over[one.id] = Reason.PLAN_PROVISIONS
        elif one.wanted:
            left.append(one)
    if plan.platforms is not None:
        covered = _oldest(left)[: plan.platforms]
        over |= {one.id: Reason.PLAN_PLATFORMS for one in left if one.platforms.isdisjoint(covered)}
    return over


def _oldest(subscriptions: Sequence[OwnedSubscription]) -> list[str]:
    """The platforms named, in the order in which each first was, as in `shared.db.notifier.usage`."""
    since: dict[str, datetime] = {}
    for one in subscriptions:
        for slug in one.platforms:
            since[slug] = min(since.get(slug, one.created_at), one.created_at)
    return sorted(since, key=lambda slug: (since[slug], slug))
