"""What a plan has no room for is paused, newest first; what it has room for again comes back."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.deliveries import Channel, Reason
from shared.domain.downgrades import Fitting, Holdings, OwnedEndpoint, OwnedSubscription, fitted
from shared.domain.plans import PLANS, Usage, limit_of, nearly_full, next_plan
from shared.domain.subscriptions import Cadence
from tests.factories.accounts import START

PLATFORMS, ENDPOINTS, PROVISIONS = Reason.PLAN_PLATFORMS, Reason.PLAN_ENDPOINTS, Reason.PLAN_PROVISIONS


def subscription(number: int, *platforms: str, state: str = "active", **changed: Any) -> OwnedSubscription:
    values: dict[str, Any] = {
        "by_provision": False,
        "cadence": Cadence.WEEKLY,
        "channels": frozenset({Channel.EMAIL}),
        "reason": None,
        "created_at": START + timedelta(days=number),
    }
    return OwnedSubscription(id=f"sub_{number}", platforms=frozenset(platforms), state=state, **{**values, **changed})


def by_plan(number: int, reason: Reason, *platforms: str, **changed: Any) -> OwnedSubscription:
    return subscription(number, *platforms, state="paused", reason=reason.value, **changed)


ACME, BOREALIS = subscription(1, "acme"), subscription(2, "borealis")
MANY = [subscription(number, f"platform{number:02}") for number in range(26)]


@pytest.mark.parametrize(
    ("plan", "subscriptions", "paused", "resumed"),
    [
        ("free", [ACME], {}, []),
        ("free", [ACME, BOREALIS], {"sub_2": PLATFORMS}, []),
        ("free", [BOREALIS, ACME], {"sub_2": PLATFORMS}, []),  # the newest goes, however they are listed
        ("free", [ACME, subscription(2, "acme", "borealis")], {}, []),  # in part: what is over is held back alone
        ("free", [subscription(1, "acme", "borealis"), subscription(2, "borealis")], {"sub_2": PLATFORMS}, []),
        ("free", [subscription(1)], {"sub_1": PLATFORMS}, []),  # every platform
        ("free", [subscription(1, "acme", state="paused"), BOREALIS], {}, []),  # paused by hand takes no room
        ("free", [subscription(1, "acme", by_provision=True), BOREALIS], {"sub_1": PROVISIONS}, []),
        ("watcher", MANY, {"sub_25": PLATFORMS}, []),
        ("watcher", MANY[:25], {}, []),
        ("watcher", [subscription(1, "acme", by_provision=True)], {"sub_1": PROVISIONS}, []),
        ("compliance", [*MANY, subscription(30), subscription(31, by_provision=True)], {}, []),
        # upgrades
        ("watcher", [ACME, by_plan(2, PLATFORMS, "borealis")], {}, ["sub_2"]),
        ("watcher", [ACME, by_plan(2, PROVISIONS, "acme", by_provision=True)], {}, []),
        ("compliance", [ACME, by_plan(2, PROVISIONS, by_provision=True)], {}, ["sub_2"]),
        ("compliance", [subscription(1, "acme", state="paused")], {}, []),
        ("compliance", [subscription(1, "acme", state="paused", reason="paused-by-reader")], {}, []),
        # still over, for another reason
        ("watcher", [by_plan(1, PLATFORMS, "acme", by_provision=True)], {"sub_1": PROVISIONS}, []),
        ("free", [ACME, by_plan(2, PLATFORMS, "borealis")], {}, []),
    ],
)
def test_subscriptions(
    plan: str, subscriptions: list[OwnedSubscription], paused: dict[str, Reason], resumed: list[str]
) -> None:
    fitting = fitted(PLANS[plan], Holdings(subscriptions, ()))
    assert (fitting.paused, fitting.resumed) == (paused, tuple(resumed))


@pytest.mark.parametrize(
    ("plan", "endpoints", "paused", "resumed"),
    [
        ("free", [("ep_1", "active", None)], {"ep_1": ENDPOINTS}, []),
        ("watcher", [(f"ep_{n}", "active", None) for n in range(4)], {"ep_2": ENDPOINTS, "ep_3": ENDPOINTS}, []),
        ("watcher", [("ep_1", "paused", None), ("ep_2", "disabled", "endpoint-gone")], {}, []),
        ("free", [("ep_1", "paused", None), ("ep_2", "disabled", "endpoint-gone")], {}, []),
        ("watcher", [("ep_1", "paused", "plan-endpoints"), ("ep_2", "paused", None)], {}, ["ep_1"]),
        ("free", [("ep_1", "paused", "plan-endpoints")], {}, []),
    ],
)
def test_endpoints(
    plan: str, endpoints: list[tuple[str, str, str | None]], paused: dict[str, Reason], resumed: list[str]
) -> None:
    held = Holdings((), [OwnedEndpoint(*values) for values in endpoints])
    assert fitted(PLANS[plan], held) == Fitting(paused, tuple(resumed), ())


@pytest.mark.parametrize(
    ("plan", "cadence", "channel", "slowed"),
    [
        ("free", Cadence.IMMEDIATE, Channel.EMAIL, True),
        ("free", Cadence.WEEKLY, Channel.EMAIL, False),
        ("watcher", Cadence.IMMEDIATE, Channel.EMAIL, True),
        ("watcher", Cadence.SAME_DAY, Channel.EMAIL, False),
        ("watcher", Cadence.IMMEDIATE, Channel.SLACK, False),
        ("compliance", Cadence.IMMEDIATE, Channel.EMAIL, False),
    ],
)
def test_mail_wanted_too_soon_is_slowed_not_paused(plan: str, cadence: Cadence, channel: Channel, slowed: bool) -> None:
    one = subscription(1, "acme", cadence=cadence, channels=frozenset({channel}))
    assert fitted(PLANS[plan], Holdings([one], ())) == Fitting({}, (), ("sub_1",) if slowed else ())


@pytest.mark.parametrize(
    ("plan", "platforms", "endpoints", "notes"),
    [
        ("watcher", 19, 1, []),
        ("watcher", 20, 0, ["20 of 25 platforms of the plan watcher are used"]),
        ("watcher", 0, 2, ["2 of 2 webhook and Slack endpoints of the plan watcher are used"]),
        ("free", 1, 0, ["1 of 1 platform of the plan free is used"]),
        ("compliance", 500, 39, []),
        ("compliance", 500, 40, ["40 of 50 webhook and Slack endpoints of the plan compliance are used"]),
    ],
)
def test_at_four_fifths_of_a_limit_it_is_said(plan: str, platforms: int, endpoints: int, notes: list[str]) -> None:
    usage = Usage(tuple(map(str, range(platforms))), tuple(map(str, range(endpoints))))
    assert nearly_full(PLANS[plan], usage) == notes


@pytest.mark.parametrize(
    ("plan", "reason", "larger"),
    [
        ("free", PLATFORMS, "watcher"),
        ("watcher", PLATFORMS, "compliance"),
        ("compliance", PLATFORMS, None),
        ("free", ENDPOINTS, "watcher"),
        ("free", PROVISIONS, "compliance"),
        ("free", Reason.PLAN_CADENCE, "watcher"),
        ("watcher", Reason.PLAN_CADENCE, "compliance"),
    ],
)
def test_the_next_plan_is_the_smallest_that_grants_more(plan: str, reason: Reason, larger: str | None) -> None:
    found = next_plan(PLANS[plan], reason)
    assert (found.name if found else None) == larger
    assert PLANS[plan].name in limit_of(PLANS[plan], reason)
