"""The governance taxonomy: what provisions are about, whom they affect, and which rules speak about them.

Read from services/differ/data/taxonomy.json: a data file, so that a lawyer can mend it without touching code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

from shared.domain.report import Regulation, Severity

Polarity = Literal["burden", "protection", "neutral"]


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of provision. `polarity` says whether more of it burdens or protects the person bound."""

    id: str
    label: str
    definition: str
    default_severity: Severity
    polarity: Polarity
    affected: tuple[str, ...]
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    regulations: tuple[Regulation, ...]


@cache
def taxonomy() -> dict[str, Category]:
    """Every category by its id, in the order of the data file."""
    data = json.loads(resources.files("services.differ.data").joinpath("taxonomy.json").read_text("utf-8"))
    return {
        entry["id"]: Category(
            id=entry["id"],
            label=entry["label"],
            definition=entry["definition"],
            default_severity=entry["default_severity"],
            polarity=entry["polarity"],
            affected=tuple(entry["affected"]),
            strong=tuple(entry["strong"]),
            weak=tuple(entry["weak"]),
            regulations=tuple(map(regulation, entry["regulations"])),
        )
        for entry in data["categories"]
    }


def regulation(entry: Mapping[str, Any]) -> Regulation:
    """A rule of law as the data files write it: `id`, `ref`, `why`, and `applies_from` (ISO date) where it matters."""
    why = entry["why"]
    if entry.get("applies_from"):
        day = date.fromisoformat(entry["applies_from"])
        why = f"{why} (applies from {day.day} {day:%B %Y})"
    return Regulation(id=entry["id"], ref=entry["ref"], why=why)


@cache
def instruments() -> dict[str, str]:
    """The full name of each legal instrument that categories refer to, by its short id."""
    data = json.loads(resources.files("services.differ.data").joinpath("taxonomy.json").read_text("utf-8"))
    return dict(data["instruments"])
