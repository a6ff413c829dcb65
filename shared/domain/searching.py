"""What somebody typed into a search field, and how each engine is asked for it."""

import re
from dataclasses import dataclass

MOST_TERMS = 12
"""Of one query; what stands behind them is not looked at."""

LONGEST = 200
"""Characters of a query."""

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together in this order, or that must not."""

    words: tuple[str, ...]
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: all of it has to be found. Empty where nothing could be."""

    terms: tuple[Term, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for; to exclude alone finds nothing."""
        return all(term.is_excluded for term in self.terms)


def parse_query(text: str) -> Query:
    """Words, "phrases in quotes", and -what to leave out. Any text is a query; one without a word is empty."""
    terms = []
    for minus, phrase, single in _TERM.findall(text[:LONGEST]):
        words = tuple(_WORD.findall(phrase or single))
        if words:
            terms.append(Term(words, bool(minus)))
    return Query(tuple(terms[:MOST_TERMS]))


def for_sqlite(query: Query) -> str:
    """The query in the language of FTS5 (sqlite.org/fts5.html, 3); every word is quoted, so none is an operator."""
    wanted = " AND ".join(_phrase(term) for term in query.terms if not term.is_excluded)
    unwanted = "".join(f" NOT {_phrase(term)}" for term in query.terms if term.is_excluded)
    return wanted + unwanted


def for_postgresql(query: Query) -> str:
    """The query for `websearch_to_tsquery`, which takes any text (PostgreSQL manual, 12.3.2)."""
    return " ".join(f"{'-' if term.is_excluded else ''}{_phrase(term)}" for term in query.terms)


def _phrase(term: Term) -> str:
    return '"' + " ".join(term.words) + '"'
