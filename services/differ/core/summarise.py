"""Sentences about provision changes, each bound to the spans that prove it, and refused where they do not."""

import re
from collections.abc import Callable
from itertools import chain

from services.differ.core.compare.facts.quantity import NUMBER_WORDS
from services.differ.core.compare.redline import TextPair
from services.differ.core.directions import amount_change
from services.differ.core.judge import strength_of
from services.differ.core.subjects import subject_of
from shared.domain.provisions import Span
from shared.domain.report import Fact, Proof, ReportedOp, Sentence

QUOTED_WORDS = 24
"""A quotation is at most this long; a longer one ends with an ellipsis outside the quotation marks."""

AHEAD_WORDS = 8
"""Words quoted after a changed verb, so that a reader sees what it is about."""

NEAR = 200
"""Characters around a verb in which the words to quote are looked for."""

_QUOTED = re.compile(r"“([^”]*)”")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WORD_ONLY = re.compile(r"\S+")


def is_proven(text: str, proof: tuple[Proof, ...], before: str | None, after: str | None) -> bool:
    """Whether the spans hold every number and every quoted word of a sentence.

    A number word in a span proves its digits ("thirty" proves 30).
    """
    if not proof:
        return False
    spans = []
    for one in proof:
        side = before if one.side == "before" else after
        if side is None or not 0 <= one.span[0] < one.span[1] <= len(side):
            return False
        spans.append(side[slice(*one.span)])
    held = "\n".join(spans)
    numbers = set(_NUMBER.findall(held)) | {
        str(NUMBER_WORDS[w]) for w in re.findall(r"[a-z-]+", held.lower()) if w in NUMBER_WORDS
    }
    quoted = _QUOTED.findall(text)
    bare = _QUOTED.sub(" ", text)
    return all(words in held for words in quoted) and all(n.rstrip(",") in numbers for n in _NUMBER.findall(bare))


def sentence(op: ReportedOp, pair: TextPair, facts: tuple[Fact, ...]) -> Sentence | None:
    """One sentence about a provision change: of its strongest fact where it has one, else of its words.

    Candidates are tried in order; None where none is proven by its spans.
    """
    before, after = pair.old or None, pair.new or None
    ranked = sorted(facts, key=_telling)
    said = chain(
        (_WORDING[fact.kind](fact, pair) for fact in ranked), (wording(op, pair) for wording in (_of_words, _of_whole))
    )
    return next((one for one in said if one and is_proven(one.text, one.proof, before, after)), None)


def _telling(fact: Fact) -> tuple[int, bool]:
    """Strong facts first; of equals, those that show what became of what."""
    return ("strong", "moderate", "weak").index(strength_of(fact)), fact.before is None or fact.after is None


def _quantity(fact: Fact, pair: TextPair) -> Sentence | None:
    change = amount_change(fact)
    if change is None or change == 0 or fact.before_span is None or fact.after_span is None:
        return _plain(fact, pair)
    subject = subject_of(pair.new, fact.after_span, fact.unit)
    verb = "rose" if change > 0 else "fell"
    text = f"{subject.topic if subject else 'An amount'} {verb} from {fact.before} to {fact.after}."
    return Sentence(text=text, proof=_proof(fact.before_span, fact.after_span))


def _verb(fact: Fact, pair: TextPair) -> Sentence | None:
    """Verbs are quoted with their subject and the words that follow."""
    before = _around(pair.old, fact.before_span) if fact.before_span else None
    after = _around(pair.new, fact.after_span) if fact.after_span else None
    if before and after:
        text = f"“{pair.old[slice(*before)]}” became “{pair.new[slice(*after)]}”."
    elif after:
        text = f"Added: “{pair.new[slice(*after)]}”."
    elif before:
        text = f"Removed: “{pair.old[slice(*before)]}”."
    else:
        return None
    return Sentence(text=text, proof=_proof(before, after))


def _entry(fact: Fact, pair: TextPair) -> Sentence | None:
    span, text, verb = (
        (fact.after_span, pair.new, "Added to the list")
        if fact.after_span
        else (fact.before_span, pair.old, "Removed from the list")
    )
    return _quoting(verb, text, span, added=fact.after_span is not None) if span else None


def _reference(fact: Fact, pair: TextPair) -> Sentence | None:
    if fact.unit == "link" and fact.after_span and fact.before_span:
        text = f"The link “{pair.new[slice(*fact.after_span)]}” leads to another page than before."
        return Sentence(text=text, proof=_proof(fact.before_span, fact.after_span))
    return _plain(fact, pair)


def _definition(fact: Fact, pair: TextPair) -> Sentence | None:
    text = f"The definition of “{fact.after_value}” changed."
    return Sentence(text=text, proof=_proof(fact.before_span, fact.after_span))


def _plain(fact: Fact, pair: TextPair) -> Sentence | None:
    if fact.before_span and fact.after_span:
        before, after = _short(pair.old, fact.before_span), _short(pair.new, fact.after_span)
        text = f"“{pair.old[slice(*before)]}” became “{pair.new[slice(*after)]}”"
        return Sentence(text=_ended(text), proof=_proof(before, after))
    if fact.after_span:
        return _quoting("Added", pair.new, fact.after_span, added=True)
    return _quoting("Removed", pair.old, fact.before_span, added=False) if fact.before_span else None


_WORDING: dict[str, Callable[[Fact, TextPair], Sentence | None]] = {
    "quantity": _quantity,
    "modality": _verb,
    "negation": _verb,
    "enumeration": _entry,
    "reference": _reference,
    "definition": _definition,
    "date": _plain,
    "choice": _plain,
    "party": _plain,
    "scope": _plain,
}


def _of_words(op: ReportedOp, pair: TextPair) -> Sentence | None:
    """The largest edit of a reworded provision."""
    if not pair.old or not pair.new or not pair.hunks:
        return None
    hunk = max(pair.hunks, key=lambda h: h.old[1] - h.old[0] + h.new[1] - h.new[0])
    old, new = _trimmed(pair.old, hunk.old), _trimmed(pair.new, hunk.new)
    if new and not old:
        return _quoting("Added", pair.new, new, added=True)
    if old and not new:
        return _quoting("Removed", pair.old, old, added=False)
    if not old or not new:
        return None
    before, after = _short(pair.old, old), _short(pair.new, new)
    more_old, more_new = " …" * (before != old), " …" * (after != new)
    text = f"“{pair.old[slice(*before)]}”{more_old} became “{pair.new[slice(*after)]}”{more_new}"
    return Sentence(text=_ended(text), proof=_proof(before, after))


_WHOLE = {
    "added": "New",
    "removed": "Removed",
    "moved": "Moved to another place, its words unchanged",
    "renumbered": "Renumbered, its words unchanged",
    "split": "Split into several provisions",
    "merged": "Several provisions joined",
    "modified": "Changed in layout or links only",
}


def _of_whole(op: ReportedOp, pair: TextPair) -> Sentence | None:
    added = op != "removed"
    text = pair.new if added else pair.old
    return _quoting(_WHOLE[op], text, (0, len(text)), added=added) if text else None


def _quoting(lead: str, text: str, span: Span, *, added: bool) -> Sentence:
    short = _short(text, span)
    more = " …" if short != span else ""
    return Sentence(
        text=_ended(f"{lead}: “{text[slice(*short)]}”{more}"),
        proof=_proof(None if added else short, short if added else None),
    )


def _ended(text: str) -> str:
    """With a full stop, unless the quotation or the ellipsis already ends it."""
    return text if text.rstrip("”").endswith((".", "!", "?", "…")) else f"{text}."


def _short(text: str, span: Span) -> Span:
    """The first words of a span, within one line."""
    words = list(_WORD_ONLY.finditer(text, *span))
    line_end = text.find("\n", *span)
    words = [word for word in words if line_end < 0 or word.start() < line_end][:QUOTED_WORDS]
    return (words[0].start(), words[-1].end()) if words else span


def _around(text: str, span: Span) -> Span:
    """A verb with the word before it and some after, within its sentence."""
    words = list(_WORD_ONLY.finditer(text, _word_start(text, span[0] - NEAR), span[1] + NEAR))
    inside = [n for n, word in enumerate(words) if word.start() < span[1] and span[0] < word.end()]
    first, last = inside[0], inside[-1]
    if (
        first
        and not words[first - 1].group().endswith((".", ":", ";", "?", "!"))
        and "\n" not in text[words[first - 1].end() : span[0]]
    ):
        first -= 1
    for _ in range(AHEAD_WORDS):
        at_end = last + 1 >= len(words) or words[last].group().endswith((".", ";", "?", "!"))
        if at_end or "\n" in text[words[last].end() : words[last + 1].start()]:
            break
        last += 1
    end = words[last].end()
    while end > span[1] and text[end - 1] in ".,;:":
        end -= 1
    return words[first].start(), end


def _word_start(text: str, place: int) -> int:
    """The start of the word at a place, so that no quotation begins inside one."""
    return max(text.rfind(" ", 0, max(0, place)), text.rfind("\n", 0, max(0, place))) + 1


def _trimmed(text: str, span: Span) -> Span | None:
    words = list(_WORD_ONLY.finditer(text, *span))
    return (words[0].start(), words[-1].end()) if words else None


def _proof(before: Span | None, after: Span | None) -> tuple[Proof, ...]:
    proof = [Proof(side="before", span=before)] if before else []
    return (*proof, Proof(side="after", span=after)) if after else tuple(proof)
