"""What a check finds."""

import json
from dataclasses import dataclass
from typing import Any

from shared.evidence.ledger import canonical_json


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit: where (a file, and what in it), and what is wrong there."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check: `faults`, what the bundle proves where there are none, and what a reader should know."""

    faults: tuple[Fault, ...]
    proven: tuple[str, ...]
    remarks: tuple[str, ...]


class Unreadable(ValueError):
    """JSON that is none, or not in the one form that is hashed."""


def canonical_value(data: bytes) -> Any:
    """The value of a file in canonical JSON; Unreadable for anything else."""
    try:
        value = json.loads(data)
        form = canonical_json(value)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, NaN, or nested without end
        raise Unreadable("it is not JSON") from None
    if form != data:
        raise Unreadable("it is not in canonical JSON")
    return value
