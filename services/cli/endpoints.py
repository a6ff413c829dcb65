"""`clausewatch endpoints …`: where people and programs are told."""

from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts, named_endpoint
from services.cli.errors import UsageError
from services.cli.opening import open_installation
from services.cli.output import ago, print_json, say, show_table, styled
from services.cli.watch import AsJson
from services.notifier.core.addresses import UnusableAddress
from services.notifier.handlers.accounts import NotAllowed
from shared.db.notifier.accounts import AccountStore
from shared.domain.deliveries import Channel

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Add, list and test the places that are told.",
)

_OFFERED = (Channel.EMAIL, Channel.WEBHOOK)


@app.command()
def add(
    kind: Annotated[str, typer.Argument(metavar="email|webhook", help="How it is told.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address, or the webhook's URL.")],
    as_json: AsJson = False,
) -> None:
    """Add an endpoint. A webhook's secret is shown this once."""
    if kind not in _OFFERED:
        raise UsageError(f"endpoints add: {kind!r} is not one of {', '.join(_OFFERED)}")
    with open_installation() as opened:
        try:
            added = local_accounts(opened).add_endpoint(LOCAL_ACCOUNT, Channel(kind), address)
        except (UnusableAddress, NotAllowed) as error:
            raise UsageError(f"endpoints add: {error}") from None
    if as_json:
        print_json({"id": added.endpoint.id, "address": added.endpoint.address, "secret": added.secret})
        return
    say(f"{kind} {added.endpoint.address} is {added.endpoint.id}")
    if added.secret:
        say(f"secret, shown this once: {added.secret}")
    elif kind == Channel.WEBHOOK:
        say("it was there before; its secret is not shown again")


@app.command("list")
def list_endpoints(as_json: AsJson = False) -> None:
    """List the endpoints."""
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
            (one.id, one.kind, one.address, styled(one.state), one.reason, ago(one.failing_since, now))
            for one in endpoints
        ],
        empty="no endpoints yet: `clausewatch endpoints add webhook URL` or `… add email ADDRESS`",
    )


@app.command("test")
def send_test(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An id, the beginning of one, or the address.")],
    as_json: AsJson = False,
) -> None:
    """Send a test message; the running notifier does it."""
    with open_installation() as opened:
        chosen = named_endpoint(opened, endpoint)
        delivery_id = local_accounts(opened).test_endpoint(LOCAL_ACCOUNT, chosen.id)
    if as_json:
        print_json({"delivery": delivery_id, "endpoint": chosen.id})
    else:
        say(f"a test is on its way to {chosen.address} as {delivery_id}: `clausewatch deliveries list` shows it arrive")
