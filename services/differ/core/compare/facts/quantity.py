"""Amounts: periods, money, shares, ages and counts, with their numbers and units."""

import re
from collections.abc import Iterator
from dataclasses import replace

from services.differ.core.compare.facts.dates import DATE
from services.differ.core.compare.facts.mentions import Mention, fact, overlaps, paired
from services.differ.core.compare.facts.numbers import DIGITS, NUMBER, WORD, number
from services.differ.core.compare.facts.rates import HOURS, rate_after
from services.differ.core.compare.facts.references import sections
from services.differ.core.compare.redline import TextPair
from shared.domain.provisions import Span
from shared.domain.report import Fact

_SCALE = {"thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9}
_SYMBOLS = {
    "$": "USD",
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "A$": "AUD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
}
_MONEY_WORDS = {
    "dollar": "USD",
    "dollars": "USD",
    "u.s. dollars": "USD",
    "us dollars": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "pounds": "GBP",
    "cents": "cent",
    "cent": "cent",
}
_CODES = "USD|EUR|GBP|CHF|CAD|AUD|NZD|JPY|CNY|INR|BRL|SEK|NOK|DKK|PLN|SGD|HKD|KRW"
_DAYS = {unit: HOURS[unit] / HOURS["day"] for unit in ("second", "minute", "hour", "day", "week")}
_MONTHS = {"month": 1, "year": 12}
DAYS_A_MONTH = 365.25 / 12
NEARLY = 2.5, 0.015
"""Days, or the share of the longer period if that is more, by which a period in months may miss one in days."""

_COUNTED = (
    "request|token|user|seat|cop(?:y|ie)|time|device|account|image|message|call|quer(?:y|ie)|GB|MB|TB|kilobyte|megabyte|"
    "gigabyte|credit|employee|person|people|character|minor|participant|attempt|violation|strike|member|project|licen[cs]e"
)

_QUANTITY = re.compile(
    rf"""(?P<symbol>(?:US|CA|C|A)?[$€£¥₹])\s?(?P<money>{DIGITS})(?:\s?(?P<scale>thousand|million|billion|bn|k|m)\b)?
    | (?P<code>{_CODES})\s?(?P<coded>{DIGITS})
    | (?P<sum>{NUMBER})\s?(?P<currency>{_CODES}|(?:US\s|U\.S\.\s)?dollars?|euros?|pounds|cents?|€|£)(?!\w)
    | (?P<share>{NUMBER})\s?(?:%|percent\b|per\s+cent\b)
    | (?P<age>(?:age\s+of|aged|ages)\s+(?P<age_number>{NUMBER})(?:[\s-]+(?P<age_unit>month|week|day|year)s?\b)?)
    | (?P<length>{NUMBER})[\s-]+(?:(?P<working>business|working|calendar)[\s-]+)?
      (?P<unit>second|minute|hour|day|week|month|year)s?['’]?(?P<old>(?:[\s-]+old|\s+of\s+age)\b)?\b
    | (?P<count>{NUMBER})\s+(?P<counted>{_COUNTED})s?\b
    | (?P<bare>(?<![\w.§-]){DIGITS}(?![\w.-]*\w))""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIGGER = re.compile(
    rf"(?<![\w.])(?:[$€£¥₹\d]|(?:US|CA|C|A)[$€£¥]|(?:{_CODES})\s?\d|(?:{WORD})\b|age[ds]?\b)", re.IGNORECASE
)
"""Where an amount can begin; cheaper to look for than an amount."""

_NUMBERED = re.compile(
    r"(?:section|sections|clause|article|articles|art|paragraph|part|annex|appendix|exhibit|schedule|chapter|module|title|"
    r"step|version|v|no|room|suite|floor|level|recital|reg|regulation|usc|cfr|directive|act|iso|soc|§)\W{0,2}$",
    re.IGNORECASE,
)


_CLAUSE_START = re.compile(r"[.;:]\s\d+(?:\.\d+)+\.?\s+[A-Z]")
"""A clause that begins with its number in the midst of a paragraph ("… ends. 8.1 General terms apply")."""

_PLURAL = re.compile(
    r"\s+(?!(?:is|was|has|does|its|this|less|unless|plus|always|as|us)\b)"
    r"(?P<noun>[a-z]{3,}[a-rt-z])s\b"
)


def quantity_facts(pair: TextPair) -> list[Fact]:
    """Amounts that changed, came or went. "thirty (30) days", "30 days" and "30-day" are one amount."""
    return [fact("quantity", pair, found) for found in paired(pair, quantities(pair.old), quantities(pair.new))]


def quantities(text: str) -> Iterator[Mention]:
    """Every amount in a text. The key compares across units ("2 weeks" and "14 days" are equal)."""
    taken = [found.span() for found in DATE.finditer(text)] + [mention.span for mention in sections(text)]
    end = 0
    for trigger in _TRIGGER.finditer(text):
        found = _QUANTITY.match(text, trigger.start()) if trigger.start() >= end else None
        if found is None or any(overlaps(found.span(), span) for span in taken):
            continue
        mention = _mention(found, text)
        if mention:
            mention = _with_rate(mention, text, is_age=bool(found["age"]))
            end = mention.span[1]
            yield mention


def _with_rate(mention: Mention, text: str, *, is_age: bool) -> Mention:
    """The amount with what it is by, if anything: its words are part of it."""
    period = isinstance(mention.key, tuple) and mention.key[1] in ("days", "months")
    rate = None if is_age else rate_after(text, mention.span[1], of_a_period=period)
    if rate is None or not isinstance(mention.key, tuple):
        return mention
    return replace(mention, span=(mention.span[0], rate.end), key=(*mention.key, rate.hours), per=rate.hours)


def nearly_equal(fact: Fact) -> bool:
    """Whether a period is only counted otherwise, in days on one side and in calendar months on the other.

    30 days and one month, 180 days and six months, 365 days and one year are; 30 days and 14 days are not.
    """
    sides = [_period(fact.before, fact.before_value), _period(fact.after, fact.after_value)]
    months = [length * DAYS_A_MONTH for length, unit in sides if unit == "months"]
    days = [length for length, unit in sides if unit == "days"]
    if fact.kind != "quantity" or not (months and days):
        return False
    return abs(months[0] - days[0]) <= max(NEARLY[0], NEARLY[1] * max(months[0], days[0]))


def _period(words: str | None, value: object) -> tuple[float, str]:
    """A fact's side as a length in "days" or "months"; another unit for what is no plain period."""
    mention = next(quantities(words or ""), None)
    if mention is None or mention.value != value or not isinstance(mention.key, tuple):
        return 0.0, ""
    length, unit, *rest = mention.key
    return (float(length), str(unit)) if rest == [False] else (0.0, "")


def _mention(found: re.Match[str], text: str) -> Mention | None:
    parts = found.groupdict()
    span: Span = found.span()
    if parts["symbol"]:
        value = number(parts["money"]) * _SCALE.get((parts["scale"] or "").lower(), 1)
        return _made(span, value, _SYMBOLS[parts["symbol"].upper()])
    if parts["code"]:
        return _made(span, number(parts["coded"]), parts["code"].upper())
    if parts["sum"]:
        return _made(span, number(parts["sum"]), _currency(parts["currency"]))
    if parts["share"]:
        return _made(span, number(parts["share"]), "%")
    if parts["age"]:
        return _made(span, number(parts["age_number"]), (parts["age_unit"] or "year").lower())
    if parts["length"]:
        unit = parts["unit"].lower()
        return _made(span, number(parts["length"]), f"business {unit}" if _is_working(parts["working"]) else unit)
    if parts["count"]:
        return _made(span, number(parts["count"]), parts["counted"].lower())
    return _bare_number(found, text)


def _bare_number(found: re.Match[str], text: str) -> Mention | None:
    """A number of no known unit, unless it counts clauses; a plural noun right after it is taken for its unit."""
    span = found.span()
    at_line_start = span[0] == 0 or text[span[0] - 1] == "\n"
    if at_line_start and text[span[1] : span[1] + 1] in (".", ")"):
        return None
    if _CLAUSE_START.match(text, max(0, span[0] - 2)):
        return None
    if _NUMBERED.search(text, max(0, span[0] - 14), span[0]) or (span[0] and text[span[0] - 1] in "(#/"):
        return None
    counted = _PLURAL.match(text, span[1])
    return _made(span, number(found.group()), counted.group("noun") if counted else None)


def _currency(words: str) -> str:
    words = re.sub(r"\s+", " ", words.lower())
    return _SYMBOLS.get(words) or _MONEY_WORDS.get(words) or words.upper()


def _is_working(word: str | None) -> bool:
    return (word or "").lower() in ("business", "working")


def _made(span: Span, value: int | float, unit: str | None) -> Mention:
    """The key of a period is its length: in days as a clock counts them, in months as a calendar does."""
    bare = (unit or "").removeprefix("business ")
    working = bare != unit
    if bare in _DAYS:
        return Mention(span, (round(value * _DAYS[bare], 6), "days", working), value, unit)
    if bare in _MONTHS:
        return Mention(span, (value * _MONTHS[bare], "months", working), value, unit)
    return Mention(span, (value, unit), value, unit)
