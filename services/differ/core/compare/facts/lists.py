"""Enumerations: a list entry, purpose or kind of data that came or went."""

import re
from collections.abc import Iterator

from services.differ.core.compare.facts.mentions import Mention, MentionPair, fact
from services.differ.core.compare.facts.phrases import fixed_phrases
from services.differ.core.compare.redline import TextPair
from services.differ.core.words import Vocabulary, likeness, words
from shared.domain.provisions import Span
from shared.domain.report import Fact

INLINE_WORDS = 10
SAME_ENTRY = 0.5
PARAGRAPH_WORDS = 8
"""Words of a paragraph at least; fewer may stand in another entry by chance ("name" in "name of the town")."""


_JOINT = re.compile(r"[\s,;]*(?:\b(?:and|or|and/or)\b)?[\s,;]*", re.IGNORECASE)
_JOINT_END = re.compile(r"[\s,;]*(?:\b(?:and|or|and/or)\b)?[\s,;]*$", re.IGNORECASE)
_BEFORE_ENTRY = re.compile(r"(?:[,;:(]|\b(?:and|or|including|such\s+as|like))\s*$", re.IGNORECASE)
_AFTER_ENTRY = re.compile(r"\s*(?:[,;.)]|\b(?:and|or)\b|$)", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|may|must|will|shall|can|we|you|if|when|where|unless|not|has|have|that|which|who|to)\b",
    re.IGNORECASE,
)


def enumeration_facts(pair: TextPair) -> list[Fact]:
    """Whole lines of a list, and entries of a list within a sentence, that were added or removed."""
    return [fact("enumeration", pair, found) for found in [*_lines(pair), *_inline(pair)]]


def _lines(pair: TextPair) -> Iterator[MentionPair]:
    if "\n" not in pair.old and "\n" not in pair.new:
        return
    old, new = list(_entries(pair.old)), list(_entries(pair.new))
    gone, come = _not_within(old, pair.new), _not_within(new, pair.old)
    vocabulary = Vocabulary()
    codes = {entry: vocabulary.encode(words(str(entry.key))) for entry in (*gone, *come)}
    for entry in gone:
        twin = max(come, key=lambda other: likeness(codes[entry], codes[other]), default=None)
        if twin is not None and likeness(codes[entry], codes[twin]) >= SAME_ENTRY:
            come.remove(twin)
        else:
            yield MentionPair(entry, None)
    for entry in come:
        yield MentionPair(None, entry)


def _not_within(entries: list[Mention], other: str) -> list[Mention]:
    """The entries that the other side does not have, as a line or, of a whole paragraph, joined to another."""
    lines, said = {entry.key for entry in _entries(other)}, f" {' '.join(words(other.lower()))} "
    return [
        entry
        for entry in entries
        if entry.key not in lines and (len(str(entry.key).split()) <= PARAGRAPH_WORDS or f" {entry.key} " not in said)
    ]


def _entries(text: str) -> Iterator[Mention]:
    """Each line after the first, without its marker and closing mark."""
    start = text.find("\n") + 1
    for found in re.finditer(r"[^\n]+", text[start:]) if start else ():
        entry = re.sub(r"^(?:\(?[a-z0-9]{1,4}[.)])\s+", "", found.group())
        begin = start + found.end() - len(entry)
        bare = _JOINT_END.sub("", entry.rstrip(" .;,"))
        if bare:
            yield Mention((begin, begin + len(bare)), " ".join(words(bare.lower())), None)


def _inline(pair: TextPair) -> Iterator[MentionPair]:
    for hunk in pair.hunks:
        out, put = pair.old[slice(*hunk.old)], pair.new[slice(*hunk.new)]
        if "\n" in out or "\n" in put:
            continue
        if not _is_entry(out) and _is_entry(put) and not _bare(out):
            yield from _inline_entry(pair.new, hunk.new, added=True)
        elif _is_entry(out) and not _bare(put):
            yield from _inline_entry(pair.old, hunk.old, added=False)


def _bare(text: str) -> str:
    """An entry's own words, without the commas and conjunctions that join it to its neighbours."""
    start, end = _trim(text)
    return text[start:end]


def _trim(text: str) -> Span:
    lead = _JOINT.match(text)
    start = lead.end() if lead else 0
    tail = _JOINT_END.search(text, start)
    return start, max(start, tail.start() if tail else len(text))


def _is_entry(text: str) -> bool:
    bare = _bare(text)
    is_short = bool(bare) and len(bare.split()) <= INLINE_WORDS and any(c.isalpha() for c in bare)
    return is_short and not _VERB.search(bare) and next(fixed_phrases(bare), None) is None


def _inline_entry(text: str, span: Span, *, added: bool) -> Iterator[MentionPair]:
    start, end = _trim(text[slice(*span)])
    start, end = span[0] + start, span[0] + end
    edit = text[slice(*span)]
    joined = bool(re.search(r"[,;]|\b(?:and|or)\b", edit, re.IGNORECASE))
    if joined and _BEFORE_ENTRY.search(text, 0, start) and _AFTER_ENTRY.match(text, end):
        mention = Mention((start, end), text[start:end].lower())
        yield MentionPair(None, mention) if added else MentionPair(mention, None)


def whole_entry(text: str, *, added: bool) -> Fact:
    """The fact that a list entry or table row of its own came or went."""
    pair = TextPair("" if added else text, text if added else "")
    mention = Mention((0, len(text)), text)
    return fact("enumeration", pair, MentionPair(None, mention) if added else MentionPair(mention, None))
