"""The headline of a report: the sentence of the change that matters most, led by what it is about."""

import re
from collections import Counter
from collections.abc import Sequence

from services.differ.core.judge import strength_of
from services.differ.core.summarise import tells_little
from services.differ.core.summarise_check import is_proven, label_evidence
from services.differ.core.taxonomy import taxonomy
from shared.domain.report import SEVERITIES, Headline, HeadlineProof, ProvisionChange, Sentence

THROUGHOUT = 3
"""A change of words that so many provisions share is one change, made throughout."""

HEADING_WORDS = 8

_NUMBERING = re.compile(
    r"^(?:§\s*)?\(?(?:\d+(?:\.\d+)*|[A-Za-z]|[ivxIVX]{1,5})[.)]?(?=\s)[\s.)-]*|^(?:Section|Article)\s+\S+\s+"
)
_EMPTY_HEADINGS = frozenset(["general", "generally", "miscellaneous", "other", "overview", "introduction", "summary"])
_DIRECTIONS = {"worse": 0, "better": 1, "neutral": 2}
_QUOTED = re.compile(r"“([^”]*)”")
_BARE_LEAD = re.compile(r"^(?:“|Added|Removed|New:|The (?:link|date|definition))")
"""Sentences that do not say what they are about; the others begin with it."""
_SENTENCE_CAME = re.compile(r"^(?:Added|Removed): “")
_NAMED_CLAUSE = re.compile(r"^(?:New clause|Clause) on ")


def headline(changes: Sequence[ProvisionChange]) -> Headline | None:
    """The headline, proven as sentences are; None where no change has a sentence."""
    spoken = [(change, change.sentence) for change in changes if change.sentence]
    if not spoken:
        return None
    change, said = min(spoken, key=lambda entry: _weight(*entry))
    same = Counter(other.text for _, other in spoken)[said.text] >= THROUGHOUT
    text = _throughout(said.text) if same else said.text
    if change.severity == "editorial":
        text = f"No change of meaning. {text}"
    elif not same and (lead := _lead(change, said)):
        text = f"{lead}: {text}"
    proven = text if _is_proven(text, change, said) else said.text
    return Headline(
        text=proven,
        proof=tuple(HeadlineProof(provision=change.id, side=one.side, span=one.span) for one in said.proof),
    )


def heading_of(change: ProvisionChange) -> str | None:
    """The nearest heading above a provision, without its number; the document's own title is none."""
    for part in reversed(change.path[1:]):
        words = _NUMBERING.sub("", part).strip(" .:–-")
        if words.casefold() in _EMPTY_HEADINGS:
            continue
        if (
            sum(letter.isalpha() for letter in words) > 3
            and len(words.split()) <= HEADING_WORDS
            and words.isprintable()
        ):
            return None if re.search(r"[\d“”]", words) else words
    return None


def _weight(change: ProvisionChange, said: Sentence) -> tuple[int, int, bool, int, float]:
    """Least first: severity, direction, whether it says something, what kind of change it is, confidence."""
    quoted = " ".join(_QUOTED.findall(said.text))
    whole = change.before is None or change.after is None
    kind = _kind(change, said)
    empty = bool(quoted) and (tells_little(quoted) if whole else len(quoted.split()) < 2)
    return SEVERITIES.index(change.severity), _DIRECTIONS[change.direction], empty, kind, -change.confidence


def _kind(change: ProvisionChange, said: Sentence) -> int:
    """What is changed, least first: a denial or choice that turned; a clause that came or went, named by its category,
    or a sentence with a strong fact in it; an amount or verb exchanged for another; the rest.
    """
    strengths = {strength_of(fact) for fact in change.facts}
    whole = change.before is None or change.after is None
    if any(fact.kind in ("negation", "choice") for fact in change.facts):
        return 0
    if _SENTENCE_CAME.match(said.text) if "strong" in strengths else whole and _NAMED_CLAUSE.match(said.text):
        return 1
    if "strong" in strengths:
        return 2
    return 3 if whole else 4 if "moderate" in strengths else 5 if strengths else 6


def _lead(change: ProvisionChange, said: Sentence) -> str | None:
    """The category's label where the proof speaks of it, else the heading; none where the sentence says it itself."""
    if not _BARE_LEAD.match(said.text):
        return None
    if change.category in taxonomy():
        evidence = label_evidence(change.category or "")
        if any(evidence.search(words) for words in _proof_words(change, said)):
            return taxonomy()[change.category or ""].label
    heading = heading_of(change)
    return None if heading is None or heading.casefold() in said.text.casefold() else heading


def _proof_words(change: ProvisionChange, said: Sentence) -> list[str]:
    sides = [(change.side(one.side), one.span) for one in said.proof]
    return [side.text[slice(*span)] for side, span in sides if side]


def _throughout(text: str) -> str:
    return text.removesuffix(".") + " throughout." if text.endswith("”.") else text


def _is_proven(text: str, change: ProvisionChange, said: Sentence) -> bool:
    before = change.before.text if change.before else None
    after = change.after.text if change.after else None
    lead = text.split(": ")[0]
    places = [lead] if lead == heading_of(change) else []
    return is_proven(text, said.proof, before, after, places)
