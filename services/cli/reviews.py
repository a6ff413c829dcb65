"""`clausewatch reviews …`: what readers say is wrong with an alert."""

from typing import Annotated

import typer

from services.cli.errors import Failure
from services.cli.opening import open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, say, show_table
from shared.db.reviews import Reviews

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="See what readers say is wrong with an alert, and close it.",
)


@app.command("list")
def list_reviews(
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100, as_json: AsJson = False
) -> None:
    """List what nobody has settled yet, oldest first."""
    with open_installation() as opened:
        waiting = Reviews(opened.database).open(limit)
        now = opened.clock.now()
    if as_json:
        print_json([{**review.model_dump(mode="json"), "headline": change.headline} for review, change in waiting])
        return
    show_table(
        ("change", "said", "headline", "what is wrong with it"),
        [(change.id, ago(review.created_at, now), change.headline, review.said) for review, change in waiting],
        empty="no reader doubts an alert",
    )


@app.command()
def settle(change: Annotated[str, typer.Argument(help="The id of the change.")]) -> None:
    """Close what was said of a change, once it was corrected, retracted or found right."""
    with open_installation() as opened:
        count = Reviews(opened.database).settle(change, opened.clock.now())
    if not count:
        raise Failure(f"nothing is open about {change}: `clausewatch reviews list` shows what is")
    say(f"{count} review{'' if count == 1 else 's'} of {change} settled")
