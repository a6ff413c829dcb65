"""What plans allow, at subscribe time and at delivery time."""

import pytest

from shared.domain.deliveries import Channel, Reason
from shared.domain.plans import (
    PLANS,
    AddEndpoint,
    Allowed,
    Deliver,
    Denied,
    Held,
    Subscribe,
    Usage,
    Verdict,
    best,
    decide,
)
from shared.domain.subscriptions import Cadence

FULL = Usage(platforms=("acme", "borealis"), push_endpoints=("ep_1", "ep_2", "ep_3"))


def deliver(
    plan: str,
    *,
    platform: str = "acme",
    endpoint: str = "ep_1",
    channel: Channel = Channel.WEBHOOK,
    cadence: Cadence = Cadence.IMMEDIATE,
    severity: str = "high",
    by_provision: bool = False,
) -> Verdict:
    return decide(PLANS[plan], FULL, Deliver(platform, endpoint, channel, cadence, severity, by_provision))


def outcome(verdict: Verdict) -> Reason | Cadence:
    return verdict.cadence if isinstance(verdict, Allowed) else verdict.reason


@pytest.mark.parametrize(
    ("plan", "have", "channel", "expected"),
    [
        ("free", 0, Channel.EMAIL, Cadence.IMMEDIATE),
        ("free", 0, Channel.WEBHOOK, Reason.PLAN_ENDPOINTS),
        ("watcher", 1, Channel.SLACK, Cadence.IMMEDIATE),
        ("watcher", 2, Channel.WEBHOOK, Reason.PLAN_ENDPOINTS),
        ("compliance", 49, Channel.WEBHOOK, Cadence.IMMEDIATE),
        ("compliance", 50, Channel.WEBHOOK, Reason.PLAN_ENDPOINTS),
    ],
)
def test_endpoints_are_counted(plan: str, have: int, channel: Channel, expected: Reason | Cadence) -> None:
    usage = Usage(push_endpoints=tuple(f"ep_{n}" for n in range(have)))
    assert outcome(decide(PLANS[plan], usage, AddEndpoint(channel))) == expected


@pytest.mark.parametrize(
    ("plan", "platforms", "cadence", "by_provision", "expected"),
    [
        ("free", {"acme"}, Cadence.WEEKLY, False, Cadence.WEEKLY),
        ("free", {"acme"}, Cadence.DAILY, False, Reason.PLAN_CADENCE),
        ("free", {"acme", "borealis"}, Cadence.WEEKLY, False, Reason.PLAN_PLATFORMS),
        ("free", set(), Cadence.WEEKLY, False, Reason.PLAN_PLATFORMS),
        ("watcher", {f"p{n}" for n in range(24)}, Cadence.SAME_DAY, False, Cadence.SAME_DAY),
        ("watcher", {f"p{n}" for n in range(25)}, Cadence.SAME_DAY, False, Reason.PLAN_PLATFORMS),
        ("watcher", {"acme"}, Cadence.IMMEDIATE, False, Reason.PLAN_CADENCE),
        ("watcher", {"acme"}, Cadence.DAILY, True, Reason.PLAN_PROVISIONS),
        ("compliance", set(), Cadence.IMMEDIATE, True, Cadence.IMMEDIATE),
    ],
)
def test_subscriptions_are_decided(
    plan: str, platforms: set[str], cadence: Cadence, by_provision: bool, expected: Reason | Cadence
) -> None:
    request = Subscribe(frozenset(platforms), frozenset({Channel.EMAIL}), cadence, by_provision)
    assert outcome(decide(PLANS[plan], Usage(platforms=("acme",)), request)) == expected


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (deliver("compliance"), Allowed(Cadence.IMMEDIATE)),
        (deliver("compliance", severity="low"), Allowed(Cadence.IMMEDIATE)),
        (deliver("compliance", channel=Channel.EMAIL, severity="low"), Held(Reason.DIGEST, Cadence.WEEKLY)),
        (
            deliver("compliance", channel=Channel.SLACK, severity="low", cadence=Cadence.DAILY),
            Held(Reason.DIGEST, Cadence.DAILY),
        ),
        (deliver("compliance", cadence=Cadence.DAILY), Held(Reason.DIGEST, Cadence.DAILY)),
        (deliver("watcher", channel=Channel.EMAIL, cadence=Cadence.SAME_DAY), Allowed(Cadence.SAME_DAY)),
        (deliver("free", channel=Channel.EMAIL), Held(Reason.PLAN_CADENCE, Cadence.WEEKLY)),
        (deliver("watcher", channel=Channel.EMAIL), Held(Reason.PLAN_CADENCE, Cadence.SAME_DAY)),
        (deliver("free", channel=Channel.EMAIL, cadence=Cadence.WEEKLY), Held(Reason.DIGEST, Cadence.WEEKLY)),
        (deliver("free", channel=Channel.EMAIL, severity="low"), Held(Reason.DIGEST, Cadence.WEEKLY)),
    ],
)
def test_deliveries_go_now_or_into_a_digest(verdict: Verdict, expected: Verdict) -> None:
    assert verdict == expected


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (deliver("free"), Reason.PLAN_ENDPOINTS),
        (deliver("watcher", endpoint="ep_3"), Reason.PLAN_ENDPOINTS),
        (deliver("free", platform="borealis", channel=Channel.EMAIL), Reason.PLAN_PLATFORMS),
        (deliver("watcher", platform="unnamed"), Reason.PLAN_PLATFORMS),
        (deliver("watcher", by_provision=True), Reason.PLAN_PROVISIONS),
    ],
)
def test_after_a_downgrade_the_newest_is_over_the_limit(verdict: Verdict, reason: Reason) -> None:
    assert isinstance(verdict, Denied)
    assert verdict.reason == reason
    assert verdict.detail


def test_the_soonest_permission_counts_where_subscriptions_meet() -> None:
    denied, weekly = Denied(Reason.PLAN_PROVISIONS, "no"), Held(Reason.DIGEST, Cadence.WEEKLY)
    daily, same_day = Held(Reason.DIGEST, Cadence.DAILY), Allowed(Cadence.SAME_DAY)
    assert best([denied, weekly, daily]) == daily
    assert best([daily, same_day, Allowed(Cadence.IMMEDIATE)]) == Allowed(Cadence.IMMEDIATE)
    assert best([denied]) == denied
    slowed = Held(Reason.PLAN_CADENCE, Cadence.WEEKLY)
    assert best([weekly, slowed]) == best([slowed, weekly]) == slowed
