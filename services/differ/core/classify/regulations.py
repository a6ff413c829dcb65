"""The rules of law that speak about a provision: those of its category, and those that its own words call for.

The latter are data: services/differ/data/regulations.json.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from services.differ.core.classify.phrases import Stems, stems_of
from services.differ.core.taxonomy import regulation, taxonomy
from shared.domain.report import Regulation


@dataclass(frozen=True, slots=True)
class TextRule:
    """Holds where every group has a phrase in the text, and one of the categories, if any are named, is given."""

    regulation: Regulation
    categories: frozenset[str]
    groups: tuple[tuple[Stems, ...], ...]

    def holds(self, categories: Sequence[str], padded: str) -> bool:
        """`padded` is the text's stems between spaces."""
        if self.categories and self.categories.isdisjoint(categories):
            return False
        return all(any(f" {' '.join(stems)} " in padded for stems in group) for group in self.groups)


def regulations_for(categories: Sequence[str], text: str) -> tuple[Regulation, ...]:
    """What the words call for, then what comes with the first category; each reference once."""
    padded = f" {' '.join(stems_of(text))} "
    named = [rule.regulation for rule in text_rules() if rule.holds(categories, padded)]
    given = taxonomy()[categories[0]].regulations if categories else ()
    return tuple({(one.id, one.ref): one for one in (*given, *named)}[key] for key in _keys(named, given))


def _keys(*lists: Sequence[Regulation]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.id, one.ref) for some in lists for one in some))


@cache
def text_rules() -> tuple[TextRule, ...]:
    """Every rule, in the order of the data file."""
    data = json.loads(resources.files("services.differ.data").joinpath("regulations.json").read_text("utf-8"))
    return tuple(
        TextRule(
            regulation=regulation(entry),
            categories=frozenset(entry["categories"]),
            groups=tuple(tuple(tuple(stems_of(phrase)) for phrase in group) for group in entry["all"]),
        )
        for entry in data["rules"]
    )
