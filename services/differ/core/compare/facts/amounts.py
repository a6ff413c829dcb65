"""How much an amount is, so that two that are written otherwise can be compared, and none that are of other things."""

from dataclasses import dataclass

from services.differ.core.compare.facts.quantity import nearly_equal, quantities
from services.differ.core.compare.facts.rates import HOURS
from shared.domain.report import Fact

_BYTES = {"kilobyte": 1e3, "mb": 1e6, "megabyte": 1e6, "gb": 1e9, "gigabyte": 1e9, "tb": 1e12}
_WORKING = 7 / 5
"""Days of the calendar that a business day takes."""
_ANYTHING = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """`size` in what `measure` names: hours, bytes, a currency, %, or things counted; `per` an hour of a rate.

    `window` is what a rate is by, in hours.
    """

    size: float
    measure: str
    window: float | None = None

    @property
    def per_hour(self) -> float:
        """The size of a rate by the hour; of anything else the size."""
        return self.size / self.window if self.window else self.size


def amount_in(words: str | None) -> Amount | None:
    """The first amount in the words."""
    mention = next(quantities(words or ""), None)
    if mention is None or not isinstance(mention.value, int | float):
        return None
    unit = mention.unit or _ANYTHING
    bare = unit.removeprefix("business ")
    if bare in HOURS:
        working = _WORKING if bare != unit else 1
        return Amount(mention.value * HOURS[bare] * working, "hours", mention.per)
    if unit in _BYTES:
        return Amount(mention.value * _BYTES[unit], "bytes", mention.per)
    return Amount(mention.value, f"{unit[:-2]}y" if unit.endswith("ie") else unit, mention.per)


def amount_change(fact: Fact) -> float | None:
    """How much larger the new amount is, units made alike; None where one side has none or they are of other things.

    30 days and one month are the same for this, though not in words: nobody could say which is longer. Nor does $10 a
    month compare with $100 a year, which is another contract, or 5 users with 10 devices.
    """
    if nearly_equal(fact):
        return 0.0
    before, after = amount_in(fact.before), amount_in(fact.after)
    if before is None or after is None or not are_comparable(before, after):
        return None
    return after.per_hour - before.per_hour


def are_comparable(one: Amount, other: Amount) -> bool:
    """Whether one can be said to be more than the other."""
    if (one.window is None) != (other.window is None):
        return False
    if one.window != other.window and (_is_price(one) or _is_price(other)):
        return False
    counted = [amount.measure for amount in (one, other) if not _is_measured(amount)]
    return one.measure == other.measure or (len(counted) == 2 and _ANYTHING in counted)


def _is_price(amount: Amount) -> bool:
    return amount.measure in {"%", "cent"} or (len(amount.measure) == 3 and amount.measure.isupper())


def _is_measured(amount: Amount) -> bool:
    """Whether it is no number of things."""
    return amount.measure in {"hours", "bytes"} or _is_price(amount)
