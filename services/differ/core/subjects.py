"""What an amount is about, read from its sentence, and whether more of it helps the person bound."""

import re
from dataclasses import dataclass

from shared.domain.provisions import Span

AROUND = 90
"""Characters on each side of an amount in which its subject is looked for, within the sentence."""


@dataclass(frozen=True, slots=True)
class Subject:
    """`more` is what a larger amount means for the person bound: 1 better, -1 worse, 0 neither.

    `measures` names the kinds of amount it can be stated in: time, money, share, count.
    """

    name: str
    topic: str
    more: int
    measures: frozenset[str]
    pattern: re.Pattern[str]


def _subject(name: str, topic: str, more: int, measures: str, words: str) -> Subject:
    """`words` are separated by commas; a star stands for any ending."""
    pattern = "|".join(
        re.escape(word.strip()).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for word in words.split(",")
    )
    return Subject(name, topic, more, frozenset(measures.split()), re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))


SUBJECTS: tuple[Subject, ...] = (
    _subject("age", "Age", 0, "time", "age, ages, aged, years old, year old, child, children, minor, minors"),
    _subject(
        "breach-notice",
        "Time to report a breach",
        -1,
        "time",
        "breach of security, data breach*, security incident*, incident",
    ),
    _subject(
        "retention",
        "Retention period",
        -1,
        "time",
        "retain*, retention, store, stored, storage, keep, kept, delet*, backup*, purg*",
    ),
    _subject("liability", "Liability cap", 1, "money", "liab*, damages"),
    _subject("opt-out", "Time to opt out or object", 1, "time", "opt out, opting out, object, objection*, appeal*"),
    _subject("refund", "Time for refund or withdrawal", 1, "time", "refund*, withdraw*, cooling off"),
    _subject("cure", "Time to cure", 1, "time", "cure, cured, curing, grace, remedy, remedied"),
    _subject("availability", "Availability", 1, "share time", "uptime, availab*, service level*, service credit*"),
    _subject("notice", "Notice", 1, "time", "notice, notif*, advance, inform, informed, informing"),
    _subject("response", "Response time", -1, "time", "respond, response, reply, replies"),
    _subject("claim", "Time to bring a claim", 1, "time", "claim, claims, dispute*, arbitrat*, limitation period"),
    _subject(
        "fee",
        "Amount charged",
        -1,
        "money share",
        "fee, fees, price*, pricing, charg*, cost*, pay*, interest, penalt*, subscription",
    ),
    _subject(
        "limit",
        "Limit",
        1,
        "time money share count",
        "limit*, quota*, up to, maximum, at most, rate, rates, per minute, per day, per month",
    ),
)
"""Looked for in this order."""


def subject_of(text: str, span: Span, unit: str | None) -> Subject | None:
    """The subject of the amount at `span`, or None where no word near it names one that is stated in such units."""
    start = max(text.rfind(". ", 0, span[0]) + 1, text.rfind("\n", 0, span[0]) + 1, span[0] - AROUND)
    ends = [end for end in (text.find(". ", span[1]), text.find("\n", span[1])) if end >= 0]
    sentence = text[start : min([*ends, span[1] + AROUND, len(text)])]
    measure = measure_of(unit)
    return next((one for one in SUBJECTS if measure in one.measures and one.pattern.search(sentence)), None)


def measure_of(unit: str | None) -> str:
    """What a unit of a quantity fact measures: "time", "money", "share" or "count"."""
    if unit == "%":
        return "share"
    if unit and unit.removeprefix("business ") in ("second", "minute", "hour", "day", "week", "month", "year"):
        return "time"
    return "money" if unit and ((unit.isupper() and len(unit) == 3) or unit == "cent") else "count"
