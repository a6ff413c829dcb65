"""Defined terms and what the document says they mean."""

import re
from collections.abc import Iterator

from services.differ.core.compare.facts.mentions import Mention, MentionPair, fact, overlaps
from services.differ.core.compare.redline import TextPair
from shared.domain.report import Fact

_SAYS = (
    r"(?:shall\s+|will\s+)?(?:means?|refers?\s+to|includes?|is\s+defined\s+as|ha(?:s|ve)\s+the\s+meaning|stands?\s+for)\b"
    r"[^\n]*?(?:\.(?=\s|$)|;|$)"
)
_DEFINITION = re.compile(rf"[\"“'](?P<term>[^\"”“'\n]{{2,60}})[\"”'],?\s+{_SAYS}", re.MULTILINE)
_BARE_DEFINITION = re.compile(
    r"(?:^|(?<=[.;:]\s)|(?<=\)\s))(?:The\s+term\s+)?(?!(?:This|That|These|Those|It|Which|What|Here|Our|Your|Consent)\b)"
    rf"(?P<term>[A-Z][\w-]*(?:\s+[A-Z][\w-]*){{0,4}})\s+{_SAYS.replace('|includes?', '')}",
    re.MULTILINE,
)
"""A term without quotation marks, capitalised, at the beginning of its sentence."""

_NAMED = re.compile(r"\((?:[^()\"“]{0,40})[\"“](?P<term>[^\"”“\n]{2,60})[\"”][^()]{0,40}\)")


def definition_facts(pair: TextPair) -> list[Fact]:
    """Definitions whose words changed, on both sides by their whole sentence; the value is the term."""
    new = {mention.value: mention for mention in definitions(pair.new)}
    found = []
    for before in definitions(pair.old):
        after = new.get(before.value)
        if after and _is_touched(pair, before, after):
            found.append(fact("definition", pair, MentionPair(before, after)))
    return found


def definitions(text: str) -> Iterator[Mention]:
    """Sentences such as “Content” means …, with the term as value."""
    quoted = list(_DEFINITION.finditer(text))
    bare = [one for one in _BARE_DEFINITION.finditer(text) if not any(overlaps(one.span(), q.span()) for q in quoted)]
    for found in (*quoted, *bare):
        yield Mention(found.span(), found.group("term").lower(), found.group("term"))


def defined_terms(text: str) -> set[str]:
    """Every term that a text defines, also by naming it in brackets (“Services”); lower case."""
    return {found.group("term").lower() for pattern in (_DEFINITION, _NAMED) for found in pattern.finditer(text)}


def _is_touched(pair: TextPair, before: Mention, after: Mention) -> bool:
    return any(overlaps(before.span, hunk.old) or overlaps(after.span, hunk.new) for hunk in pair.hunks)
