"""Plans as data, and the one function that decides what a plan allows, at subscribe time and at delivery time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from shared.domain.deliveries import Channel, Reason
from shared.domain.subscriptions import CADENCES, Cadence


@dataclass(frozen=True, slots=True)
class Plan:
    """Limits by name; None means unlimited."""

    name: str
    platforms: int | None
    email_cadences: frozenset[Cadence]
    push_endpoints: int
    """Webhook and Slack endpoints together."""
    by_provision: bool
    """Subscriptions to categories and single provisions."""
    regulatory: bool
    """Regulatory mapping, timelines and evidence export."""
    deliveries_per_day: int
    """By UTC day; a delivery counts once, when it is first claimed."""
    history_days: int | None
    requests_per_minute: int
    """To the REST API, by all keys and sessions of an account together."""


_DIGESTS_AND_SAME_DAY = frozenset({Cadence.SAME_DAY, Cadence.DAILY, Cadence.WEEKLY})

PLANS: Mapping[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan("free", 1, frozenset({Cadence.WEEKLY}), 0, False, False, 5, 30, 120),
        Plan("watcher", 25, _DIGESTS_AND_SAME_DAY, 2, False, False, 1_000, 365, 600),
        Plan("compliance", None, frozenset(CADENCES), 50, True, True, 100_000, None, 6_000),
    )
}


_PUSH = "webhook and Slack endpoint"
_INSIDE = "subscriptions to categories or provisions"

QUOTA_WARNING = 0.8
"""Share of a limit at which the owner is told how much is left."""


def limit_of(plan: Plan, reason: Reason) -> str:
    """What the plan grants of what was refused for this reason, in words; KeyError where no plan refuses for it."""
    platforms = "every platform" if plan.platforms is None else _count(plan.platforms, "platform")
    offered = ", ".join(cadence for cadence in CADENCES if cadence in plan.email_cadences)
    return {
        Reason.PLAN_PLATFORMS: f"the plan {plan.name} covers {platforms}",
        Reason.PLAN_ENDPOINTS: f"the plan {plan.name} includes {_count(plan.push_endpoints, _PUSH)}",
        Reason.PLAN_PROVISIONS: f"the plan {plan.name} has {'' if plan.by_provision else 'no '}{_INSIDE}",
        Reason.PLAN_CADENCE: f"by email the plan {plan.name} tells {offered}",
    }[reason]


def next_plan(plan: Plan, reason: Reason) -> Plan | None:
    """The smallest plan that grants more of what was refused for this reason; None where there is none."""
    plans = list(PLANS.values())
    larger = plans[plans.index(plan) + 1 :] if plan in plans else plans
    return next((one for one in larger if _grants(one, reason) > _grants(plan, reason)), None)


def _grants(plan: Plan, reason: Reason) -> float:
    return {
        Reason.PLAN_PLATFORMS: inf if plan.platforms is None else plan.platforms,
        Reason.PLAN_ENDPOINTS: plan.push_endpoints,
        Reason.PLAN_PROVISIONS: plan.by_provision,
        Reason.PLAN_CADENCE: len(plan.email_cadences),
    }[reason]


def quota_phase(used: int, refused: int, limit: int) -> str | None:
    """What of a day's quota its owner should know: nearly-used, used-up (something was held back), or nothing."""
    if refused:
        return "used-up"
    return "nearly-used" if used >= limit * QUOTA_WARNING else None


def plan_named(name: str) -> Plan:
    """The plan of that name; an unknown one grants no more than `free`."""
    return PLANS.get(name, PLANS["free"])


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account has, oldest first: what a smaller plan has no room for is the newest."""

    platforms: tuple[str, ...] = ()
    """Slugs that its active subscriptions name, each once."""
    push_endpoints: tuple[str, ...] = ()
    """Ids of its webhook and Slack endpoints."""


def nearly_full(plan: Plan, usage: Usage) -> list[str]:
    """A sentence for each of platforms and endpoints of which an account uses 80 % or more."""
    limits = (
        (len(usage.platforms), plan.platforms, "platform"),
        (len(usage.push_endpoints), plan.push_endpoints, _PUSH),
    )
    return [
        f"{used} of {_count(limit, noun)} of the plan {plan.name} {'is' if used == 1 else 'are'} used"
        for used, limit, noun in limits
        if limit and used >= limit * QUOTA_WARNING
    ]


@dataclass(frozen=True, slots=True)
class AddEndpoint:
    """The wish for another endpoint."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The wish to hear of something. No platform named means every platform."""

    platforms: frozenset[str]
    channels: frozenset[Channel]
    cadence: Cadence
    by_provision: bool


@dataclass(frozen=True, slots=True)
class Deliver:
    """One change, about to be told to one endpoint by the rule of one subscription."""

    platform: str
    endpoint_id: str
    channel: Channel
    cadence: Cadence
    severity: str
    by_provision: bool


@dataclass(frozen=True, slots=True)
class Allowed:
    """Go ahead, at this cadence (immediate or same-day where it is a delivery)."""

    cadence: Cadence


@dataclass(frozen=True, slots=True)
class Held:
    """Not now: it goes into the digest of this cadence, or is told the same day."""

    reason: Reason
    cadence: Cadence


@dataclass(frozen=True, slots=True)
class Denied:
    """The plan does not include it; `detail` says so to the account's owner."""

    reason: Reason
    detail: str


Verdict = Allowed | Held | Denied


def decide(plan: Plan, usage: Usage, request: AddEndpoint | Subscribe | Deliver) -> Verdict:
    """What the plan says to a request, given what the account has already."""
    match request:
        case AddEndpoint():
            return _add_endpoint(plan, usage, request)
        case Subscribe():
            return _subscribe(plan, usage, request)
        case Deliver():
            return _deliver(plan, usage, request)


def best(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that counts where several subscriptions meet on one endpoint: told, and soonest, if any allows it."""

    def rank(verdict: Verdict) -> tuple[int, int, bool]:
        match verdict:
            case Allowed(cadence):
                return 0, CADENCES.index(cadence), False
            case Held(reason, cadence):
                return 1, CADENCES.index(cadence), reason is not Reason.PLAN_CADENCE
            case Denied():
                return 2, 0, False

    return min(verdicts, key=rank)


def _add_endpoint(plan: Plan, usage: Usage, request: AddEndpoint) -> Verdict:
    if request.channel.is_push and len(usage.push_endpoints) >= plan.push_endpoints:
        return _denied(plan, Reason.PLAN_ENDPOINTS)
    return Allowed(Cadence.IMMEDIATE)


def _subscribe(plan: Plan, usage: Usage, request: Subscribe) -> Verdict:
    if plan.platforms is not None:
        if not request.platforms:
            return Denied(Reason.PLAN_PLATFORMS, f"{limit_of(plan, Reason.PLAN_PLATFORMS)}: name them")
        if len(request.platforms.union(usage.platforms)) > plan.platforms:
            return _denied(plan, Reason.PLAN_PLATFORMS)
    if request.by_provision and not plan.by_provision:
        return _denied(plan, Reason.PLAN_PROVISIONS)
    if Channel.EMAIL in request.channels and request.cadence not in plan.email_cadences:
        return Denied(Reason.PLAN_CADENCE, f"{limit_of(plan, Reason.PLAN_CADENCE)}, not {request.cadence}")
    return Allowed(request.cadence)


def _deliver(plan: Plan, usage: Usage, request: Deliver) -> Verdict:
    if plan.platforms is not None and request.platform not in usage.platforms[: plan.platforms]:
        return _denied(plan, Reason.PLAN_PLATFORMS)
    if request.channel.is_push and request.endpoint_id not in usage.push_endpoints[: plan.push_endpoints]:
        return _denied(plan, Reason.PLAN_ENDPOINTS)
    if request.by_provision and not plan.by_provision:
        return _denied(plan, Reason.PLAN_PROVISIONS)
    wished = _uninterrupting(request.cadence, request)
    cadence = _uninterrupting(_offered(plan, request), request)
    if cadence is not wished:
        return Held(Reason.PLAN_CADENCE, cadence)
    return Held(Reason.DIGEST, cadence) if cadence.is_digest else Allowed(cadence)


def _denied(plan: Plan, reason: Reason) -> Denied:
    return Denied(reason, limit_of(plan, reason))


def _offered(plan: Plan, request: Deliver) -> Cadence:
    """The wished cadence, or the next slower one the plan offers."""
    if request.channel is not Channel.EMAIL:
        return request.cadence
    return next(c for c in CADENCES[CADENCES.index(request.cadence) :] if c in plan.email_cadences)


def _uninterrupting(cadence: Cadence, request: Deliver) -> Cadence:
    """The cadence, or the weekly one where it would interrupt a person for something of low severity."""
    interrupts = request.channel is not Channel.WEBHOOK and not cadence.is_digest
    return Cadence.WEEKLY if interrupts and request.severity in {"low", "editorial"} else cadence


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
