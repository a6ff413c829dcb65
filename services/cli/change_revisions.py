"""`clausewatch changes retract` and `correct`: a wrong alert is taken back, or put right, where it was told."""

from collections.abc import Callable
from typing import Annotated

import typer

from services.cli.errors import UsageError
from services.cli.opening import open_installation
from services.cli.options import AsJson
from services.cli.output import print_json, say
from shared.db.changes import Changes, UnknownChange
from shared.db.notifier.revisions import Revision, RevisionStore
from shared.domain.revising import CannotRevise
from shared.domain.subscriptions import SEVERITIES
from shared.usecases.revising import Reviser

ChangeName = Annotated[str, typer.Argument(metavar="ID", help="A change's id, or the beginning of one.")]
Why = Annotated[str, typer.Option(help="What was wrong, in a sentence: those who were told of it will read it.")]
_DIRECTIONS = ("worse", "better", "neutral", "mixed")


def retract(change: ChangeName, why: Why, as_json: AsJson = False) -> None:
    """Take a change back: those who received it are told once, what still waits is cancelled."""
    _revise("retract", change, lambda reviser, change_id: reviser.retract(change_id, why), as_json=as_json)


def correct(
    change: ChangeName,
    why: Why,
    severity: Annotated[str | None, typer.Option(help=f"What it should be: {', '.join(SEVERITIES)}.")] = None,
    direction: Annotated[str | None, typer.Option(help=f"What it should be: {', '.join(_DIRECTIONS)}.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a change right: those who received it are told once, and those who still wait are told the corrected one."""
    if severity is not None and severity not in SEVERITIES:
        raise UsageError(f"changes correct: --severity {severity!r} is not one of {', '.join(SEVERITIES)}")
    if direction is not None and direction not in _DIRECTIONS:
        raise UsageError(f"changes correct: --direction {direction!r} is not one of {', '.join(_DIRECTIONS)}")
    _revise(
        "correct",
        change,
        lambda reviser, change_id: reviser.correct(change_id, why, severity=severity, direction=direction),
        as_json=as_json,
    )


def _revise(command: str, reference: str, act: Callable[[Reviser, str], Revision], *, as_json: bool) -> None:
    with open_installation() as opened:
        try:
            change_id = str(Changes(opened.database).report(reference)["id"])
            revision = act(Reviser(RevisionStore(opened.database), opened.clock), change_id)
        except (UnknownChange, CannotRevise) as error:
            raise UsageError(f"changes {command}: {error}") from None
    if as_json:
        print_json({"change": change_id, "told": revision.told, "cancelled": revision.cancelled})
        return
    past = {"retract": "retracted", "correct": "corrected"}[command]
    say(f"{change_id} is {past}; endpoints that are told: {revision.told}, deliveries cancelled: {revision.cancelled}")
