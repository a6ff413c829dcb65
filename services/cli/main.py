"""Entry point of the command `clausewatch`."""

import sys
from collections.abc import Sequence
from typing import Any, cast

import typer

from services.cli.errors import CommandError
from services.cli.lazy import Entry, LazyGroup

COMMANDS: dict[str, Entry] = {
    "up": Entry("services.cli.up:up", "Start everything on this machine."),
    "worker": Entry("services.cli.worker:worker", "Run one service's worker."),
    "scheduler": Entry("services.cli.worker:scheduler", "Publish events and wake workers for due work."),
    "api": Entry("services.cli.worker:api", "Serve the pages that links in messages lead to."),
    "prepare": Entry("services.cli.sample.prepare:prepare", "Prepare the data folder; `up` runs this.", hidden=True),
    "sample": Entry("services.cli.sample.serve:sample", "Serve the sample platform; `up` starts it.", hidden=True),
    "replay": Entry("services.cli.replay.command:replay", "Replay recorded histories."),
    "import-versions": Entry(
        "services.cli.importing.command:import_versions", "Make a registry of an archive's recorded texts."
    ),
    "watch": Entry("services.cli.watch:app", "Choose which documents are watched."),
    "catalogue": Entry("services.cli.catalogue:app", "Find platforms to watch, or import declarations."),
    "check": Entry("services.cli.check:check", "Look at a document now."),
    "subscribe": Entry("services.cli.subscribe:subscribe", "Say which changes are told, where and how soon."),
    "subscriptions": Entry("services.cli.subscriptions:app", "List, pause and mute what is told; set quiet hours."),
    "account": Entry("services.cli.plan:app", "See what the plan allows and what is used; change the plan."),
    "members": Entry("services.cli.members:app", "Say who may sign in to the pages, and as what."),
    "endpoints": Entry("services.cli.endpoints:app", "Add, list, test, pause and enable the places that are told."),
    "changes": Entry("services.cli.changes:app", "Read the changes found."),
    "compare": Entry("services.cli.compare:compare", "Compare two files, or a list of pairs."),
    "deliveries": Entry("services.cli.deliveries:app", "See what was sent, and send it again."),
    "evidence": Entry("services.cli.evidence:app", "Export and check evidence; show the ledger's key and heads."),
    "messages": Entry("services.cli.messages:app", "Write out what is sent, with made-up notices."),
    "deadletters": Entry("services.cli.deadletters:app", "See the events that were given up, and revive them."),
    "chrome": Entry("services.cli.chrome:app", "See and undo what was learned to be no policy."),
    "reviews": Entry("services.cli.reviews:app", "See what readers say is wrong with an alert."),
    "doctor": Entry("services.cli.doctor:doctor", "Examine the installation and say what to mend."),
    "migrate": Entry("services.cli.migrate:migrate", "Bring the database to this version's tables."),
    "backup": Entry("services.cli.backup:backup", "Save the database and the archive to one file."),
    "restore": Entry("services.cli.backup:restore", "Load a backup into an empty installation."),
}

_BAD_USAGE = cast(type[Exception], typer.BadParameter.__mro__[1])
"""Click's UsageError, wherever this typer keeps click."""


class _Root(LazyGroup):
    """The table above, and the one place that turns errors into a line and an exit status."""

    entries = COMMANDS

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        extra |= {"standalone_mode": False, "prog_name": "clausewatch"}
        try:
            status = super().main(args, **extra)
        except CommandError as error:
            _say(f"clausewatch: {error}")
            status = error.exit_status
        except _BAD_USAGE as error:
            status = _say_bad_usage(error)
        except typer.Abort:
            status = 130
        sys.exit(status if isinstance(status, int) else 0)


def _say(line: str) -> None:
    typer.echo(" ".join(line.split()), err=True)


def _say_bad_usage(error: Any) -> int:
    """One line for a wrong option or argument; the help where a group was given no command at all."""
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(message, err=True)
    else:
        place = error.ctx.command_path if error.ctx else "clausewatch"
        _say(f"{place}: {message.rstrip('.')}; see {place} --help")
    return 2


app = typer.Typer(
    cls=_Root,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help needs no rich, whose import would take most of its time
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Watches the terms and policies of online platforms, and tells what changed, with proof.",
)


@app.callback()
def _root() -> None:
    """Watches the terms and policies of online platforms, provision by provision."""


def main() -> None:
    """Run the command line."""
    app()
