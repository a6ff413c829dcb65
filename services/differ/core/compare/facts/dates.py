"""Dates that a clause names."""

import re
from collections.abc import Iterator
from datetime import date

from services.differ.core.compare.facts.mentions import Mention, fact, paired
from services.differ.core.compare.redline import TextPair
from shared.domain.report import Fact

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    "Nov(?:ember)?|Dec(?:ember)?)"
)
DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\.?,?(?:\s+(?P<year>\d{{4}}))?"
    rf"|(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year2>\d{{4}}))?"
    rf"|(?P<month3>{_MONTH})\.?,?\s+(?P<year3>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})|(?P<slashed>\d{1,2}/\d{1,2}/\d{2,4}))\b"
)


def date_facts(pair: TextPair) -> list[Fact]:
    """Dates that changed, came or went; "1 March 2026" and "March 1, 2026" are one date."""
    return [fact("date", pair, found) for found in paired(pair, _dates(pair.old), _dates(pair.new))]


def _dates(text: str) -> Iterator[Mention]:
    for found in DATE.finditer(text):
        value = _value(found)
        yield Mention(found.span(), value, value, None)


def _value(found: re.Match[str]) -> str:
    """ISO 8601 as far as the words go ("2026-03-01", "2026-03", "--03-01"); the words where they name no date."""
    parts = found.groupdict()
    month = parts["month"] or parts["month2"] or parts["month3"]
    if not month:
        return found.group()
    month_number = 1 + next(n for n, name in enumerate(_MONTHS) if name.startswith(month[:3].lower()))
    day, year = parts["day"] or parts["day2"], parts["year"] or parts["year2"] or parts["year3"]
    if not day:
        return f"{year}-{month_number:02}"
    if not year:
        return f"--{month_number:02}-{int(day):02}"
    try:
        return date(int(year), month_number, int(day)).isoformat()
    except ValueError:
        return found.group()
