"""Interpretive notes: words whose reach a reader cannot know, since the document nowhere says what they mean."""

import re
from collections.abc import Iterable, Iterator

from services.differ.core.compare.facts.definitions import defined_terms
from shared.domain.provisions import Provision
from shared.domain.report import ProvisionChange

MOST_NOTES = 6

VAGUE = re.compile(
    r"\b(?:"
    r"(?:commercially\s+)?reasonable\s+(?:advance\s+|prior\s+)?(?:efforts?|notice|time|period|means|steps|measures|fees?|costs?|"
    r"discretion|grounds|controls|safeguards|charges)"
    r"|(?:appropriate|adequate|suitable|industry[\s-]standard)\s+(?:(?:technical|organi[sz]ational|security|and)\s+){0,4}"
    r"(?:controls|measures|safeguards|steps|action|protections|notice|means)"
    r"|legitimate\s+(?:business\s+)?(?:interests?|purposes?|needs)|(?:internal\s+)?business\s+purposes"
    r"|(?:other|similar|related|compatible)\s+purposes"
    r"|from\s+time\s+to\s+time|promptly|without\s+undue\s+delay|as\s+soon\s+as\s+(?:possible|practicable|feasible)"
    r"|as\s+(?:needed|necessary|appropriate)|where\s+(?:appropriate|necessary)"
    r"|material(?:ly)?\s+(?:changes?|adverse(?:ly)?|breach|updates?|modifications?)"
    r"|(?:trusted|selected|certain)\s+(?:partners|third[\s-]parties|providers)"
    r"|(?:in\s+)?(?:certain|exceptional|some)\s+(?:circumstances|cases)"
    r"|(?:excessive|inappropriate|objectionable|abusive)\s+(?:use|content|conduct|behaviou?r|requests|load)"
    r"|good\s+cause|sufficient\s+reason"
    r")\b",
    re.IGNORECASE,
)


def notes(changes: Iterable[ProvisionChange], provisions: Iterable[Provision]) -> tuple[str, ...]:
    """Vague terms that changes of meaning bring in and the new version's `provisions` nowhere define.

    At most MOST_NOTES, in lower case. English only: the caller leaves other languages out.
    """
    brought_in = dict.fromkeys(
        term for change in changes if change.severity != "editorial" for term in _new_terms(change)
    )
    if not brought_in:
        return ()
    defined: set[str] = set().union(*(defined_terms(provision.text) for provision in provisions))
    undefined = [term for term in brought_in if term not in defined and term.removesuffix("s") not in defined]
    return tuple(f"“{term}” is not defined in the document" for term in undefined[:MOST_NOTES])


def _new_terms(change: ProvisionChange) -> Iterator[str]:
    before = set(_terms(change.before.text)) if change.before else set()
    return (term for term in _terms(change.after.text if change.after else "") if term not in before)


def _terms(text: str) -> Iterator[str]:
    return (" ".join(found.group().lower().split()) for found in VAGUE.finditer(text))
