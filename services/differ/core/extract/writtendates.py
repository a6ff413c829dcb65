"""Dates as documents write them, in ten languages, and their values."""

import re
from datetime import date

_MONTH_NAMES: tuple[tuple[int, str], ...] = (
    (1, "january januar janvier enero gennaio janeiro januari jan janv"),
    (2, "february februar février fevrier febrero febbraio fevereiro februari feb févr"),
    (3, "march märz maerz mars marzo março maart mar mrz"),
    (4, "april avril abril aprile apr avr"),
    (5, "may mai mayo maggio maio mei"),
    (6, "june juni juin junio giugno junho jun"),
    (7, "july juli juillet julio luglio julho jul juil"),
    (8, "august août aout agosto augustus aug"),
    (9, "september septembre septiembre settembre setembro sep sept"),
    (10, "october oktober octobre octubre ottobre outubro oct okt"),
    (11, "november novembre noviembre novembro nov"),
    (12, "december dezember décembre diciembre dicembre dezembro dec dez déc"),
)
_MONTHS = {name: number for number, names in _MONTH_NAMES for name in names.split()}
MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))

DATE_PATTERN = rf"""(?:
    (?P<iso_y>\d{{4}})[-/.](?P<iso_m>\d{{1,2}})[-/.](?P<iso_d>\d{{1,2}})
  | (?P<dmy_d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?\s+(?:de\s+|of\s+)?(?P<dmy_m>{MONTH})
        \.?,?\s+(?:de\s+|del\s+)?(?P<dmy_y>\d{{4}})
  | (?P<mdy_m>{MONTH})\.?\s+(?P<mdy_d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<mdy_y>\d{{4}})
  | (?P<num_d>\d{{1,2}})\.\s?(?P<num_m>\d{{1,2}})\.\s?(?P<num_y>\d{{4}})
  | (?P<us_m>\d{{1,2}})/(?P<us_d>\d{{1,2}})/(?P<us_y>\d{{4}})
  | (?P<cjk_y>\d{{4}})\s?[年년]\s?(?P<cjk_m>\d{{1,2}})\s?[月월]\s?(?P<cjk_d>\d{{1,2}})\s?[日일]
)"""
"""For re.VERBOSE and re.IGNORECASE; may stand once in a larger pattern."""

_WITH_MONTH_NAME = re.compile(rf"(?<!\w){DATE_PATTERN}(?!\w)", re.VERBOSE | re.IGNORECASE)


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_REACH = 24
"""Characters before and after a year within which its day and month stand."""


def iso_dates(text: str) -> str:
    """The text with every date that spells its month or is set with points as in ISO 8601: all styles are equal."""
    spelled = any(_WITH_MONTH_NAME.search(text, start, end) for start, end in near_years(text, _REACH, 0))
    return _WITH_MONTH_NAME.sub(_iso, text) if spelled else text


def near_years(text: str, before: int, after: int) -> list[tuple[int, int]]:
    """The spans around each year from 1900 to 2099, where alone a slow pattern need look for a date."""
    return [(max(0, year.start() - before), year.end() + after) for year in _YEAR.finditer(text)]


def _iso(match: re.Match[str]) -> str:
    value = written_date(match)
    spelled = match["dmy_m"] or match["mdy_m"] or match["num_m"]
    return value.isoformat() if value and spelled else match[0]


def written_date(match: re.Match[str]) -> date | None:
    """The day that a match of `DATE_PATTERN` names, or None where there is no such day (31 February).

    Day before month where the form is ambiguous with points (DIN), month before day with slashes.
    """
    for form in ("iso", "dmy", "mdy", "num", "us", "cjk"):
        year = match[f"{form}_y"]
        if year is None:
            continue
        month = match[f"{form}_m"]
        number = int(month) if month.isdigit() else _MONTHS[month.lower()]
        try:
            return date(int(year), number, int(match[f"{form}_d"]))
        except ValueError:
            return None
    return None
