"""`clausewatch replay`: recorded histories, through the differ alone or through the whole running system."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import UsageError
from services.cli.replay.histories import BadHistories, read_histories
from services.cli.replay.offline import Line, replay_offline
from shared.logging import configure_logging


def replay(
    histories: Annotated[Path, typer.Argument(metavar="HISTORIES.jsonl", help="A line per document, with captures.")],
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line per capture.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Serve them, and drive the whole running system.")] = False,
) -> None:
    """Feed recorded captures, in time order, and say what became of each."""
    configure_logging("WARNING", json=False, process="replay")
    try:
        read = read_histories(histories)
    except BadHistories as error:
        raise UsageError(f"replay: {error}") from None
    if live:
        from services.cli.replay.live import replay_live  # noqa: PLC0415  brings in every service

        raise typer.Exit(replay_live(read, as_json=as_json))
    for line in replay_offline(read):
        _show(line, as_json=as_json)


def _show(line: Line, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(line.to_json(), ensure_ascii=False) + "\n")
    elif line.alert or line.outcome not in {"unchanged"}:
        mark = "ALERT" if line.alert else "     "
        sys.stdout.write(f"{line.at:%Y-%m-%d %H:%M}  {mark}  {line.outcome:<9}  {line.platform} · {line.document}\n")
        if line.alert:
            sys.stdout.write(f"{'':25}{line.severity}: {line.headline}\n")
    sys.stdout.flush()
