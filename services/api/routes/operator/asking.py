"""What forms about documents ask for, read and refused in one way."""

import re

from services.api.forms import Form
from shared.usecases.refusals import Refused, invalid
from shared.usecases.watching import MOST_S

_SECONDS = re.compile(r"[0-9]{1,7}(\.[0-9]{1,6})?")


def seconds(form: Form, name: str, *, least: int = 1) -> float | None:
    """A time in seconds, None where the field is empty; Refused for what is none, or out of `least` to a month."""
    given = form.one(name)
    if not given:
        return None
    if not _SECONDS.fullmatch(given) or not least <= float(given) <= MOST_S:
        raise invalid(name, f"seconds as a number from {least} to {MOST_S}, or leave it empty")
    return float(given)


def in_words(value: float | None) -> str:
    """The same as a form shows it."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def fault_of(error: Refused) -> dict[str, str]:
    """What is said beside the field that is refused, with the line where the field has several."""
    name, _, index = error.field.partition(".")
    return {name: f"line {int(index) + 1}: {error}" if index.isdecimal() else str(error)}
