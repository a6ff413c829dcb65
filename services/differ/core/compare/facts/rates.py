"""What an amount is by: the minute of "600 requests per minute", the month of "$10 a month"."""

import re
from dataclasses import dataclass

from services.differ.core.compare.facts.numbers import NUMBER, number

HOURS = {
    "second": 1 / 3600,
    "minute": 1 / 60,
    "hour": 1.0,
    "day": 24.0,
    "week": 168.0,
    "month": 730.0,
    "quarter": 2190.0,
    "year": 8760.0,
}
"""A month is the twelfth part of a year, which has 365 days."""

_NAMES = {"annum": "year", "hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_NAMES |= {"annual": "year", "annually": "year", "quarterly": "quarter"}
_PERIOD = (
    rf"(?:(?:calendar|single|given|rolling|consecutive)[^\S\n]+)?(?:(?P<number>{NUMBER})[^\S\n-]*[\s-])?"
    r"(?P<unit>second|minute|hour|day|week|month|quarter|year|annum)s?(?![\w'’])"
)
_EACH = r"(?:per|each|every|(?:in|within|during)[^\S\n]+(?:any|each|every|a[^\S\n]+(?=single|given)))[^\S\n]+"
_OF_A_PERIOD = re.compile(rf"[^\S\n]+(?:{_EACH}|an?[^\S\n]+){_PERIOD}", re.IGNORECASE)
_OF_ANY = re.compile(
    rf"(?:(?:[^\S\n]+[a-z][\w-]*){{0,4}}?[^\S\n]+{_EACH}|[^\S\n]?/[^\S\n]?|(?:[^\S\n]+[a-z]\w*s)?[^\S\n]+an?[^\S\n]+){_PERIOD}"
    rf"|[^\S\n]+(?P<adverb>hourly|daily|weekly|monthly|quarterly|yearly|annual(?:ly)?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """Where its words end, and the length of what it is by, in hours."""

    end: int
    hours: float


def rate_after(text: str, end: int, *, of_a_period: bool) -> Rate | None:
    """The rate of the amount that ends there. Periods have one only right behind them ("2 hours a day")."""
    found = (_OF_A_PERIOD if of_a_period else _OF_ANY).match(text, end)
    if found is None:
        return None
    parts = found.groupdict()
    unit = (parts["unit"] or parts["adverb"]).lower()
    many = number(parts["number"]) if parts["number"] else 1
    return Rate(found.end(), many * HOURS[_NAMES.get(unit, unit)]) if many else None
