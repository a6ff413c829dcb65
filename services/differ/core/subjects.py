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


@dataclass(frozen=True, slots=True)
class Topic:
    """Words for what an amount is about, and the spans of the words in the text that say so."""

    text: str
    spans: tuple[Span, ...]


def _words(words: str) -> re.Pattern[str]:
    """`words` are separated by commas; a star stands for any ending."""
    pattern = "|".join(
        re.escape(word.strip()).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for word in words.split(",")
    )
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


def _subject(name: str, topic: str, more: int, measures: str, words: str) -> Subject:
    return Subject(name, topic, more, frozenset(measures.split()), _words(words))


_YOU_GIVE = re.compile(
    r"\b(?:you|customers?|users?|subscribers?|developers?)\s+(?:may|must|can|shall|will|should|agree\s+to)\s+"
    r"(?:(?!be\b|receive\b|get\b)\w+\s+){0,3}?(?:terminat\w+|cancel\w*|end|close|give|provide)\b[^.;\n]{0,80}?\bnotice\b",
    re.IGNORECASE,
)
_WE_ANSWER = re.compile(
    r"(?<!you )(?<!you must )(?<!you may )(?<!you can )(?<!you shall )\brespond(?:s|ing)?\b"
    r"|(?<!your )\b(?:response|reply|replies)\b|\bbe\s+(?:answered|decided)\b"
    r"|\bwe\s+(?:(?:will|shall|must|should|aim\s+to|try\s+to|normally|usually|\w+ly)\s+){0,3}(?:answer|decide|resolve)\b",
    re.IGNORECASE,
)
_CALLS = r"\b(?:requests?|calls?|quer(?:y|ies)|tokens?)"
_UNIT = r"(?:second|minute|hour|day|week|month)"
_BY = rf"(?:\s+(?:(?:per|an?|each|every)|(?:in|within)\s+(?:any|each))\s+|\s?/\s?)(?:\d+\s+)?{_UNIT}s?\b"
_CALL_RATE = re.compile(rf"\brate\s+limit\w*|{_CALLS}(?:{_BY}|\s+(?:hourly|daily|weekly|monthly)\b)", re.IGNORECASE)
_A_RATE = re.compile(rf"{_CALL_RATE.pattern}|\brates?\b|\bper\s+{_UNIT}\b", re.IGNORECASE)
_NOTICE = "notice, notif*, advance, inform, informed, informing"

SUBJECTS: tuple[Subject, ...] = (
    _subject("age", "Age", 0, "time", "age, ages, aged, years old, year old, child, children, minor, minors"),
    _subject(
        "breach-notice",
        "Time to report a breach",
        -1,
        "time",
        "breach of security, data breach*, security breach*, security incident*, incident, incidents",
    ),
    _subject("available", "Time kept available", 1, "time", "available for, remain available, supported for"),
    _subject(
        "retention",
        "Retention period",
        -1,
        "time",
        "retain*, retention, store, stored, storage, keep, kept, delet*, backup*, purg*",
    ),
    _subject("liability", "Liability cap", 1, "money", "liab*, damages"),
    Subject("response", "Response time", -1, frozenset(["time"]), _WE_ANSWER),
    _subject("opt-out", "Time to opt out", 1, "time", "opt out, opting out"),
    _subject("appeal", "Time to appeal", 1, "time", "appeal, appeals, appealing, appealed"),
    _subject("objection", "Time to object", 1, "time", "object, objects, objecting, objection*"),
    _subject("refund", "Time for refund or withdrawal", 1, "time", "refund*, withdraw*, cooling off"),
    _subject("cure", "Time to cure", 1, "time", "cure, cured, curing, grace, remedy, remedied"),
    _subject("availability", "Availability", 1, "share time", "uptime, availab*, service level*, service credit*"),
    Subject("notice-by-you", "Notice you give", -1, frozenset(["time"]), _YOU_GIVE),
    _subject("notice", "Notice", 1, "time", _NOTICE),
    _subject("trial", "Free trial", 1, "time", "trial, trials"),
    _subject("claim", "Time to bring a claim", 1, "time", "claim, claims, dispute*, arbitrat*, limitation period"),
    _subject("payment", "Time to pay", 1, "time", "pay, payable, payment, invoice, invoices, due"),
    _subject(
        "fee",
        "The charge",
        -1,
        "money share",
        "fee, fees, price*, pricing, charg*, cost*, pay*, interest, penalt*, subscription",
    ),
    _subject(
        "limit",
        "The limit",
        1,
        "time money share count",
        "limit*, quota*, up to, maximum, at most",
    ),
    Subject("rate", "The limit", 1, frozenset(["count"]), _A_RATE),
)
"""Looked for in this order."""

TOPICS: tuple[tuple[str, str, tuple[re.Pattern[str], ...]], ...] = (
    ("age", "The minimum age", (_words("at least, or older, or over, under, minimum age, younger"),)),
    ("notice", "Notice before termination", (_words(_NOTICE), _words("terminat*, cancel*, clos*, end, ending, ends"))),
    ("notice", "Notice before suspension", (_words(_NOTICE), _words("suspen*"))),
    ("notice", "Notice of a price change", (_words(_NOTICE), _words("price*, pricing, fee, fees"))),
    ("notice", "Notice of changes", (_words(_NOTICE), _words("change*, changing, modif*, amend*, updat*, revis*"))),
    ("notice-by-you", "Notice you must give", (_YOU_GIVE,)),
    ("fee", "The late charge", (_words("late, overdue"),)),
    ("fee", "The price", (_words("price*, pricing, subscription"),)),
    ("fee", "The fee", (_words("fee, fees"),)),
    ("fee", "The penalty", (_words("penalt*"),)),
    ("retention", "Retention of backups", (_words("backup*, back up"),)),
    ("retention", "Retention of logs", (_words("log, logs"),)),
    ("limit", "The rate limit", (_CALL_RATE,)),
    ("rate", "The rate limit", (_CALL_RATE,)),
    *((subject.name, subject.topic, (subject.pattern,)) for subject in SUBJECTS),
)
"""A subject's name, words for it, and what must stand in the sentence for them; the first that fits is taken."""


def subject_of(text: str, span: Span, unit: str | None) -> Subject | None:
    """The subject of the amount at `span`, or None where no word near it names one that is stated in such units."""
    start, end = _near(text, span)
    measure = measure_of(unit)
    return next((one for one in SUBJECTS if measure in one.measures and one.pattern.search(text, start, end)), None)


def topic_of(text: str, span: Span, unit: str | None) -> Topic | None:
    """Words for the subject of the amount at `span`, as narrow as its sentence allows; None where it has no subject."""
    subject = subject_of(text, span, unit)
    if subject is None:
        return None
    for name, words, evidence in TOPICS:
        found = [pattern.search(text, *_near(text, span)) for pattern in evidence]
        spans = tuple(match.span() for match in found if match)
        if name == subject.name and len(spans) == len(evidence):
            return Topic(words, spans)
    return None


def _near(text: str, span: Span) -> Span:
    """The sentence around an amount, no further than AROUND on either side."""
    start = max(text.rfind(". ", 0, span[0]) + 1, text.rfind("\n", 0, span[0]) + 1, span[0] - AROUND)
    ends = [end for end in (text.find(". ", span[1]), text.find("\n", span[1])) if end >= 0]
    return start, min([*ends, span[1] + AROUND, len(text)])


def measure_of(unit: str | None) -> str:
    """What a unit of a quantity fact measures: "time", "money", "share" or "count"."""
    if unit == "%":
        return "share"
    if unit and unit.removeprefix("business ") in ("second", "minute", "hour", "day", "week", "month", "year"):
        return "time"
    return "money" if unit and ((unit.isupper() and len(unit) == 3) or unit == "cent") else "count"
