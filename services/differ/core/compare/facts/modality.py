"""Who may, must or will do something, and whether it is denied: each verb of modality by the action it governs."""

import re
from collections.abc import Iterator
from typing import Literal

from services.differ.core.compare.facts.dates import DATE
from services.differ.core.compare.facts.mentions import Mention, MentionPair, fact, overlaps, paired
from services.differ.core.compare.facts.phrases import fixed_phrases
from services.differ.core.compare.redline import Hunk, TextPair
from shared.domain.provisions import Span
from shared.domain.report import Fact

SENTENCE_WORDS = 12
"""Where a whole sentence came or went, its verbs are not edits of their own."""

EXCHANGED_WORDS = 6
"""An edit of more words on a side is a rewriting, in which no one word took another's place."""

_CLASSES: tuple[tuple[str, str], ...] = (
    (
        "obligation",
        r"must|shall|ought\s+to|(?:is|are|be)\s+(?:required|obliged|obligated|bound)\s+to|ha(?:s|ve|d)\s+to|needs?\s+to",
    ),
    (
        "permission",
        r"may|can|could|might|(?:is|are|be)\s+(?:permitted|allowed|entitled|free)\s+to|reserves?\s+the\s+right\s+to|"
        r"ha(?:s|ve)\s+the\s+right\s+to",
    ),
    ("commitment", r"will|would|'ll|commits?\s+to|undertakes?\s+to|agrees?\s+to"),
    ("advice", r"should|(?:is|are)\s+(?:encouraged|advised|expected|recommended)\s+to"),
)
_FUSED: dict[str, tuple[str, bool]] = {
    "cannot": ("permission", True),
    "can't": ("permission", True),
    "couldn't": ("permission", True),
    "won't": ("commitment", True),
    "wouldn't": ("commitment", True),
    "mustn't": ("obligation", True),
    "shan't": ("obligation", True),
    "shouldn't": ("advice", True),
    "needn't": ("permission", False),
    "need not": ("permission", False),
}
"""One word, or nearly: who need not do something may leave it."""

_FORBIDDEN = r"(?:is|are|be)\s+(?:strictly\s+)?(?:prohibited|forbidden|barred)(?:\s+from)?|(?:is|are)\s+not\s+permitted"
_NOT = r"(?:\s+(?P<{}_not>not|never|no\s+longer)\b)?"
_MODAL = re.compile(
    rf"(?P<fused>\b(?:{'|'.join(_FUSED)})\b)|(?P<forbidden>\b(?:{_FORBIDDEN})\b)"
    + r"|(?P<freed>\b(?:is|are)\s+(?:not|no\s+longer|never)\s+(?:prohibited|forbidden|barred)\b)"
    + r"|(?P<refused>\b(?:is|are)\s+(?:not|no\s+longer|never)\s+(?:allowed|entitled|free)\s+to\b)"
    + r"|(?P<spared>\b(?:(?:is|are)\s+(?:not|no\s+longer|never)\s+(?:required|obliged|obligated)\s+to|"
    + r"do(?:es)?\s+not\s+(?:have|need)\s+to)\b)|"
    + "|".join(rf"(?P<{name}>(?:\b|(?='))(?:{pattern})\b){_NOT.format(name)}" for name, pattern in _CLASSES)
    + r"|(?P<denied>\b(?:(?:do|does|did|is|are|was|were|has|have)\s+not|(?:do|does|did|is|are|was|were|has|have)n't|"
    r"not|never|no\s+longer|without|neither|nor|none|no)\b)",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"[\s,]*(?:(?:also|only|then|still|ever|always|not|to|be|\w+ly)\s+)*(?P<word>[\w'-]+)", re.IGNORECASE
)
_EXCHANGES: tuple[tuple[str, str], ...] = (
    (r"without", r"with"),
    (r"unless", r"if|when|where|provided\s+that|as\s+long\s+as"),
    (r"neither", r"either|both"),
    (r"nor", r"or|and"),
    (r"no|none", r"any|all|some|every|each|an?"),
    (r"never", r"always|sometimes"),
    (r"nothing", r"anything|everything"),
    (r"nobody|no\s+one", r"anybody|anyone|everybody|everyone"),
)
"""A denying word, and the words in whose place it denies."""

_EXCHANGE = tuple(
    (re.compile(rf"\b(?:{denial})\b", re.IGNORECASE), re.compile(rf"\b(?:{plain})\b", re.IGNORECASE))
    for denial, plain in _EXCHANGES
)


def modality_facts(pair: TextPair) -> list[Fact]:
    """Changes of modal verb (`modality`) and of denial (`negation`); values such as "obligation, denied".

    A verb counts by the action it governs: where one action is no longer denied and another now is, both are told.
    """
    exchanged = list(_exchanged(pair))
    covered = {one.before.span for one in exchanged if one.before}, {one.after.span for one in exchanged if one.after}
    old = [one for one in _own_modals(pair.old) if not any(overlaps(one.span, span) for span in covered[0])]
    new = [one for one in _own_modals(pair.new) if not any(overlaps(one.span, span) for span in covered[1])]
    found = paired(pair, old, new, likeness=_likeness)
    found = [one for one in found if not (one.before and one.after and one.before.value == one.after.value)]
    found = _without_reworded(found)
    kept = [one for one in found if (one.before and one.after) or not _in_whole_sentence(pair, one)]
    return [fact(_kind(one), pair, one) for one in [*exchanged, *kept]]


def modals(text: str) -> Iterator[Mention]:
    """Every modal verb and denial in a text, with the action as part of its key; the month of May is none."""
    dates = [found.span() for found in DATE.finditer(text)]
    for found in _MODAL.finditer(text):
        if any(overlaps(found.span(), date) for date in dates):
            continue
        name = (found.lastgroup or "").removesuffix("_not")
        group, denied = _meaning(name, found)
        value = ", ".join(part for part in (group, "denied" if denied else "") if part)
        action = _ACTION.match(text, found.end())
        yield Mention(found.span(), (group, denied, action.group("word").lower() if action else ""), value, None)


def is_denied(value: object) -> bool:
    """Whether the value of a modality or negation fact denies."""
    return isinstance(value, str) and value.endswith("denied")


def _meaning(name: str, found: re.Match[str]) -> tuple[str, bool]:
    if name == "fused":
        return _FUSED[re.sub(r"\s+", " ", found.group().lower())]
    if name in ("forbidden", "refused", "freed"):
        return "permission", name != "freed"
    if name == "spared":
        return "obligation", True
    if name == "denied":
        return "", True
    return name, bool(found.groupdict().get(f"{name}_not"))


def _own_modals(text: str) -> list[Mention]:
    """The modals of a text, without the denials that belong to a fixed phrase ("including but not limited to")."""
    phrases: list[Span] | None = None
    own = []
    for mention in modals(text):
        if mention.value == "denied":
            phrases = list(fixed_phrases(text)) if phrases is None else phrases
            if any(overlaps(mention.span, phrase) for phrase in phrases):
                continue
        own.append(mention)
    return own


def _exchanged(pair: TextPair) -> Iterator[MentionPair]:
    """A denying word that took the place of its plain counterpart, or the reverse: unless → if, without → with."""
    for hunk in pair.hunks:
        out, put = pair.old[slice(*hunk.old)], pair.new[slice(*hunk.new)]
        if not (out and put) or max(len(out.split()), len(put.split())) > EXCHANGED_WORDS:
            continue
        for denial, plain in _EXCHANGE:
            gone, come = denial.search(out), denial.search(put)
            if bool(gone) == bool(come):
                continue
            other = plain.search(put if gone else out)
            if other:
                yield _exchange(hunk, gone, come, other)
                break


def _exchange(hunk: Hunk, gone: re.Match[str] | None, come: re.Match[str] | None, other: re.Match[str]) -> MentionPair:
    before, after = gone or other, come or other
    return MentionPair(
        Mention(_placed(before, hunk.old), None, "denied" if gone else None),
        Mention(_placed(after, hunk.new), None, "denied" if come else None),
    )


def _placed(found: re.Match[str], edit: Span) -> Span:
    return edit[0] + found.start(), edit[0] + found.end()


def _likeness(old: Mention, new: Mention) -> int:
    """The same action first, then the same modality of another action."""
    same_action = isinstance(old.key, tuple) and isinstance(new.key, tuple) and old.key[2] == new.key[2]
    return 2 if same_action else int(old.value == new.value)


def _without_reworded(found: list[MentionPair]) -> list[MentionPair]:
    """Leave out a plain modal that went in one place and came in another: the clause was turned round."""
    gone = [one for one in found if one.before and not one.after and not is_denied(one.before.value)]
    come = [one for one in found if one.after and not one.before and not is_denied(one.after.value)]
    left_out: list[MentionPair] = []
    for one in gone:
        twin = next((t for t in come if t.after and one.before and t.after.value == one.before.value), None)
        if twin:
            come.remove(twin)
            left_out += [one, twin]
    return [one for one in found if not any(one is other for other in left_out)]


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
