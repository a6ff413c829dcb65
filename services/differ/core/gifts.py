"""What a clause gives the person bound, by its own words: a right, a service, that something will not be done, or only
whom to turn to.
"""

import re
from typing import Literal

Gift = Literal["right", "service", "forbearance", "contact"]

SAYS_SOMETHING = 4
"""A first sentence of fewer words is a heading that runs into its clause ("Switching. You may …")."""

_FORBEARANCE = re.compile(
    r"\b(?:we|us)\s+(?:(?:do|will|shall|would)\s+(?:not|never)|(?:do|wo)n't|never)\s+(?:\w+\s+)?"
    r"(?:sell|share|disclose|use|train|rent|collect|retain|track|monitor|access|charge|transfer|combine|buy)\b"
    r"|^\W*nothing\s+in\s+(?:these|this)\s+(?:\w+\s+){1,3}(?:limits?|excludes?|affects?|restricts?)\b",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"\bwe\s+(?:will|shall|must|undertake\s+to|agree\s+to|commit\s+to)\s+(?:(?:also|always|\w+ly)\s+)?"
    r"(?:notify|inform|tell|alert|refund|reimburse|compensate|indemnify|delete|erase|anonymi[sz]e|encrypt|ask|honou?r|respond|"
    r"give\s+you|provide\s+you)\b",
    re.IGNORECASE,
)
_EXERCISED = (
    r"opt[\s-]+out|object|withdraw|cancel|appeal|complain|lodge|request|ask|export|download|reject|refuse|decline|"
    r"disable|(?:turn|switch)\s+(?:\w+\s+){0,3}off|adjust|change|manage|choose|control|unsubscribe|switch\s+to|delete|"
    r"erase|correct|revoke|contest|dispute|(?:stop\s+using|close|terminate)"
)
_RIGHT = re.compile(
    r"\b(?:you|customers?|users?|consumers?|subscribers?)\s+"
    r"(?:(?:also\s+|always\s+)?(?:have|has|retain|keep)\s+(?:(?:the|a)\s+(?:right|ability|option|choice)\s+(?:to|of)|(?:a\s+)?choice|control)"
    rf"|(?:may|can)\s+(?:(?!not\b|only\b)\w+\s+)?(?:be\s+able\s+to\s+)?(?:{_EXERCISED})"
    rf"|(?:are|is)\s+(?:free|able|entitled)\s+to\s+(?:{_EXERCISED}))\b"
    r"|^\W*(?:the|a|your)?\s*right\s+(?:to|of)\b"
    r"|\b(?:^\W*|(?:would\s+like|wish|want|prefer)\s+)to\s+(?:opt[\s-]+out|object|unsubscribe|withdraw\s+(?:your\s+)?consent)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:you|customers?|users?|consumers?)\s+(?:may|can)\s+(?:also\s+)?(?:report|contact|reach|email|write)\b",
    re.IGNORECASE,
)
_BY_KIND: tuple[tuple[Gift, re.Pattern[str]], ...] = (
    ("forbearance", _FORBEARANCE),
    ("service", _SERVICE),
    ("right", _RIGHT),
    ("contact", _CONTACT),
)


def gift_of(text: str) -> Gift | None:
    """What the first sentence of a clause gives the person bound; of a list, what introduces it. English only."""
    first = _first_sentence(text)
    return next((name for name, pattern in _BY_KIND if pattern.search(first)), None)


def is_one_sentence(text: str) -> bool:
    """Whether a clause says nothing after its first sentence."""
    return text.rstrip(" .").endswith(_first_sentence(text).rstrip(" ."))


def _first_sentence(text: str) -> str:
    lines = (sentence for line in text.split("\n") for sentence in line.split(". "))
    return next((one for one in lines if len(one.split()) >= SAYS_SOMETHING), text)
