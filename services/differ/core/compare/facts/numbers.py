"""Numbers as texts write them, in digits and in English words."""

import re

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
_MULTIPLIERS = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
WORD = "|".join(sorted({*NUMBER_WORDS, *_MULTIPLIERS}, key=len, reverse=True))
_WORDS = rf"(?:{WORD})(?:(?:\s+and\s+|[\s-]+)(?:{WORD}))*"
DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
NUMBER = rf"(?:(?:{_WORDS})\s*\(\s*(?:{DIGITS})\s*\)|{DIGITS}|(?:{_WORDS})\b)"


def number(words: str) -> int | float:
    """The number that digits or English words name ("one hundred and eighty" 180); of "thirty (30)" the digits."""
    digits = re.search(DIGITS, words)
    if digits:
        value = float(digits.group().replace(",", ""))
        return int(value) if value.is_integer() else value
    total = group = 0
    for word in re.findall(WORD, words.lower()):
        if word not in _MULTIPLIERS:
            group += NUMBER_WORDS[word]
        elif _MULTIPLIERS[word] == 100:
            group = max(group, 1) * 100
        else:
            total, group = total + max(group, 1) * _MULTIPLIERS[word], 0
    return total + group
