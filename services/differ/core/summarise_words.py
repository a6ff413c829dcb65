"""An edit in words: what was exchanged, came or went, quoted with as much around it as a reader needs."""

import re

from services.differ.core.compare.redline import Hunk, TextPair
from services.differ.core.summarise_quote import bare, clause, clauses, cut_after, short, slid
from shared.domain.provisions import Span
from shared.domain.report import Proof, Sentence

_JOINT_END = re.compile(r"\s*[;,](?:\s*(?:and|or|and/or))?\s*$", re.IGNORECASE)

TELLING_WORDS = 6
"""Fewer words are shown with the clause they stand in: "except" alone tells a reader nothing."""

NAME_WORDS = 4
"""At most so many words, a capital among them, are taken for a name, which needs nothing around it."""

WORDS_EACH = 18
"""Words quoted of each side where a sentence quotes both."""

ALIKE = 0.25
"""Of the words of the shorter clause, so many at least stand in the other where one became the other."""

_LONG_WORD = re.compile(r"\w{4,}")


def became(pair: TextPair, before: Span, after: Span) -> Sentence | None:
    """What was exchanged, with the clauses around it; clauses that share hardly a word went and came."""
    whole_old, whole_new = clause(pair.old, before, len(pair.old)), clause(pair.new, after, len(pair.new))
    old, new = clauses(pair.old, before, pair.new, after, WORDS_EACH)
    if _are_alike(pair.old[slice(*whole_old)], pair.new[slice(*whole_new)]):
        return exchange(pair, (old, whole_old), (new, whole_new))
    gone, come = pair.old[slice(*old)], pair.new[slice(*new)]
    text = f"Removed “{gone}”{more(pair.old, old, whole_old)}, added “{come}”{more(pair.new, new, whole_new)}"
    return Sentence(text=ended(text), proof=proof_of(old, new))


def _are_alike(one: str, other: str) -> bool:
    """Whether two clauses share words of four letters or more; of a few words nobody could tell."""
    sides = [set(_LONG_WORD.findall(side.casefold())) for side in (one, other)]
    short_one = min(len(one.split()), len(other.split())) < TELLING_WORDS
    return short_one or len(sides[0] & sides[1]) >= ALIKE * min(map(len, sides))


def exchange(pair: TextPair, old: tuple[Span, Span], new: tuple[Span, Span]) -> Sentence | None:
    """Each side as what is quoted, and what it is quoted of."""
    said_old, said_new = pair.old[slice(*old[0])], pair.new[slice(*new[0])]
    if said_old == said_new:
        return None
    text = f"“{said_old}”{more(pair.old, *old)} became “{said_new}”{more(pair.new, *new)}"
    return Sentence(text=ended(text), proof=proof_of(old[0], new[0]))


def came(text: str, edit: Span, *, added: bool) -> Sentence | None:
    """Words that came or went: alone where they speak for themselves, else with their clause."""
    verb, around = ("Added" if added else "Removed"), clause(text, edit, WORDS_EACH)
    words = text[slice(*edit)]
    if len(words.split()) >= TELLING_WORDS or around == edit:
        return quoting(verb, text, edit, added=added)
    said = f"{verb} “{words}” {'in' if added else 'from'} “{text[slice(*around)]}”"
    said += more(text, around, clause(text, edit, len(text)))
    spans = (around,) if is_inside(edit, around) else (edit, around)
    return Sentence(text=ended(said), proof=tuple(one_proof(added, span) for span in spans))


def of_words(pair: TextPair) -> Sentence | None:
    """The largest edit of a reworded provision."""
    hunk = max(pair.hunks, key=lambda h: h.old[1] - h.old[0] + h.new[1] - h.new[0], default=None)
    return of_hunk(pair, hunk) if hunk else None


def of_hunk(pair: TextPair, hunk: Hunk) -> Sentence | None:
    """One edit, with its clause where it is short and no name."""
    old, new = _said_something(pair.old, hunk.old), _said_something(pair.new, hunk.new)
    if not old or not new:
        old, new = bare(pair.old, slid(pair.old, hunk.old)), bare(pair.new, slid(pair.new, hunk.new))
        return came(pair.new, new, added=True) if new else came(pair.old, old, added=False) if old else None
    sides = pair.old[slice(*old)], pair.new[slice(*new)]
    if all(len(side.split()) <= NAME_WORDS and any(letter.isupper() for letter in side) for side in sides):
        return exchange(pair, (short(pair.old, old), old), (short(pair.new, new), new))
    return became(pair, old, new)


def _said_something(text: str, span: Span) -> Span | None:
    """A side of an edit, unless it is a clause marker or a joining word that was exchanged for whole words."""
    words = bare(text, span)
    return words if words and re.search(r"\w{2}|\d", text[slice(*words)]) else None


def largest_edit(pair: TextPair) -> Sentence | None:
    """The same with nothing but its words."""
    for hunk in sorted(pair.hunks, key=lambda h: h.old[0] - h.old[1] + h.new[0] - h.new[1]):
        old, new = bare(pair.old, hunk.old), bare(pair.new, hunk.new)
        if old and new:
            return exchange(pair, (short(pair.old, old), old), (short(pair.new, new), new))
        if new:
            return quoting("Added", pair.new, new, added=True)
        if old:
            return quoting("Removed", pair.old, old, added=False)
    return None


def one_proof(added: bool, span: Span) -> Proof:
    return Proof(side="after" if added else "before", span=span)


def quoting(lead: str, text: str, span: Span, *, added: bool) -> Sentence:
    """A lead of ours, and the words of a span without the mark or word that joins them to the next entry of a list."""
    joint = _JOINT_END.search(text, *span)
    whole = (span[0], joint.start()) if joint and joint.start() > span[0] else span
    quoted = short(text, whole)
    said = ended(f"{lead}: “{text[slice(*quoted)]}”{more(text, quoted, whole)}")
    return Sentence(text=said, proof=proof_of(None if added else quoted, quoted if added else None))


def more(text: str, quoted: Span, whole: Span) -> str:
    return " …" if cut_after(text, quoted, whole) else ""


def ended(text: str) -> str:
    """With a full stop, unless the quotation or the ellipsis already ends it."""
    return text if text.rstrip("”").endswith((".", "!", "?", "…")) else f"{text}."


def proof_of(before: Span | None, after: Span | None) -> tuple[Proof, ...]:
    proof = [Proof(side="before", span=before)] if before else []
    return (*proof, Proof(side="after", span=after)) if after else tuple(proof)


def is_inside(span: Span, whole: Span) -> bool:
    return whole[0] <= span[0] and span[1] <= whole[1]
