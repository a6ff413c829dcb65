"""Which words of a text to quote, so that a reader sees what an edit is about."""

import re

from shared.domain.provisions import Span

QUOTED_WORDS = 24
"""A quotation is at most this long; a longer one is cut, and an ellipsis after the quotation marks says so."""

LEAD_WORDS = 8
"""Words kept before an edit where its clause is too long to be quoted whole."""

BRACKET_WORDS = 4
"""A bracket that opens among the last words of a quotation that is cut is left out of it."""

MOST_SLID = 60
"""Code points by which an edit is moved at most."""

FIRST_SENTENCE = 3
"""A first sentence of fewer words (a run-in heading, "Note.") is quoted with the one after it."""

_WORD = re.compile(r"\S+")
_CLAUSE_END = re.compile(r"(?:[.!?](?=\s+[A-Z(\"'“])|[;\n|])\s*")
_MARKS = " \t\n,;:.|)"
_OPENS = re.compile(r"\s+(?:If|The|We|You|This|These|It|They|Our|Your|In|For|When|Where|Please|By|All|Any|No)\b")
_COMPANY = re.compile(r"\b(?:Inc|Ltd|Co|Corp)\.$")
"""A company's form ends a sentence where a word follows that opens one."""
_MARKER = re.compile(r"^(?:[a-z]|\d{1,2}|[ivx]{1,4})\)$", re.IGNORECASE)
"""The bracket of "a)" has no counterpart."""
_ABBREVIATED = re.compile(r"\b(?:Inc|Ltd|Co|Corp|No|Art|Sec|e\.g|i\.e|etc|vs|Dr|Mr|Ms|U\.S|p)\.$")


def clause(text: str, span: Span, limit: int = QUOTED_WORDS) -> Span:
    """The sentence, clause, line or table cell around a span, cut to `limit` words that contain the span's start."""
    found = list(_WORD.finditer(text, *_bounds(text, span)))
    return _cut(text, found, _start(text, found, span, limit), limit) if found else span


def clauses(old: str, before: Span, new: str, after: Span, limit: int) -> tuple[Span, Span]:
    """The clauses around both sides of an edit; cut at the same word where both begin alike, or nearly at once."""
    words = [list(_WORD.finditer(text, *_bounds(text, span))) for text, span in ((old, before), (new, after))]
    if not all(words):
        return clause(old, before, limit), clause(new, after, limit)
    first = [_start(old, words[0], before, limit), _start(new, words[1], after, limit)]
    pairs = enumerate(zip(*words, strict=False))
    same = next((n for n, (one, other) in pairs if one.group() != other.group()), min(map(len, words)))
    if min(first) < same or (min(first) == 0 and max(first) <= LEAD_WORDS // 2):
        first = [min(first)] * 2
    return _cut(old, words[0], first[0], limit), _cut(new, words[1], first[1], limit)


def _start(text: str, found: list[re.Match[str]], span: Span, limit: int) -> int:
    """The place of the first word to quote of a clause's words, so that a bracket closed before the edit was opened."""
    if len(found) <= limit:
        return 0
    edit = next((n for n, word in enumerate(found) if word.end() > span[0]), 0)
    first = _first_word(text, found, edit, limit)
    depth = 0
    for place in range(first, edit) if first else ():
        word = found[place].group()
        depth += word.count("(") - (0 if _MARKER.search(word) else word.count(")"))
        if depth < 0:
            first, depth = place + 1, 0
    while 0 < first < edit and found[first].group() in ("and", "or", "but"):
        first += 1
    return first


def _cut(text: str, found: list[re.Match[str]], first: int, limit: int) -> Span:
    chosen = found[first : first + limit]
    tail = next(
        (n for n in range(len(chosen) - 1, len(chosen) - BRACKET_WORDS, -1) if n > 0 and chosen[n][0][0] == "("), 0
    )
    if tail and ")" not in text[chosen[tail].start() : chosen[-1].end()]:
        chosen = chosen[:tail]
    return _closed(text, (chosen[0].start(), chosen[-1].end()))


def _is_abbreviation(text: str, at: int) -> bool:
    """Whether the mark at `at` ends a shortened word and no sentence."""
    start = max(0, at - 6)
    if _COMPANY.search(text, start, at + 1) and _OPENS.match(text, at + 1):
        return False
    return bool(_ABBREVIATED.search(text, start, at + 1))


def short(text: str, span: Span, limit: int = QUOTED_WORDS) -> Span:
    """The first words of a span, within one line."""
    found = list(_WORD.finditer(text, *span))
    line_end = text.find("\n", *span)
    found = [word for word in found if line_end < 0 or word.start() < line_end][:limit]
    return (found[0].start(), found[-1].end()) if found else span


def first_sentence(text: str, span: Span) -> Span:
    """The first sentence of a span that says something, within one line where it has an end there."""
    for found in _CLAUSE_END.finditer(text, *span):
        if _is_abbreviation(text, found.start()):
            continue
        if len(text[span[0] : found.start()].split()) >= FIRST_SENTENCE:
            end = found.start() + 1 if text[found.start()] in ".!?" else found.start()
            return short(text, (span[0], end), end)
    return short(text, span, span[1])


def bare(text: str, span: Span) -> Span | None:
    """The first line of a span without white space and joining marks at its ends; None where no word is left."""
    start, end = span
    while start < end and text[start] in _MARKS:
        start += 1
    while end > start and text[end - 1] in " \t\n,;:|(" + (")" if text.count("(", start, end) < 1 else ""):
        end -= 1
    if not any(letter.isalnum() for letter in text[start:end]):
        return None
    return short(text, (start, end), end - start)


def cut_after(text: str, quoted: Span, whole: Span) -> bool:
    """Whether words of `whole` follow after what is quoted of it."""
    return any(letter.isalnum() for letter in text[quoted[1] : whole[1]])


def slid(text: str, span: Span) -> Span:
    """The same edit, moved to where its words begin or end with a mark, where moving it changes nothing.

    Of "a B, a C" without "a B, " a comparison may take out "B, a " as well.
    """
    start, end = span
    end += text[end : end + 1] == " " and not text[start:end].endswith(" ")
    at = start
    while at > 0 and start - at < MOST_SLID and text[at - 1] == text[end - (start - at) - 1] and text[at - 1] != "\n":
        at -= 1
        moved = (at, end - (start - at))
        at_word = at == 0 or not text[at - 1].isalnum()
        if (
            at_word
            and text[at].isalnum()
            and (text[slice(*moved)].rstrip().endswith((",", ".")) or text[:at].endswith(", "))
        ):
            return moved
    return span


def _first_word(text: str, found: list[re.Match[str]], first: int, limit: int) -> int:
    """Where to begin if the whole clause does not fit: at its start, after a comma, or some words before the edit."""
    if first < limit // 2:
        return 0
    lead = min(LEAD_WORDS, limit // 3)
    after_comma = (
        n
        for n in range(max(1, first - lead - 2), first)
        if found[n - 1].group().endswith((",", ":")) and found[n].group()[0].islower()
    )
    return next(after_comma, first - lead)


def _bounds(text: str, span: Span) -> Span:
    start, end = 0, len(text)
    for found in _CLAUSE_END.finditer(text):
        if _is_abbreviation(text, found.start()):
            continue
        if found.end() <= span[0]:
            start = found.end()
        elif found.start() >= span[1] - 1:
            end = found.start() + 1 if text[found.start()] in ".!?" else found.start()
            break
    return start, end


def _closed(text: str, span: Span) -> Span:
    """Without a joining mark or the sentence's full stop at the end."""
    start, end = span
    while end > start and text[end - 1] in " ,;:.|":
        end -= 1
    return (start, end) if end > start else span
