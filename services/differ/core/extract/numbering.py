"""Numbers of clauses: those a list counts, and those written in the text."""

import re

_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)

_MONTHS = (
    "jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|avr|juin|juil|août|ene|abr|ago|dic|gen|"
    "mag|giu|lug|set|ott"
)
_LITERAL = re.compile(
    r"""(?P<number>
        §{1,2}\s?\d{1,4}[a-z]?                               # § 5, §12a
      | \d{1,3}(?:\.\d{1,3}){1,5}(?:\.|\))?                  # 5.2, 5.2.1.
      | \(\d{1,3}\) | \d{1,3}[.)]                            # (1), 1), 1.
      | \((?:[a-zA-Z]{1,2}|[ivxlcIVXLC]{1,6})\)              # (a), (ii)
      | (?:[a-zA-Z]|[ivxlc]{2,6}|[IVXLC]{2,6})[.)]           # a., ii), IV.
    )\s+(?P<rest>\S.*)""",
    re.VERBOSE | re.DOTALL,
)
_BULLET = re.compile(r"(?:[•‣◦▪▫●○■□·∙–*]|->|[→➢➤✓✔])\s+(?=\S)|-\s+(?=[^\W\d])")
_DATE_REST = re.compile(rf"(?:{_MONTHS})[a-zäéû]*\.?\b", re.IGNORECASE)
_INITIALS = re.compile(r"[A-Za-z]\.")


def split_number(text: str) -> tuple[str | None, str]:
    """The clause number that stands at the start of reading text, and the text after it.

    A decimal ("3.5 million"), a date ("1. Januar 2025") and initials ("J. R. Smith") are no clause numbers.
    """
    match = _LITERAL.match(text)
    if match is None:
        return None, text
    number, rest = match["number"], match["rest"]
    first = number[0]
    if first.isdigit():
        looks_decimal = "." in number[:-1] and number[-1].isdigit() and number.count(".") == 1
        if (looks_decimal and rest[0].islower()) or _DATE_REST.match(rest):
            return None, text
    if first.isalpha() and len(number) == 2 and _INITIALS.match(rest):
        return None, text
    return number, rest


def split_bullet(text: str) -> tuple[bool, str]:
    """Whether reading text begins with a bullet character, and the text after it."""
    match = _BULLET.match(text)
    return (False, text) if match is None else (True, text[match.end() :])


def ordinal(value: int, style: str) -> str:
    """A list counter in the style of `<ol type>`: "1", "a", "A", "i" or "I" (HTML, section 4.4.5)."""
    if value < 1 or value > 3999 or style not in "aAiI":
        return str(value)
    if style in "iI":
        letters = _roman(value)
        return letters if style == "i" else letters.upper()
    letters = ""
    while value:
        value, digit = divmod(value - 1, 26)
        letters = chr(ord("a") + digit) + letters
    return letters if style == "a" else letters.upper()


def _roman(value: int) -> str:
    out = []
    for size, letters in _ROMAN:
        count, value = divmod(value, size)
        out.append(letters * count)
    return "".join(out)
