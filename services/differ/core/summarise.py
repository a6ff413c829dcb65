"""Sentences about provision changes, each bound to the spans that prove it, and refused where they do not."""

import re
from collections.abc import Callable, Iterator

from services.differ.core.compare.facts.amounts import amount_change
from services.differ.core.compare.redline import TextPair
from services.differ.core.judge import strength_of
from services.differ.core.subjects import topic_of
from services.differ.core.summarise_check import is_proven, label_evidence
from services.differ.core.summarise_quote import bare, clause, first_sentence, short, slid
from services.differ.core.summarise_words import (
    TELLING_WORDS,
    WORDS_EACH,
    became,
    came,
    ended,
    exchange,
    is_inside,
    largest_edit,
    more,
    of_hunk,
    of_words,
    one_proof,
    proof_of,
    quoting,
)
from services.differ.core.taxonomy import taxonomy
from shared.domain.provisions import Span
from shared.domain.report import Fact, Proof, ReportedOp, Sentence

ENTRY_WORDS = 30
"""An entry of a list with more words reads as a clause."""

_NUMBER = re.compile(r"^(?:§\s?)?(?:\d+(?:\.\d+)*|\([a-z0-9]{1,4}\)|[A-Z])[.)]?\s+")
_DOUBLED = re.compile(r"\b[a-z]+(?:-[a-z]+)? ?\((\d[\d,.]*)\)", re.IGNORECASE)
_OF_AGE = re.compile(
    r"^(?:age of|aged|ages)\s+|[\s-]+(?:years?[\s-]+old|years?[\s-]+of[\s-]+age|years?)$", re.IGNORECASE
)
_CROSSES = re.compile(r"[.;:!?|]\s|\n")
_POINTER = re.compile(
    r":$|\b(?:that|you|we|and|or|the|to|of)$|"
    r"\b(?:see|read|refer to|described|describe|learn more|visit|for (?:more|further|details)|please)\b",
    re.IGNORECASE,
)


def sentence(
    op: ReportedOp,
    pair: TextPair,
    facts: tuple[Fact, ...],
    category: str | None = None,
    heading: str | None = None,
) -> Sentence | None:
    """One sentence about a provision change: of its strongest fact where it has one, else of its words.

    Candidates are tried in order, the most telling first; one that its spans do not prove is refused, and the next,
    plainer one is tried. None where none is proven. `category` is an id of the taxonomy; `heading` the nearest above
    the provision, named where the provision itself begins with it.
    """
    before, after = pair.old or None, pair.new or None
    said = _candidates(op, pair, facts, category, heading)
    return next((one for one in said if is_proven(one.text, one.proof, before, after)), None)


def tells_little(text: str) -> bool:
    """Whether words only point elsewhere or introduce a list, so that no headline should be made of them."""
    return len(text.split()) < TELLING_WORDS or bool(_POINTER.search(text))


def _candidates(
    op: ReportedOp, pair: TextPair, facts: tuple[Fact, ...], category: str | None, heading: str | None
) -> Iterator[Sentence]:
    if not pair.old or not pair.new:
        yield from _came_whole(pair, facts, category, heading)
        return
    whole = quoting(_WHOLE[op], pair.new, first_sentence(pair.new, (0, len(pair.new))), added=True)
    if op != "modified" and pair.old.split() == pair.new.split():
        yield whole
    for fact in sorted(facts, key=_telling):
        yield from filter(None, (_WORDING[fact.kind](fact, pair), _plain(fact, pair)))
    yield from filter(None, (of_words(pair), largest_edit(pair)))
    yield whole


def _telling(fact: Fact) -> tuple[int, bool]:
    """Strong facts first; of equals, those that show what became of what."""
    return ("strong", "moderate", "weak").index(strength_of(fact)), fact.before is None or fact.after is None


def _quantity(fact: Fact, pair: TextPair) -> Sentence | None:
    change = amount_change(fact)
    if not change or fact.before_span is None or fact.after_span is None:
        return None
    topic = topic_of(pair.new, fact.after_span, fact.unit)
    if topic is None:
        return None
    amounts = [_amount(words or "", topic.text) for words in (fact.before, fact.after)]
    text = f"{topic.text} {'rose' if change > 0 else 'fell'} from {amounts[0]} to {amounts[1]}."
    about = tuple(Proof(side="after", span=span) for span in topic.spans)
    return Sentence(text=text, proof=(*proof_of(fact.before_span, fact.after_span), *about))


def _amount(words: str, topic: str) -> str:
    """An amount as one writes it: "thirty (30) days'" as 30 days, an age without its years."""
    words = _DOUBLED.sub(r"\1", words).rstrip("'’ ")
    return _OF_AGE.sub("", words) if "age" in topic.split() or topic == "Age" else words


def _date(fact: Fact, pair: TextPair) -> Sentence | None:
    if fact.before_span is None or fact.after_span is None:
        return None
    around = clause(pair.new, fact.after_span, WORDS_EACH)
    text = f"The date changed from {fact.before} to {fact.after}: “{pair.new[slice(*around)]}”."
    return Sentence(text=ended(text), proof=proof_of(fact.before_span, around))


def _entry(fact: Fact, pair: TextPair) -> Sentence | None:
    """An entry of a list of its own lines; one within a sentence is shown in it."""
    span, text, added = (fact.after_span, pair.new, True) if fact.after_span else (fact.before_span, pair.old, False)
    if span is None or "\n" not in text[: span[0]]:
        return None
    return quoting("Added to the list" if added else "Removed from the list", text, span, added=added)


def _reference(fact: Fact, pair: TextPair) -> Sentence | None:
    if fact.unit == "link" and fact.after_span and fact.before_span:
        text = f"The link “{pair.new[slice(*fact.after_span)]}” leads to another page than before."
        return Sentence(text=text, proof=proof_of(fact.before_span, fact.after_span))
    return None


def _definition(fact: Fact, pair: TextPair) -> Sentence | None:
    """What the definition gained, lost or says instead; its term is proven by where it stands in the definition."""
    if fact.before_span is None or fact.after_span is None:
        return None
    lead = f"The definition of “{fact.after_value}”"
    inside = [h for h in pair.hunks if is_inside(h.old, fact.before_span) and is_inside(h.new, fact.after_span)]
    if len(inside) == 1:
        old, new = bare(pair.old, inside[0].old), bare(pair.new, inside[0].new)
        if new and not old:
            text = f"{lead} gained “{pair.new[slice(*new)]}”."
            return Sentence(text=ended(text), proof=proof_of(None, fact.after_span))
        if old and not new:
            text = f"{lead} lost “{pair.old[slice(*old)]}”."
            return Sentence(text=ended(text), proof=proof_of(fact.before_span, fact.after_span))
    quoted = short(pair.new, fact.after_span)
    text = f"{lead} now reads “{pair.new[slice(*quoted)]}”{more(pair.new, quoted, fact.after_span)}"
    return Sentence(text=ended(text), proof=proof_of(fact.before_span, fact.after_span))


def _in_clauses(fact: Fact, pair: TextPair) -> Sentence | None:
    """What was exchanged, came or went, in the clauses that it stands in."""
    if fact.before_span and fact.after_span:
        return became(pair, fact.before_span, fact.after_span)
    span, added = (fact.after_span, True) if fact.after_span else (fact.before_span, False)
    if span is None:
        return None
    hunk = next((h for h in pair.hunks if is_inside(span, h.new if added else h.old)), None)
    text = pair.new if added else pair.old
    if hunk is None:
        return came(text, span, added=added)
    mine, other = (hunk.new, hunk.old) if added else (hunk.old, hunk.new)
    if fact.kind in ("modality", "negation") and len(text[slice(*mine)].split()) < TELLING_WORDS:
        return became(pair, *((other, span) if added else (span, other)))
    if other[0] == other[1]:
        return came(text, bare(text, slid(text, mine)) or span, added=added)
    sides = pair.old[slice(*hunk.old)], pair.new[slice(*hunk.new)]
    if all(len(side.split()) <= WORDS_EACH and not _CROSSES.search(side) for side in sides):
        return of_hunk(pair, hunk)
    return came(text, span, added=added)


def _plain(fact: Fact, pair: TextPair) -> Sentence | None:
    """The words of the fact alone."""
    if fact.before_span and fact.after_span:
        if fact.before == fact.after:
            return None
        before, after = short(pair.old, fact.before_span), short(pair.new, fact.after_span)
        return exchange(pair, (before, fact.before_span), (after, fact.after_span))
    if fact.after_span:
        return quoting("Added", pair.new, fact.after_span, added=True)
    return quoting("Removed", pair.old, fact.before_span, added=False) if fact.before_span else None


_WORDING: dict[str, Callable[[Fact, TextPair], Sentence | None]] = {
    "quantity": lambda fact, pair: _quantity(fact, pair) or _in_clauses(fact, pair),
    "modality": _in_clauses,
    "negation": _in_clauses,
    "enumeration": lambda fact, pair: _entry(fact, pair) or _in_clauses(fact, pair),
    "reference": lambda fact, pair: _reference(fact, pair) or _in_clauses(fact, pair),
    "definition": _definition,
    "date": lambda fact, pair: _date(fact, pair) or _in_clauses(fact, pair),
    "choice": _in_clauses,
    "party": _in_clauses,
    "scope": _in_clauses,
}


_WHOLE: dict[ReportedOp, str] = {
    "moved": "Moved to another place, its words unchanged",
    "renumbered": "Renumbered, its words unchanged",
    "split": "Split into several provisions",
    "merged": "Several provisions joined into this",
    "modified": "Changed in layout or links",
}


def _came_whole(
    pair: TextPair, facts: tuple[Fact, ...], category: str | None, heading: str | None
) -> Iterator[Sentence]:
    """A provision that came or went, by its own heading, else by the words that show what it is about."""
    added = bool(pair.new)
    text = pair.new or pair.old
    if heading and (title := _run_in(text, heading)):
        quoted = first_sentence(text, (len(title) + 1, len(text)))
        said = quoting(f"New clause “{title}”" if added else f"Clause “{title}” removed", text, quoted, added=added)
        yield said.model_copy(update={"proof": (one_proof(added, (0, len(title))), *said.proof)})
    if facts and facts[0].kind == "enumeration" and (" | " in text or len(text.split()) <= ENTRY_WORDS):
        place = "table" if " | " in text else "list"
        yield quoting(f"{'Added to' if added else 'Removed from'} the {place}", text, (0, len(text)), added=added)
    if category and (shown := _telling_sentence(text, category)):
        label = _in_sentence(taxonomy()[category].label)
        said = quoting(f"New clause on {label}" if added else f"Clause on {label} removed", text, shown[0], added=added)
        yield said.model_copy(update={"proof": (*said.proof, one_proof(added, shown[1]))})
    yield quoting("New" if added else "Removed", text, first_sentence(text, (0, len(text))), added=added)


def _run_in(text: str, heading: str) -> str | None:
    """The heading, without its number, where a text begins with it and goes on."""
    title = _NUMBER.sub("", heading).rstrip(".: ")
    rest = text[len(title) :]
    return title if title and text.startswith(title) and rest[:1] in (".", ":") and rest[1:].strip() else None


def _telling_sentence(text: str, category: str) -> tuple[Span, Span] | None:
    """The first sentence with a phrase of the category, and the phrase."""
    for found in label_evidence(category).finditer(text):
        whole = clause(text, found.span(), len(text))
        if not tells_little(text[slice(*whole)]):
            return whole, found.span()
    return None


def _in_sentence(label: str) -> str:
    """A label in running text: "Arbitration" without its capital, "AI training" with it."""
    return label if label[1:2].isupper() else label[0].lower() + label[1:]
