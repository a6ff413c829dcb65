"""The check that every sentence passes before it is published: its words must stand in the spans that prove it.

It reads the sentence itself and not how it was made, so it holds for whoever wrote it: these rules, or a language
model that rewrote them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from services.differ.core.compare.facts.amounts import amount_in, are_comparable
from services.differ.core.compare.facts.numbers import NUMBER_WORDS
from services.differ.core.subjects import TOPICS
from services.differ.core.taxonomy import taxonomy
from shared.domain.report import Proof

RULES = (
    "proof.span",
    "proof.quotation",
    "proof.number",
    "proof.modal",
    "proof.topic",
    "proof.term",
    "proof.side",
    "proof.order",
)
"""What a sentence can fail, in the order of the checks."""

_QUOTED = re.compile(r"“([^”]*)”")
_AMOUNT = re.compile(r"(?:(?:US|CA|C|A)?[$€£¥]\s?)?\d(?:[\d,]*\d)?(?:\.\d+)?(?:\s?%)?")
_NUMBER = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MODALS = frozenset(
    re.findall(
        r"\w+",
        "may must shall will would can could should might not never no without only unless cannot nor neither",
    )
)
_FRAMES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\bno longer\b"), ("before",)),
    (re.compile(r"\bno change of meaning\b", re.IGNORECASE), ()),
    (re.compile(r"\b(?:[Nn]ew|[Aa]dded|now|gained)\b"), ("after",)),
    (re.compile(r"\b(?:[Rr]emoved|lost)\b"), ("before",)),
    (re.compile(r"\b(?:became|rose|fell)\b"), ("before", "after")),
)
"""Words of ours that say what happened, and the sides that must prove it."""

_FRAMING = frozenset(
    re.findall(
        r"\w+",
        "a and as at before by changed clause date definition each for from in into is its joined layout leads link "
        "list moved of on or another page place provision reads renumbered several split table than the this "
        "throughout to unchanged was with words",
    )
)
"""Words of ours that say nothing of the document."""

_CHANGED = re.compile(r"\b(?P<verb>rose|fell|changed|moved) from (?P<old>.+?) to (?P<new>.+?)(?=[:.]?$|: “)")
_BECAME = re.compile(r"“(?P<old>[^”]*)”(?: …)? became “(?P<new>[^”]*)”")


def is_proven(
    text: str, proof: Sequence[Proof], before: str | None, after: str | None, places: Iterable[str] = ()
) -> bool:
    """Whether a sentence breaks none of the RULES."""
    return not faults(text, proof, before, after, places)


def faults(
    text: str, proof: Sequence[Proof], before: str | None, after: str | None, places: Iterable[str] = ()
) -> tuple[str, ...]:
    """The RULES that a sentence breaks, given the spans that are to prove it; empty for one that may be published.

    `places` are headings of the provision with which a sentence may begin ("Termination: …"). A number word in a
    span proves its digits ("thirty" proves 30), words are compared without case and plural.
    """
    held = _held(proof, before, after)
    if held is None:
        return ("proof.span",)
    lead = next((place for place in places if text.startswith(f"{place}: ")), None)
    said = text[len(lead) + 2 :] if lead else text
    everything = "\n".join([*held["before"], *held["after"]])
    ours, topics_hold = _without_topics(_QUOTED.sub(" ", said), everything)
    found = {
        "proof.quotation": all(_stands(words, held) for words in _QUOTED.findall(said)),
        "proof.number": _numbers_stand(_QUOTED.sub(" ", said), everything),
        "proof.topic": topics_hold,
        "proof.side": _sides_hold(said, held),
        "proof.order": _order_holds(said),
    }
    bare = ours
    for pattern, _ in _FRAMES:
        bare = pattern.sub(" ", bare)
    words = {word.casefold() for word in _WORD.findall(bare)}
    spoken = {word.casefold() for word in _WORD.findall(everything)}
    found["proof.modal"] = words & _MODALS <= spoken
    stems = {_stem(word) for word in spoken} | {_stem(word) for word in _FRAMING}
    found["proof.term"] = all(_stem(word) in stems for word in words - _MODALS)
    return tuple(rule for rule in RULES if not found.get(rule, True))


def _held(proof: Sequence[Proof], before: str | None, after: str | None) -> dict[str, list[str]] | None:
    """The words of the spans by side; None where there are none, or one lies outside its text."""
    held: dict[str, list[str]] = {"before": [], "after": []}
    for one in proof:
        side = before if one.side == "before" else after
        if side is None or not 0 <= one.span[0] < one.span[1] <= len(side):
            return None
        held[one.side].append(side[slice(*one.span)])
    return held if proof else None


def _stands(words: str, held: dict[str, list[str]]) -> bool:
    return any(words in span for spans in held.values() for span in spans)


def _numbers_stand(ours: str, held: str) -> bool:
    """Digits, number words, money and shares of our own words; an amount of money stands with its sign."""
    numbers = set(_NUMBER.findall(held)) | {str(NUMBER_WORDS[word]) for word in _number_words(held)}
    compact = re.sub(r"[^\S\n]", "", held)
    for amount in _AMOUNT.findall(ours):
        digits = _NUMBER.findall(amount)[0]
        if digits not in numbers:
            return False
        signed = re.sub(r"\s", "", amount)
        if signed != digits and not re.search(rf"(?<![\d.,]){re.escape(signed)}(?![\d])", compact):
            return False
    return all(str(NUMBER_WORDS[word]) in numbers for word in _number_words(ours))


def _number_words(text: str) -> Iterator[str]:
    return (word for word in re.findall(r"[a-z]+(?:-[a-z]+)?", text.lower()) if word in NUMBER_WORDS)


@cache
def _topics() -> tuple[tuple[re.Pattern[str], tuple[re.Pattern[str], ...]], ...]:
    """Every name of a subject or a category, longest first, and what must stand in a span where it is used."""
    named = {words: evidence for _, words, evidence in reversed(TOPICS)}
    named |= {category.label: (label_evidence(category.id),) for category in taxonomy().values()}
    longest = sorted(named.items(), key=lambda entry: -len(entry[0]))
    return tuple((re.compile(rf"\b{re.escape(words)}(?!\w)", re.IGNORECASE), evidence) for words, evidence in longest)


@cache
def label_evidence(category: str) -> re.Pattern[str]:
    """What shows that words are about a category: one of its strong phrases, with any endings."""
    phrases = (r"\W+".join(rf"{re.escape(_root(w))}\w*" for w in p.split()) for p in taxonomy()[category].strong)
    return re.compile(rf"\b(?:{'|'.join(phrases)})", re.IGNORECASE)


def _root(word: str) -> str:
    """A word without an ending, at least five letters of it."""
    return re.sub(r"(?<=\w{5})(?:ations?|ments?|ions?|ing|ed|es|e|s|y)$", "", word)


def _without_topics(ours: str, held: str) -> tuple[str, bool]:
    for pattern, evidence in _topics():
        if pattern.search(ours):
            if not all(one.search(held) for one in evidence):
                return ours, False
            ours = pattern.sub(" ", ours)
    return ours, True


def _sides_hold(said: str, held: dict[str, list[str]]) -> bool:
    ours = _QUOTED.sub(" ", said)
    needed = {side for pattern, sides in _FRAMES if pattern.search(ours) for side in sides}
    if any(not held[side] for side in needed):
        return False
    if found := _BECAME.search(said):
        return _in(found["old"], held["before"]) and _in(found["new"], held["after"])
    if found := _CHANGED.search(said):
        old, new = (_NUMBER.findall(found[side]) for side in ("old", "new"))
        return _numbers_in(old, held["before"]) and _numbers_in(new, held["after"])
    return True


def _in(words: str, spans: Iterable[str]) -> bool:
    return any(words in span for span in spans)


def _numbers_in(numbers: Iterable[str], spans: Iterable[str]) -> bool:
    return all(_numbers_stand(number, "\n".join(spans)) for number in numbers)


def _order_holds(said: str) -> bool:
    """Whether what "rose" rose, and what "fell" fell, where both amounts can be read."""
    found = _CHANGED.search(_QUOTED.sub(" ", said).rstrip())
    if not found or found["verb"] not in ("rose", "fell"):
        return True
    old, new = amount_in(found["old"]), amount_in(found["new"])
    if old is None or new is None:
        return True
    if not are_comparable(old, new):
        return False
    return new.per_hour > old.per_hour if found["verb"] == "rose" else new.per_hour < old.per_hour


def _stem(word: str) -> str:
    return word.casefold().removesuffix("'s").removesuffix("’s").removesuffix("s")
