"""How heavy a whole clause is by its own words, beside what its category is worth: named phrases, each with a test."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weight:
    """A phrase that makes a clause weigh more (`step` 1) or less (-1)."""

    name: str
    step: int
    phrase: re.Pattern[str]


def _weight(name: str, step: int, pattern: str) -> Weight:
    return Weight(name, step, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))


_BEFORE, _MUST = r"(?<!without )(?<!without any )(?:prior|advance|days'?|reasonable)", r"(?:may|shall|must|will)"

WEIGHTS = (
    _weight(
        "discretion",
        1,
        r"(?:sole|absolute|own)\s+discretion|for\s+any\s+reason|for\s+no\s+reason|without\s+(?:cause|reason)",
    ),
    _weight("without-notice", 1, r"without\s+(?:\w+\s+){0,2}(?:notice|notification|notifying|telling)"),
    _weight("for-ever", 1, r"perpetual|irrevocabl[ey]|in\s+perpetuity"),
    _weight("anyone", 1, r"sub-?licens[ea]+ble|(?:any\s+and\s+)?all\s+media|any\s+purpose|any\s+manner"),
    _weight("waiver", 1, r"waive[sd]?|forfeit\w*|permanently\s+barred|no\s+expectation"),
    _weight("deal", 1, r"merger|bankruptcy|sale\s+of\s+(?:\w+\s+){0,4}assets"),
    _weight("breach", -1, r"violat\w+|breach\w*|infring\w+|unlawful|illegal"),
    _weight("told-before", -1, rf"{_BEFORE}\s+(?:\w+\s+)?notice|(?:will|be)\s+(?:notif(?:y|ied)|inform(?:ed)?)"),
    _weight("conduct", -1, rf"you\s+(?:\w+\s+)?(?:agree\s+not\s+to|{_MUST}\s+not|are\s+(?:solely\s+)?responsible)"),
)


def weights(text: str) -> tuple[Weight, ...]:
    """The weights whose phrase stands in a clause, in their order. English only."""
    return tuple(one for one in WEIGHTS if one.phrase.search(text))


def steps(found: tuple[Weight, ...]) -> int:
    """By how many levels they move a severity: at most one up or down, since they say the same in other words."""
    up, down = (any(one.step == step for one in found) for step in (1, -1))
    return up - down
