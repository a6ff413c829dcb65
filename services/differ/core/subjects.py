"""What an amount is about, read from its sentence, and whether more of it helps the person bound."""

import re
from dataclasses import dataclass

from shared.domain.provisions import Span

AROUND = 90
"""Characters on each side of an amount in which its subject is looked for, within the sentence."""


@dataclass(frozen=True, slots=True)
class Subject:
    """`more` is what a larger amount means for the person bound: 1 better, -1 worse, 0 neither."""

    name: str
    topic: str
    more: int
    pattern: re.Pattern[str]


def _subject(name: str, topic: str, more: int, words: str) -> Subject:
    """`words` are separated by commas; a star stands for any ending."""
    pattern = "|".join(
        re.escape(word.strip()).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for word in words.split(",")
    )
    return Subject(name, topic, more, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))


SUBJECTS: tuple[Subject, ...] = (
    _subject("age", "Age", 0, "age, ages, aged, years old, year old, child, children, minor, minors"),
    _subject(
        "breach-notice", "Time to report a breach", -1, "breach of security, data breach*, security incident*, incident"
    ),
    _subject(
        "retention",
        "Retention period",
        -1,
        "retain*, retention, store, stored, storage, keep, kept, delet*, backup*, purg*",
    ),
    _subject("liability", "Liability cap", 1, "liab*, damages"),
    _subject("opt-out", "Time to opt out or object", 1, "opt out, opting out, object, objection*, appeal*"),
    _subject("refund", "Time for refund or withdrawal", 1, "refund*, withdraw*, cooling off"),
    _subject("cure", "Time to cure", 1, "cure, cured, curing, grace, remedy, remedied"),
    _subject("availability", "Availability", 1, "uptime, availab*, service level*, service credit*"),
    _subject("notice", "Notice", 1, "notice, notif*, advance, inform, informed, informing"),
    _subject("response", "Response time", -1, "respond, response, reply, replies"),
    _subject("claim", "Time to bring a claim", 1, "claim, claims, dispute*, arbitrat*, limitation period"),
    _subject(
        "fee", "Amount charged", -1, "fee, fees, price*, pricing, charg*, cost*, pay*, interest, penalt*, subscription"
    ),
    _subject(
        "limit", "Limit", 1, "limit*, quota*, up to, maximum, at most, rate, rates, per minute, per day, per month"
    ),
)
"""Looked for in this order."""


def subject_of(text: str, span: Span) -> Subject | None:
    """The subject of the amount at `span`, or None where no word near it names one."""
    start = max(text.rfind(". ", 0, span[0]) + 1, text.rfind("\n", 0, span[0]) + 1, span[0] - AROUND)
    ends = [end for end in (text.find(". ", span[1]), text.find("\n", span[1])) if end >= 0]
    sentence = text[start : min([*ends, span[1] + AROUND, len(text)])]
    return next((subject for subject in SUBJECTS if subject.pattern.search(sentence)), None)
