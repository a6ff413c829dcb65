"""A change report that turned out wrong: the same report, saying so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.notices import NoticeKind

STATUS_OF = {NoticeKind.CHANGE_CORRECTED: "corrected", NoticeKind.CHANGE_RETRACTED: "retracted"}


class CannotRevise(Exception):
    """A change that cannot be corrected or retracted so; the message says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator says about a change. `severity` and `direction` are corrected ones, None where they stand."""

    kind: NoticeKind
    why: str
    severity: str | None = None
    direction: str | None = None


def revised(report: Mapping[str, Any], wish: Wish) -> dict[str, Any]:
    """The report with its new status, the reason as its first note, and what was corrected.

    CannotRevise for a change that was retracted, has no alert to take back, or would say what it says already.
    """
    if not wish.why.strip():
        raise CannotRevise("say why: those who were told will read it")
    if report["status"] == "retracted":
        raise CannotRevise("it was retracted, and its receivers were told so")
    if not report["alert"]:
        raise CannotRevise("nobody was told of it")
    corrected = {"severity": wish.severity, "direction": wish.direction}
    told = {name: value for name, value in corrected.items() if value is not None}
    if told and all(report[name] == value for name, value in told.items()):
        raise CannotRevise("that is what it says already")
    status = STATUS_OF[wish.kind]
    note = f"{status.capitalize()}: {' '.join(wish.why.split())}"
    return {**report, **told, "status": status, "notes": [note, *report["notes"]]}
