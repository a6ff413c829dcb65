"""`clausewatch deadletters …`: events that some service could not handle."""

from typing import Annotated

import typer

from services.cli.opening import open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, say, show_table
from shared.db.outbox import OutboxStore

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="See the events that were given up, and revive them.",
)


@app.command("list")
def list_dead_letters(
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100, as_json: AsJson = False
) -> None:
    """List the events that were given up, newest first, and why."""
    with open_installation() as opened:
        dead = OutboxStore(opened.database).dead_letters(limit)
        now = opened.clock.now()
    if as_json:
        print_json([row.model_dump() for row in dead])
        return
    show_table(
        ("event", "consumer", "given up", "attempts", "last error"),
        [(row.event_id, row.consumer, ago(row.dead_at, now), str(row.attempts), row.last_error) for row in dead],
        empty="no dead letters",
    )


@app.command()
def retry() -> None:
    """Give every dead letter a fresh start, once what broke it is mended."""
    with open_installation() as opened:
        count = OutboxStore(opened.database).revive(opened.clock.now())
    say(f"{count} dead letter{'' if count == 1 else 's'} will be handled again" if count else "no dead letters")
