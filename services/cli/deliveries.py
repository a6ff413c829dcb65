"""`clausewatch deliveries …`: what was sent, what waits, and why."""

from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.errors import UsageError
from services.cli.opening import Opened, open_installation
from services.cli.output import ago, print_json, say, show_table, styled
from services.cli.watch import AsJson
from shared.db.notifier.accounts import AccountStore
from shared.domain.deliveries import REPLAYABLE, DeliveryState, IllegalMove

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="See what was sent, and send it again."
)

_STATES = ", ".join(DeliveryState)
_ALL = 10_000


@app.command("list")
def list_deliveries(
    state: Annotated[list[str], typer.Option(help=f"Only in this state: {_STATES}.")] = [],  # noqa: B006
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries, newest first; every one that was held or given up says why."""
    for name in state:
        if name not in list(DeliveryState):
            raise UsageError(f"deliveries list: --state {name!r} is not one of {_STATES}")
    with open_installation() as opened:
        found = AccountStore(opened.database).deliveries(states=state, limit=limit)
        now = opened.clock.now()
    if as_json:
        print_json([asdict(delivery) for delivery in found])
        return
    show_table(
        ("delivery", "made", "tells", "to", "state", "reason", "attempts", "due"),
        [
            (
                one.id,
                ago(one.created_at, now),
                one.subject,
                one.address,
                styled(one.state),
                one.reason,
                str(one.attempts),
                None if one.settled_at else ago(one.due_at, now),
            )
            for one in found
        ],
        empty="no deliveries yet",
    )


@app.command()
def retry(
    delivery: Annotated[list[str] | None, typer.Argument(metavar="DELIVERY", help="Their ids.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Every delivery that was given up.")] = False,
) -> None:
    """Send deliveries again, with the same id and words, so that a receiver knows them for the same."""
    if bool(delivery) == dead:
        raise UsageError("deliveries retry: name DELIVERY ids, or say --dead")
    with open_installation() as opened:
        accounts = AccountStore(opened.database)
        if dead:
            given_up = accounts.deliveries(states=[DeliveryState.DEAD], limit=_ALL)
            count = sum(_retry(opened, accounts, one.id) for one in given_up)
        else:
            count = sum(_retry(opened, accounts, one) for one in delivery or [])
    say(f"{count} deliver{'y' if count == 1 else 'ies'} due now")


def _retry(opened: Opened, accounts: AccountStore, delivery_id: str) -> bool:
    try:
        standing = accounts.replay(delivery_id, opened.clock.now())
    except IllegalMove as error:
        allowed = ", ".join(sorted(REPLAYABLE))
        raise UsageError(f"deliveries retry: {delivery_id}: {error}; it must be {allowed}") from None
    if standing is None:
        raise UsageError(f"deliveries retry: there is no delivery {delivery_id!r}")
    return True
