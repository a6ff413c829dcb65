"""`clausewatch account …`: what the plan allows, what is used of it, and another plan."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.errors import UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import print_json, say, show_facts
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.limits import used_today
from shared.db.notifier.plan_changes import PlanStore
from shared.domain.deliveries import Reason
from shared.domain.plans import PLANS, Plan, limit_of, nearly_full, plan_named
from shared.domain.subscriptions import CADENCES

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="See what the plan allows and what is used of it, and change the plan.",
)


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show the plan, its limits, and what is used of each."""
    with open_installation() as opened:
        plan, platforms, endpoints, today = _used(opened)
    if as_json:
        limits = {**asdict(plan), "email_cadences": [one for one in CADENCES if one in plan.email_cadences]}
        used = {"platforms": platforms, "push_endpoints": endpoints, "deliveries_today": today}
        print_json({"id": LOCAL_ACCOUNT, "plan": plan.name, "limits": limits, "used": used})
        return
    inside = "yes" if plan.by_provision else "no"
    show_facts(
        [
            ("plan", plan.name),
            ("platforms", f"{platforms} of {'any number' if plan.platforms is None else plan.platforms}"),
            ("webhook and Slack endpoints", f"{endpoints} of {plan.push_endpoints}"),
            ("by email", ", ".join(one for one in CADENCES if one in plan.email_cadences)),
            ("subscriptions to categories and provisions", inside),
            ("deliveries today, by UTC", f"{today} of {plan.deliveries_per_day}"),
            ("requests to the API a minute", f"{plan.requests_per_minute:,}"),
            ("history in the API", "all" if plan.history_days is None else f"{plan.history_days} days"),
        ]
    )


@app.command("plan")
def change_plan(
    name: Annotated[str, typer.Argument(metavar="|".join(PLANS), help="The plan to be on.")], as_json: AsJson = False
) -> None:
    """Change the plan. What a smaller one has no room for is paused, newest first, and comes back with a larger one."""
    if name not in PLANS:
        raise UsageError(f"account plan: {name!r} is not one of {', '.join(PLANS)}")
    with open_installation() as opened:
        local_accounts(opened)
        fitting = PlanStore(opened.database).change(LOCAL_ACCOUNT, name, opened.clock.now())
    if fitting is None:
        raise UsageError("account plan: there is no local account")
    if as_json:
        print_json({"plan": name, "paused": fitting.paused, "resumed": fitting.resumed, "slowed": fitting.slowed})
        return
    say(f"the plan is {name}")
    _say_changes(PLANS[name], fitting.paused)
    for one in fitting.resumed:
        say(f"{one} is active again")
    for one in fitting.slowed:
        say(f"{one} is told later: {limit_of(PLANS[name], Reason.PLAN_CADENCE)}")


def warn_of_limits(opened: Opened) -> None:
    """A note on standard error for each limit that is nearly reached."""
    account = AccountStore(opened.database).account(LOCAL_ACCOUNT)
    if account:
        for sentence in nearly_full(plan_named(account.plan), AccountStore(opened.database).usage(LOCAL_ACCOUNT)):
            typer.echo(f"note: {sentence}: `clausewatch account show`", err=True)


def _say_changes(plan: Plan, paused: Mapping[str, Reason]) -> None:
    for one, reason in paused.items():
        say(f"{one} is paused: {limit_of(plan, reason)}")


def _used(opened: Opened) -> tuple[Plan, int, int, int]:
    """The plan, and how many platforms, webhook and Slack endpoints, and deliveries of today are used of it."""
    local_accounts(opened)
    store = AccountStore(opened.database)
    account, usage = store.account(LOCAL_ACCOUNT), store.usage(LOCAL_ACCOUNT)
    plan = plan_named(account.plan if account else "")
    today = used_today(opened.database, LOCAL_ACCOUNT, opened.clock.now())
    return plan, len(usage.platforms), len(usage.push_endpoints), today
