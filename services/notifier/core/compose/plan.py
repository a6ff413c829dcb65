"""What an owner is told of the plan, in words: what a change of it paused, and what a week's limits held back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.notifier.core.compose import wording
from shared.domain.deliveries import Reason
from shared.domain.plans import Plan, limit_of, next_plan, plan_named


@dataclass(frozen=True, slots=True)
class PlanView:
    """One thing to know, a line for each limit, and what to do."""

    sentence: str
    lines: tuple[str, ...]
    closing: str
    command: str


def plan_view(data: Mapping[str, Any]) -> PlanView:
    """The words for a notice's data; KeyError or ValueError where it lacks something."""
    plan = plan_named(data["plan"])
    return _held_back(plan, data) if data["phase"] == "held-back" else _changed(plan, data)


def _changed(plan: Plan, data: Mapping[str, Any]) -> PlanView:
    lines = []
    for name, count in sorted(data["counts"].items()):
        reason = Reason(name)
        noun = "endpoint" if reason is Reason.PLAN_ENDPOINTS else "subscription"
        told = "told later" if reason is Reason.PLAN_CADENCE else "paused"
        lines.append(f"{_count(count, noun)} {'is' if count == 1 else 'are'} {told}: {_limit(plan, reason)}")
    return PlanView(
        f"Your plan is now {plan.name}, which has no room for all that you watch.",
        tuple(lines),
        "Nothing was deleted: what is paused comes back with a plan that has room for it. What you paused yourself "
        "stays paused.",
        "clausewatch account show",
    )


def _held_back(plan: Plan, data: Mapping[str, Any]) -> PlanView:
    week = wording.day(date.fromisoformat(data["week"]))
    lines = []
    for held in data["held"]:
        reason, count = Reason(held["reason"]), held["count"]
        about = f"{_count(count, 'message')} about {wording.one_line(held['platform'], 80)}"
        later = "came later" if reason is Reason.PLAN_CADENCE else f"{'was' if count == 1 else 'were'} not sent"
        lines.append(f"{about} {later}: {_limit(plan, reason)}")
    total = sum(held["count"] for held in data["held"])
    unsent = any(held["reason"] != Reason.PLAN_CADENCE for held in data["held"])
    return PlanView(
        f"Your plan held back {_count(total, 'message')} in the week from {week}.",
        tuple(lines),
        "Each is kept with its reason.",
        "clausewatch deliveries list" + (" --state skipped" if unsent else ""),
    )


def _limit(plan: Plan, reason: Reason) -> str:
    larger = next_plan(plan, reason)
    return limit_of(plan, reason) + (f"; {limit_of(larger, reason)}." if larger else ".")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
