"""Facts: the meaning-bearing edits inside a pair of aligned provisions, one module for each family."""

from collections.abc import Mapping, Sequence

from services.differ.core.compare.facts.dates import date_facts
from services.differ.core.compare.facts.definitions import definition_facts
from services.differ.core.compare.facts.lists import enumeration_facts
from services.differ.core.compare.facts.modality import modality_facts
from services.differ.core.compare.facts.parties import party_facts
from services.differ.core.compare.facts.phrases import choice_facts, scope_facts
from services.differ.core.compare.facts.quantity import quantity_facts
from services.differ.core.compare.facts.references import reference_facts
from services.differ.core.compare.redline import TextPair
from shared.domain.provisions import ProvisionLink
from shared.domain.report import Fact

_ENGLISH = (modality_facts, choice_facts, party_facts, scope_facts, enumeration_facts, definition_facts, date_facts)


def facts_of(
    pair: TextPair,
    old_links: Sequence[ProvisionLink],
    new_links: Sequence[ProvisionLink],
    renumbered: Mapping[str, str],
    *,
    english: bool,
) -> tuple[Fact, ...]:
    """All facts of a pair, in reading order. Of other languages only amounts, list lines and links are read."""
    readers = _ENGLISH if english else (enumeration_facts,)
    found = [fact for reader in readers for fact in reader(pair)]
    found += quantity_facts(pair)
    found += reference_facts(pair, old_links, new_links, renumbered)
    return tuple(sorted(found, key=lambda fact: fact.after_span or fact.before_span or (0, 0)))
