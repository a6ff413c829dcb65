"""Edits of amounts and of dates: digits, written-out numbers and both at once, in every unit."""

import re
from collections.abc import Iterator
from random import Random

from benchmarks.edits.case import TextEdit, Told

WORDS = {2: "two", 3: "three", 5: "five", 7: "seven", 10: "ten", 14: "fourteen", 21: "twenty-one", 30: "thirty"}
WORDS |= {45: "forty-five", 60: "sixty", 90: "ninety", 6: "six", 12: "twelve", 13: "thirteen", 16: "sixteen"}
WORDS |= {
    18: "eighteen",
    24: "twenty-four",
    1: "one",
    4: "four",
    20: "twenty",
    15: "fifteen",
    180: "one hundred eighty",
}
_VALUES = {word: value for value, word in WORDS.items()}
_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_UNITS = r"(?P<unit>(?:(?:business|working|calendar) )?(?:second|minute|hour|day|week|month|year))(?P<plural>s?)"
_PERIOD = re.compile(
    rf"\b(?:(?P<both>(?:{_WORD}) ?\((?P<inner>\d+)\))|(?P<digits>\d{{1,3}})|(?P<word>{_WORD}))(?P<gap>[ -]){_UNITS}\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(?P<lead>age of|aged|under|over|at least) (?P<n>1[3-8]|2[01])\b(?! ?%| (?:days|hours|months))")
_MONEY = re.compile(
    r"(?P<sign>US\$|[$€£])(?P<gap> ?)(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:\.\d{1,2})?)(?![\d,.]*\d| (?:m|"
    r"b)illion)"
)
_CODE = re.compile(r"\b(?P<code>USD|EUR|GBP|CHF) (?P<n>\d{1,3}(?:,\d{3})+|\d+)\b")
_SHARE = re.compile(r"\b(?P<n>\d{1,3}(?:\.\d+)?)(?P<sign> ?%| percent\b)")
_CURRENCY = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP"}

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DATE = re.compile(
    rf"\b(?:(?P<m>{'|'.join(_MONTHS)}) (?P<d>\d{{1,2}}),? (?P<y>20\d\d)|(?P<d2>\d{{1,2}}) "
    rf"(?P<m2>{'|'.join(_MONTHS)}) (?P<y2>20\d\d)"
    r"|(?P<iso>20\d\d-\d\d-\d\d))\b"
)


def quantity(text: str, rng: Random) -> Iterator[TextEdit]:
    """Periods, ages, money and shares found in the text get another number or unit."""
    yield from _periods(text, rng)
    for found in _AGE.finditer(text):
        old = int(found.group("n"))
        new = rng.choice([n for n in (13, 14, 16, 18, 21) if n != old])
        told = Told("quantity", str(old), str(new), old, new)
        yield TextEdit(f"age: {found.group('lead')}", found.span("n"), str(new), told)
    for pattern in (_MONEY, _CODE):
        for found in pattern.finditer(text):
            parts = found.groupdict()
            unit = parts.get("code") or _CURRENCY[parts["sign"]]
            old_sum = _number(parts["n"])
            new_sum = rng.choice([n for n in (5, 50, 250, 1500, 25_000) if n != old_sum])
            told = Told("quantity", parts["n"], f"{new_sum:,}", old_sum, new_sum, unit)
            yield TextEdit(f"money: {unit}", found.span("n"), f"{new_sum:,}", told)
    for found in _SHARE.finditer(text):
        share = _number(found.group("n"))
        new_share = rng.choice([n for n in (2.5, 10, 35, 99.5) if n != share])
        told = Told("quantity", found.group("n"), str(new_share), share, new_share, "%")
        yield TextEdit(f"share: {found.group('sign').strip()}", found.span("n"), str(new_share), told)


def _periods(text: str, rng: Random) -> Iterator[TextEdit]:
    for found in _PERIOD.finditer(text):
        parts = found.groupdict()
        old = int(parts["inner"] or parts["digits"] or _VALUES[parts["word"].lower()])
        unit = parts["unit"].lower().replace("working", "business").removeprefix("calendar ")
        if old == 1 or (parts["both"] and _VALUES.get(parts["both"].split("(")[0].strip().lower()) != old):
            continue
        new = rng.choice([n for n in WORDS if n not in (old, 1) and n < 100])
        form = rng.choice(["digits", "word", "both"])
        number = {"digits": str(new), "word": WORDS[new], "both": f"{WORDS[new]} ({new})"}[form]
        if parts["gap"] == "-" and form == "both":
            number = str(new)
        was = "both" if parts["both"] else "digits" if parts["digits"] else "word"
        span = (found.start(), found.start("gap"))
        told = Told("quantity", text[slice(*span)], number, old, new, unit)
        yield TextEdit(f"period: {was} → {form}", span, number, told)
        yield from _other_unit(text, found, old, unit, rng)


def _other_unit(text: str, found: re.Match[str], old: int, unit: str, rng: Random) -> Iterator[TextEdit]:
    """30 days → one month, 12 months → one year: nearly the same, and yet other words."""
    near = {(30, "day"): ["one month", "1 month", "one (1) month"], (60, "day"): ["two months", "2 months"],
            (90, "day"): ["3 months", "three (3) months"], (12, "month"): ["365 days"], (6, "month"): ["180 days"],
            (2, "month"): ["60 days"], (3, "month"): ["90 days"], (2, "year"): ["730 days"]}  # fmt: skip
    choices = near.get((old, unit))
    if (
        not choices
        or found.group("gap") == "-"
        or found.group("plural") != "s"
        or text[found.end() : found.end() + 1] in "'’"
    ):
        return
    put = rng.choice(choices)
    value = int(re.sub(r"\D", "", put) or _VALUES[put.split()[0]])
    new_unit = put.split()[-1].removesuffix("s")
    yield TextEdit(
        "period: nearly equal", found.span(), put, Told("quantity", found.group(), put, old, value, new_unit)
    )


def _number(words: str) -> int | float:
    value = float(words.replace(",", ""))
    return int(value) if value.is_integer() else value


def dates(text: str, rng: Random) -> Iterator[TextEdit]:
    """A calendar date becomes another one, in one of three manners of writing."""
    for found in _DATE.finditer(text):
        old = _iso(found)
        year, month, day = rng.randint(2019, 2029), rng.randint(1, 12), rng.randint(1, 28)
        new = f"{year}-{month:02}-{day:02}"
        if old == new:
            continue
        name = _MONTHS[month - 1]
        put = rng.choice([f"{name} {day}, {year}", f"{day} {name} {year}", new])
        yield TextEdit(f"date: {_manner(found.group())}", found.span(), put, Told("date", found.group(), put, old, new))


def _manner(words: str) -> str:
    return "iso" if words[0] == "2" and "-" in words else "day first" if words[0].isdigit() else "month first"


def _iso(found: re.Match[str]) -> str:
    parts = found.groupdict()
    if parts["iso"]:
        return str(parts["iso"])
    month = 1 + _MONTHS.index(parts["m"] or parts["m2"])
    return f"{parts['y'] or parts['y2']}-{month:02}-{int(parts['d'] or parts['d2']):02}"
