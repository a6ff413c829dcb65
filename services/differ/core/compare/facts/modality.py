"""Who may, must or will do something, and whether it is denied."""

import re
from collections.abc import Iterator
from typing import Literal

from services.differ.core.compare.facts.dates import DATE
from services.differ.core.compare.facts.mentions import Mention, MentionPair, fact, overlaps, paired
from services.differ.core.compare.redline import TextPair
from shared.domain.report import Fact

SENTENCE_WORDS = 12
"""Where a whole sentence came or went, its verbs are not edits of their own."""

_NOT = r"(?:\s+(?P<not>not|never|no\s+longer)\b)?"
_CLASSES: tuple[tuple[str, str], ...] = (
    ("obligation", r"must|shall|(?:is|are)\s+(?:required|obliged|obligated)\s+to|ha(?:s|ve)\s+to|needs?\s+to"),
    (
        "permission",
        r"may|can|could|might|(?:is|are)\s+(?:permitted|allowed|entitled|free)\s+to|reserves?\s+the\s+right\s+to",
    ),
    ("commitment", r"will|would|'ll|commits?\s+to|undertakes?\s+to|agrees?\s+to"),
    ("advice", r"should|(?:is|are)\s+(?:encouraged|advised)\s+to"),
)
_FUSED = {"cannot": "permission", "can't": "permission", "won't": "commitment", "mustn't": "obligation"}
_MODAL = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{pattern})\b){_NOT.replace('not>', name + '_not>')}" for name, pattern in _CLASSES)
    + rf"|(?P<fused>\b(?:{'|'.join(_FUSED)}))\b"
    + r"|(?P<denied>\b(?:(?:do|does|did|is|are|was|were|has|have)\s+not|(?:do|does|did|is|are|was|were|has|have)n't|"
    r"not|never|no\s+longer|without|neither|nor|no)\b)",
    re.IGNORECASE,
)


def modality_facts(pair: TextPair) -> list[Fact]:
    """Changes of modal verb (`modality`) and of denial (`negation`); values such as "obligation, denied"."""
    facts = []
    for found in paired(pair, modals(pair.old), modals(pair.new)):
        if (found.before and found.after) or not _in_whole_sentence(pair, found):
            facts.append(fact(_kind(found), pair, found))
    return facts


def modals(text: str) -> Iterator[Mention]:
    """Every modal verb and denial in a text; the month of May is none."""
    dates = [found.span() for found in DATE.finditer(text)]
    for found in _MODAL.finditer(text):
        if any(overlaps(found.span(), date) for date in dates):
            continue
        name = found.lastgroup or ""
        name = name.removesuffix("_not")
        denied = name == "denied" or name == "fused" or bool(found.groupdict().get(f"{name}_not"))
        group = _FUSED[found.group().lower()] if name == "fused" else "" if name == "denied" else name
        value = ", ".join(part for part in (group, "denied" if denied else "") if part)
        yield Mention(found.span(), (group, denied), value, None)


def is_denied(value: object) -> bool:
    """Whether the value of a modality or negation fact denies."""
    return isinstance(value, str) and value.endswith("denied")


def _kind(found: MentionPair) -> Literal["modality", "negation"]:
    """Denial that came, went or turned is a negation; anything else a change of modality."""
    before = bool(found.before and is_denied(found.before.value))
    after = bool(found.after and is_denied(found.after.value))
    return "negation" if before != after else "modality"


def _in_whole_sentence(pair: TextPair, found: MentionPair) -> bool:
    sides = (
        (found.before, pair.old, [h.old for h in pair.hunks]),
        (found.after, pair.new, [h.new for h in pair.hunks]),
    )
    return any(
        mention is not None and overlaps(mention.span, edit) and len(text[slice(*edit)].split()) >= SENTENCE_WORDS
        for mention, text, edits in sides
        for edit in edits
    )
