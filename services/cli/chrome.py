"""`clausewatch chrome …`: what was learned of a platform's pages and is no policy."""

from typing import Annotated

import typer

from services.cli.errors import UsageError
from services.cli.opening import open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, say, show_table
from shared.db.differ_chrome import ChromeStore

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="See and undo what was learned to be a platform's page and no policy.",
)


@app.command("list")
def list_chrome(
    platform: Annotated[str | None, typer.Argument(help="Its short name; every platform's otherwise.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the blocks that are left out because several documents of a platform show them."""
    with open_installation() as opened:
        blocks = ChromeStore(opened.database).learned(platform)
        now = opened.clock.now()
    if as_json:
        print_json([{"platform": slug, "text": text, "learned_at": at} for slug, text, at in blocks])
        return
    rows = [(slug, ago(at, now), text) for slug, text, at in blocks]
    show_table(("platform", "learned", "text"), rows, empty="nothing was learned")


@app.command()
def forget(platform: Annotated[str, typer.Argument(help="The platform's short name.")]) -> None:
    """Read again all that was learned of a platform, and never learn it again; nobody is told of the new reading."""
    with open_installation() as opened:
        count = ChromeStore(opened.database).drop(platform, opened.clock.now())
    if not count:
        raise UsageError(
            f"nothing is left out of {platform}'s documents; `clausewatch chrome list` shows what is learned"
        )
    say(f"{count} block{'' if count == 1 else 's'} of {platform} will be read again")
