"""Entry point of the command `clausewatch`.

A group's module is imported only when one of its commands runs, so that help and mistakes answer at once.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command as build

from services.cli.errors import CommandError


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a command lives (`module:name`, a typer app or a function), and its line in the help."""

    target: str
    summary: str
    hidden: bool = False


COMMANDS: dict[str, _Entry] = {
    "up": _Entry("services.cli.up:up", "Start everything on this machine."),
    "worker": _Entry("services.cli.worker:worker", "Run one service's worker."),
    "scheduler": _Entry("services.cli.worker:scheduler", "Publish events and wake workers for due work."),
    "api": _Entry("services.cli.worker:api", "Serve the pages that links in messages lead to."),
    "prepare": _Entry("services.cli.sample.prepare:prepare", "Prepare the data folder; `up` runs this.", hidden=True),
    "sample": _Entry("services.cli.sample.serve:sample", "Serve the sample platform; `up` starts it.", hidden=True),
    "replay": _Entry("services.cli.replay.command:replay", "Replay recorded histories."),
    "import-versions": _Entry(
        "services.cli.importing.command:import_versions", "Make a registry of an archive's recorded texts."
    ),
    "watch": _Entry("services.cli.watch:app", "Choose which documents are watched."),
    "catalogue": _Entry("services.cli.catalogue:app", "Find platforms to watch, or import declarations."),
    "check": _Entry("services.cli.check:check", "Look at a document now."),
    "subscribe": _Entry("services.cli.subscribe:subscribe", "Say which changes are told, where and how soon."),
    "subscriptions": _Entry("services.cli.subscriptions:app", "List, pause and mute what is told; set quiet hours."),
    "account": _Entry("services.cli.plan:app", "See what the plan allows and what is used; change the plan."),
    "members": _Entry("services.cli.members:app", "Say who may sign in to the pages, and as what."),
    "endpoints": _Entry("services.cli.endpoints:app", "Add, list, test, pause and enable the places that are told."),
    "changes": _Entry("services.cli.changes:app", "Read the changes found."),
    "compare": _Entry("services.cli.compare:compare", "Compare two files, or a list of pairs."),
    "deliveries": _Entry("services.cli.deliveries:app", "See what was sent, and send it again."),
    "evidence": _Entry("services.cli.evidence:app", "Export and check evidence; show the ledger's key and heads."),
    "messages": _Entry("services.cli.messages:app", "Write out what is sent, with made-up notices."),
    "deadletters": _Entry("services.cli.deadletters:app", "See the events that were given up, and revive them."),
    "chrome": _Entry("services.cli.chrome:app", "See and undo what was learned to be no policy."),
    "reviews": _Entry("services.cli.reviews:app", "See what readers say is wrong with an alert."),
    "doctor": _Entry("services.cli.doctor:doctor", "Examine the installation and say what to mend."),
    "migrate": _Entry("services.cli.migrate:migrate", "Bring the database to this version's tables."),
    "backup": _Entry("services.cli.backup:backup", "Save the database and the archive to one file."),
    "restore": _Entry("services.cli.backup:restore", "Load a backup into an empty installation."),
}

_BAD_USAGE = cast(type[Exception], typer.BadParameter.__mro__[1])
"""Click's UsageError, wherever this typer keeps click."""


class LazyGroup(TyperGroup):
    """The table above as a command group, and the one place that turns errors into a line and an exit status."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {
            name: TyperCommand(name, help=entry.summary, hidden=entry.hidden) for name, entry in COMMANDS.items()
        }
        """Light stand-ins: enough to list the commands, and replaced by the real one when it is run."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> tuple[str | None, Any, list[str]]:  # type: ignore[override]
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if command and name else command, rest

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


def load(name: str) -> Any:
    """The real command behind a name of the table."""
    module, attribute = COMMANDS[name].target.split(":")
    target: typer.Typer | Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    if not isinstance(target, typer.Typer):
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(target)
        target = single
    command = build(target)
    command.name = name
    return command


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
    cls=LazyGroup,
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
