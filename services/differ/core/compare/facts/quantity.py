"""Amounts: periods, money, shares, ages and counts, with their numbers and units."""

import re
from collections.abc import Iterator

from services.differ.core.compare.facts.dates import DATE
from services.differ.core.compare.facts.mentions import Mention, fact, overlaps, paired
from services.differ.core.compare.redline import TextPair
from shared.domain.provisions import Span
from shared.domain.report import Fact

_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SMALL += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
NUMBER_WORDS: dict[str, int] = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 10 * (place + 2) for place, word in enumerate(_TENS)},
    **{f"{ten}-{_SMALL[one]}": 10 * (place + 2) + one for place, ten in enumerate(_TENS) for one in range(1, 10)},
    "hundred": 100,
    "one hundred": 100,
}
_WORD = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
NUMBER = rf"(?:(?:{_WORD})\s*\(\s*(?:{_DIGITS})\s*\)|{_DIGITS}|(?:{_WORD})\b)"
_SCALE = {"thousand": 10**3, "k": 10**3, "million": 10**6, "billion": 10**9}
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_MONEY_WORDS = {
    "usd": "USD",
    "eur": "EUR",
    "gbp": "GBP",
    "dollar": "USD",
    "dollars": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "pounds": "GBP",
    "cents": "cent",
}
_DAYS = {"second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}
_COUNTED = (
    "request|token|user|seat|cop(?:y|ie)|time|device|account|image|message|call|quer(?:y|ie)|GB|MB|TB|kilobyte|megabyte|"
    "gigabyte|credit|employee|person|people|character|minor|participant|attempt|violation|strike|member|project|licen[cs]e"
)

_QUANTITY = re.compile(
    rf"""(?P<symbol>(?:US|CA|C|A)?[$€£¥])\s?(?P<money>{_DIGITS})(?:\s?(?P<scale>thousand|million|billion|k)\b)?
    | (?P<sum>{NUMBER})\s?(?P<currency>USD|EUR|GBP|dollars?|euros?|pounds|cents)\b
    | (?P<share>{NUMBER})\s?(?:%|percent\b|per\s+cent\b)
    | (?P<age>(?:age\s+of|aged|ages)\s+(?P<age_number>{NUMBER}))
    | (?P<length>{NUMBER})[\s-]+(?:(?P<working>business|working|calendar)[\s-]+)?
      (?P<unit>second|minute|hour|day|week|month|year)s?['’]?(?P<old>(?:[\s-]+old|\s+of\s+age)\b)?\b
    | (?P<count>{NUMBER})\s+(?P<counted>{_COUNTED})s?\b
    | (?P<bare>(?<![\w.§-]){_DIGITS}(?![\w.-]*\w))""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIGGER = re.compile(rf"(?<![\w.])(?:[$€£¥\d]|(?:US|CA|C|A)[$€£¥]|(?:{_WORD})\b|age[ds]?\b)", re.IGNORECASE)
"""Where an amount can begin; cheaper to look for than an amount."""

_NUMBERED = re.compile(
    r"(?:section|sections|clause|article|articles|art|paragraph|part|annex|appendix|exhibit|schedule|chapter|module|title|"
    r"step|version|v|no|room|suite|floor|level|recital|reg|regulation|usc|cfr|directive|act|iso|soc|§)\W{0,2}$",
    re.IGNORECASE,
)


def quantity_facts(pair: TextPair) -> list[Fact]:
    """Amounts that changed, came or went. "thirty (30) days", "30 days" and "30-day" are one amount."""
    return [fact("quantity", pair, found) for found in paired(pair, quantities(pair.old), quantities(pair.new))]


def quantities(text: str) -> Iterator[Mention]:
    """Every amount in a text. The key compares across units ("2 weeks" and "14 days" are equal)."""
    dates = [found.span() for found in DATE.finditer(text)]
    end = 0
    for trigger in _TRIGGER.finditer(text):
        found = _QUANTITY.match(text, trigger.start()) if trigger.start() >= end else None
        if found is None or any(overlaps(found.span(), date) for date in dates):
            continue
        mention = _mention(found, text)
        if mention:
            end = mention.span[1]
            yield mention


def number(words: str) -> int | float:
    """The number that digits or English words name; of "thirty (30)" the digits."""
    digits = re.search(_DIGITS, words)
    if not digits:
        return NUMBER_WORDS[words.strip().lower()]
    value = float(digits.group().replace(",", ""))
    return int(value) if value.is_integer() else value


def days(mention: Mention) -> float | None:
    """The length of a period in days (a month counts 30, a year 365); None for other amounts."""
    unit = (mention.unit or "").removeprefix("business ")
    return mention.value * _DAYS[unit] if unit in _DAYS and isinstance(mention.value, int | float) else None


def _mention(found: re.Match[str], text: str) -> Mention | None:
    parts = found.groupdict()
    span: Span = found.span()
    if parts["symbol"]:
        value = number(parts["money"]) * _SCALE.get((parts["scale"] or "").lower(), 1)
        return _made(span, value, _SYMBOLS[parts["symbol"][-1]])
    if parts["sum"]:
        return _made(span, number(parts["sum"]), _MONEY_WORDS.get(parts["currency"].lower(), parts["currency"].upper()))
    if parts["share"]:
        return _made(span, number(parts["share"]), "%")
    if parts["age"]:
        return _made(span, number(parts["age_number"]), "year")
    if parts["length"]:
        unit = parts["unit"].lower()
        return _made(span, number(parts["length"]), f"business {unit}" if _is_working(parts["working"]) else unit)
    if parts["count"]:
        return _made(span, number(parts["count"]), parts["counted"].lower())
    at_line_start = span[0] == 0 or text[span[0] - 1] == "\n"
    if at_line_start and text[span[1] : span[1] + 1] in (".", ")"):
        return None
    if _NUMBERED.search(text, max(0, span[0] - 14), span[0]) or (span[0] and text[span[0] - 1] in "(#/"):
        return None
    return _made(span, number(parts["bare"]), None)


def _is_working(word: str | None) -> bool:
    return (word or "").lower() in ("business", "working")


def _made(span: Span, value: int | float, unit: str | None) -> Mention:
    mention = Mention(span, None, value, unit)
    length = days(mention)
    key = (
        (round(length, 6), "days", bool(unit and unit.startswith("business"))) if length is not None else (value, unit)
    )
    return Mention(span, key, value, unit)
