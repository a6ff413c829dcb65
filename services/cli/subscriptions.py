"""`clausewatch subscriptions …`: what was subscribed to, paused, muted, and when people are left alone."""

from dataclasses import asdict
from typing import Annotated
from zoneinfo import available_timezones

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.errors import UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import print_json, say, show_table, styled
from services.cli.watch import named_document
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.plan_changes import PlanStore
from shared.db.notifier.subscriptions import SubscriptionStore
from shared.db.sources import Sources
from shared.domain.digests import QuietHours
from shared.domain.plans import limit_of, plan_named
from shared.domain.subscriptions import Subscription

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="See, pause, resume and mute subscriptions."
)

Reference = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Its id, or the beginning of one.")]
Document = Annotated[str, typer.Argument(metavar="DOCUMENT", help='An id, the beginning of one, or "platform/type".')]


@app.command("list")
def list_subscriptions(as_json: AsJson = False) -> None:
    """List subscriptions, oldest first, and the muted documents."""
    with open_installation() as opened:
        rows = AccountStore(opened.database).subscriptions(LOCAL_ACCOUNT)
        store = SubscriptionStore(opened.database)
        told, muted = store.addresses(LOCAL_ACCOUNT), sorted(store.muted(LOCAL_ACCOUNT))
        names = {one.id: f"{one.platform} / {one.type}" for one in Sources(opened.database).names()}
    if as_json:
        listed = [
            {"id": row.id, "state": row.state, "reason": row.reason, "to": told.get(row.id, []), **_as_json(wanted)}
            for row, wanted in rows
        ]
        print_json({"subscriptions": listed, "muted": muted})
        return
    show_table(
        ("subscription", "state", "why", "of", "from", "cadence", "to"),
        [
            (
                row.id,
                styled(row.state),
                row.reason,
                ", ".join(names.get(value, value) for _, value in wanted.terms()) or "everything",
                wanted.minimum_severity,
                wanted.cadence.value,
                ", ".join(told.get(row.id, [])),
            )
            for row, wanted in rows
        ],
        empty="no subscriptions yet: `clausewatch subscribe` makes one",
    )
    for document_id in muted:
        say(f"muted: {names.get(document_id, document_id)} ({document_id})")


@app.command()
def pause(subscription: Reference) -> None:
    """Tell nothing more by a subscription until it is resumed; what happens meanwhile is not told later."""
    with open_installation() as opened:
        subscription_id = _named(opened, subscription)
        SubscriptionStore(opened.database).set_state(LOCAL_ACCOUNT, subscription_id, "paused")
    say(f"{subscription_id} is paused")


@app.command()
def resume(subscription: Reference) -> None:
    """Tell again by a paused subscription, from now on."""
    with open_installation() as opened:
        subscription_id = _named(opened, subscription)
        refused = PlanStore(opened.database).resume(LOCAL_ACCOUNT, subscription_id)
        account = AccountStore(opened.database).account(LOCAL_ACCOUNT)
    if refused and account:
        limit = limit_of(plan_named(account.plan), refused)
        raise UsageError(f"subscriptions resume: {limit}; pause another, or see `clausewatch account show`")
    say(f"{subscription_id} is active")


@app.command()
def mute(document: Document) -> None:
    """Hear nothing more of one document, whatever is subscribed to."""
    with open_installation() as opened:
        local_accounts(opened)
        found = named_document(opened, document)
        new = SubscriptionStore(opened.database).mute(LOCAL_ACCOUNT, found.id, opened.clock.now())
    say(f"{found.platform} / {found.type} ({found.id}) is {'' if new else 'already '}muted")


@app.command()
def unmute(document: Document) -> None:
    """Hear of a muted document again."""
    with open_installation() as opened:
        found = named_document(opened, document)
        if not SubscriptionStore(opened.database).unmute(LOCAL_ACCOUNT, found.id):
            raise UsageError(f"subscriptions unmute: {found.platform} / {found.type} is not muted")
    say(f"{found.platform} / {found.type} ({found.id}) is told of again")


@app.command()
def hours(
    timezone: Annotated[str | None, typer.Option(help="Of days, weeks and quiet hours: Europe/Berlin, …")] = None,
    quiet: Annotated[str | None, typer.Option(help='No email or Slack message then: 22:00-07:00, or "none".')] = None,
) -> None:
    """Show or set the time zone and the quiet hours."""
    if timezone is not None and timezone not in available_timezones():
        raise UsageError(f"subscriptions hours: there is no time zone {timezone!r}; one is Europe/Berlin")
    with open_installation() as opened:
        local_accounts(opened)
        account = AccountStore(opened.database).account(LOCAL_ACCOUNT)
        kept = account.quiet_hours if account else None
        wanted = _quiet_hours(quiet) if quiet is not None else QuietHours.parse(kept) if kept else None
        SubscriptionStore(opened.database).set_hours(LOCAL_ACCOUNT, timezone, wanted, opened.clock.now())
        zone = timezone or (account.timezone if account else "UTC")
    say(f"time zone {zone}, {f'quiet hours {wanted}' if wanted else 'no quiet hours'}")


def _quiet_hours(text: str) -> QuietHours | None:
    if text == "none":
        return None
    try:
        return QuietHours.wished(text)
    except ValueError as error:
        raise UsageError(f"subscriptions hours: --quiet {text!r}: {error}; write 22:00-07:00, or none") from None


def _named(opened: Opened, reference: str) -> str:
    """The id of the subscription that an id, or the beginning of one, names; UsageError otherwise."""
    ids = [row.id for row, _ in AccountStore(opened.database).subscriptions(LOCAL_ACCOUNT)]
    found = [one for one in ids if one == reference] or [one for one in ids if reference and one.startswith(reference)]
    if len(found) == 1:
        return found[0]
    problem = "names several subscriptions" if found else "names no subscription"
    raise UsageError(f"{reference!r} {problem}: `clausewatch subscriptions list` shows them")


def _as_json(wanted: Subscription) -> dict[str, object]:
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(wanted).items()}
