"""Groups of commands, each imported only when it runs, so that help and mistakes answer at once."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command as build


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives (`module:name`, a typer app or a function), and its line in the help."""

    target: str
    summary: str
    hidden: bool = False


class LazyGroup(TyperGroup):
    """The commands of a table, by name."""

    entries: ClassVar[Mapping[str, Entry]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {
            name: TyperCommand(name, help=entry.summary, hidden=entry.hidden) for name, entry in self.entries.items()
        }
        """Light stand-ins: enough to list the commands, and replaced by the real one when it is run."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> tuple[str | None, Any, list[str]]:  # type: ignore[override]
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name, self.entries[name]) if command and name else command, rest


def load(name: str, entry: Entry) -> Any:
    """The real command behind an entry."""
    module, attribute = entry.target.split(":")
    target: typer.Typer | Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    if not isinstance(target, typer.Typer):
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(target)
        target = single
    command = build(target)
    command.name = name
    return command
