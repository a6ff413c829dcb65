"""`clausewatch endpoints …`: where people and programs are told."""

from datetime import timedelta
from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts, named_endpoint
from services.cli.endpoint_consent import confirm, reader_said_no, resend, say_asked
from services.cli.endpoint_secrets import rotate
from services.cli.errors import UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, say, show_table, styled
from services.cli.plan import warn_of_limits
from shared.db.notifier.accounts import AccountStore
from shared.db.tables import EndpointRow
from shared.domain.deliveries import Channel, EndpointState, Reason
from shared.domain.downgrades import PLAN_REASONS
from shared.domain.endpoint_addresses import UnusableAddress
from shared.links import Links
from shared.secrets import secret_box
from shared.usecases.accounts import NotAllowed

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Add, list, test, pause and enable the places that are told.",
)

EndpointName = Annotated[str, typer.Argument(metavar="ENDPOINT", help="An id, the beginning of one, or the address.")]
_REASONS = {
    Reason.ENDPOINT_GONE.value: "it answered that it is gone",
    Reason.ENDPOINT_DISABLED.value: "it failed for five days",
    Reason.MAIL_BOUNCED.value: "mail to it bounces",
    Reason.MAIL_COMPLAINED.value: "its reader reported our mail as spam",
    Reason.MAIL_UNSUBSCRIBED.value: "its reader unsubscribed",
}
_CONFIRM_WITHIN = timedelta(days=7)
_OFFERED = (Channel.EMAIL, Channel.WEBHOOK, Channel.SLACK)


@app.command()
def add(
    kind: Annotated[str, typer.Argument(metavar="email|webhook|slack", help="How it is told.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address, or the URL of a webhook.")],
    as_json: AsJson = False,
) -> None:
    """Add an endpoint. A webhook's secret is shown this once; a Slack URL is one, and never shown whole."""
    if kind not in _OFFERED:
        raise UsageError(f"endpoints add: {kind!r} is not one of {', '.join(_OFFERED)}")
    with open_installation() as opened:
        try:
            added = local_accounts(opened).add_endpoint(LOCAL_ACCOUNT, Channel(kind), address)
        except (UnusableAddress, NotAllowed) as error:
            raise UsageError(f"endpoints add: {error}") from None
        warn_of_limits(opened)
    if as_json:
        asked = added.asked.outcome if added.asked else None
        shown = {"id": added.endpoint.id, "address": added.endpoint.address, "secret": added.secret}
        print_json({**shown, "state": added.endpoint.state, "asked": asked})
        return
    say(f"{kind} {added.endpoint.address} is {added.endpoint.id}")
    if added.secret:
        say(f"secret, shown this once: {added.secret}")
    elif kind == Channel.WEBHOOK:
        say("it was there before; its secret is not shown again")
    if added.asked:
        say_asked(added.endpoint, added.asked)
    elif added.endpoint.state == EndpointState.UNCONFIRMED:
        say(f"its reader has not confirmed it yet: `clausewatch endpoints resend {added.endpoint.id}` asks once more")


@app.command("list")
def list_endpoints(as_json: AsJson = False) -> None:
    """List the endpoints; one that was disabled says why."""
    with open_installation() as opened:
        endpoints = AccountStore(opened.database).endpoints(LOCAL_ACCOUNT)
        now = opened.clock.now()
    if as_json:
        hidden = {"secret", "old_secret", "old_secret_until"}
        print_json([endpoint.model_dump(exclude=hidden) for endpoint in endpoints])
        return
    show_table(
        ("endpoint", "kind", "address", "state", "reason", "failing since"),
        [
            (one.id, one.kind, one.address, styled(one.state), _why(one.reason), ago(one.failing_since, now))
            for one in endpoints
        ],
        empty="no endpoints yet: `clausewatch endpoints add webhook URL`, `… add slack URL` or `… add email ADDRESS`",
    )


@app.command("test")
def send_test(
    endpoint: EndpointName,
    as_json: AsJson = False,
) -> None:
    """Send a test message; the running notifier does it."""
    with open_installation() as opened:
        chosen = named_endpoint(opened, endpoint)
        if chosen.state == EndpointState.UNCONFIRMED:
            raise UsageError(f"endpoints test: {chosen.address} is not confirmed by its reader and gets nothing yet")
        delivery_id = local_accounts(opened).test_endpoint(LOCAL_ACCOUNT, chosen.id)
    if as_json:
        print_json({"delivery": delivery_id, "endpoint": chosen.id})
    else:
        say(f"a test is on its way to {chosen.address} as {delivery_id}: `clausewatch deliveries list` shows it arrive")


@app.command()
def pause(endpoint: EndpointName) -> None:
    """Tell an endpoint nothing for now; what it would have been told is held until it is enabled."""
    with open_installation() as opened:
        chosen = named_endpoint(opened, endpoint)
        if chosen.state == EndpointState.DISABLED:
            raise UsageError(f"endpoints pause: {chosen.address} is disabled already: {_why(chosen.reason)}")
        if chosen.state == EndpointState.UNCONFIRMED:
            raise UsageError(f"endpoints pause: {chosen.address} is not confirmed by its reader and gets nothing yet")
        AccountStore(opened.database).set_endpoint_state(chosen.id, EndpointState.PAUSED, opened.clock.now())
    say(f"{chosen.address} ({chosen.id}) is paused: what it would be told is held until `clausewatch endpoints enable`")


@app.command()
def enable(endpoint: EndpointName) -> None:
    """Tell a paused or disabled endpoint again, beginning with what was held for it.

    This also lifts what a bounce brought about; a reader who wanted no more mail has to confirm anew.
    """
    with open_installation() as opened:
        chosen = named_endpoint(opened, endpoint)
        if reader_said_no(opened, chosen):
            _ask_the_reader(opened, chosen)
            return
        if chosen.state == EndpointState.UNCONFIRMED:
            raise UsageError(f"endpoints enable: {chosen.address} is not confirmed by its reader yet")
        if chosen.reason in PLAN_REASONS:
            raise UsageError(
                f"endpoints enable: the plan has no room for {chosen.address}: see `clausewatch account show`"
            )
        store = AccountStore(opened.database)
        held = store.set_endpoint_state(chosen.id, EndpointState.ACTIVE, opened.clock.now())
    say(f"{chosen.address} ({chosen.id}) is active; {held} held deliver{'y is' if held == 1 else 'ies are'} due now")
    if chosen.state == EndpointState.DISABLED:
        say("what was given up before stays so: `clausewatch deliveries list --state dead`, then `deliveries retry`")


app.command("rotate")(rotate)
app.command("confirm")(confirm)
app.command("resend")(resend)


def _ask_the_reader(opened: Opened, endpoint: EndpointRow) -> None:
    """Let the reader's confirmation enable the endpoint, and nothing else. We may not mail the link ourselves."""
    if not opened.settings.public_url:
        raise UsageError(
            f"endpoints enable: the reader of {endpoint.address} wanted no more mail, and can only say otherwise on a "
            "page of ours: set CLAUSEWATCH_PUBLIC_URL"
        )
    now = opened.clock.now()
    AccountStore(opened.database).set_endpoint_state(endpoint.id, EndpointState.UNCONFIRMED, now)
    link = Links(opened.settings.public_url, secret_box(opened.settings)).confirm(endpoint.id, now + _CONFIRM_WITHIN)
    say(f"the reader of {endpoint.address} wanted no more mail; it is enabled once they confirm so, within 7 days:")
    say(link)


def _why(reason: str | None) -> str | None:
    return _REASONS.get(reason, reason) if reason else None
