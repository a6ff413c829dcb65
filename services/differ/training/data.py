"""The labelled sentences: CLAUDETTE's, in two releases, both CC BY 4.0."""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = (
    "Limitation of liability",
    "Unilateral termination",
    "Unilateral change",
    "Content removal",
    "Contract by using",
    "Choice of law",
    "Jurisdiction",
    "Arbitration",
)
"""The eight types of UNFAIR-ToS (Lippi et al. 2019), as LexGLUE names them."""

_TAGS = dict(zip(("ltd", "ter", "ch", "cr", "use", "law", "j", "a"), LABELS, strict=True))
_TAG = re.compile(r"([a-z]+)([123])")
_UNFAIR = "23"
"""Levels of a tag: 1 is clearly fair, 2 potentially and 3 clearly unfair; UNFAIR-ToS labels the latter two."""

_NOT_KEY = re.compile(r"[^a-z0-9]")
_SAME_COMPANY = {"musically": "tiktok", "betterpoints_uk": "betterpoints"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence, the labels that apply, and the company whose terms it stands in."""

    text: str
    labels: frozenset[str]
    company: str

    @property
    def key(self) -> str:
        """The same for a sentence and its tokenised, lower-cased form."""
        return _NOT_KEY.sub("", self.text.lower())


def read_unfair_tos(file: Path) -> list[Labelled]:
    """UNFAIR-ToS in the LexGLUE split: JSON lines, gzip, with `text`, `labels` and `doc`."""
    return [Labelled(row["text"], frozenset(row["labels"]), _company(row["doc"])) for row in _rows(file)]


def read_multilingual(file: Path) -> list[Labelled]:
    """The English part of the later release, whose `tags` carry a level; fair clauses count as unlabelled."""
    found = []
    for row in _rows(file):
        tags = (match for match in map(_TAG.fullmatch, row["tags"]) if match)
        labels = frozenset(_TAGS[tag[1]] for tag in tags if tag[1] in _TAGS and tag[2] in _UNFAIR)
        found.append(Labelled(row["text"], labels, _company(row["doc"])))
    return found


def without(rows: Iterable[Labelled], others: Iterable[Labelled]) -> list[Labelled]:
    """Each sentence once, and none that stands in `others`, by normalised text; empty ones left out."""
    seen = {other.key for other in others} | {""}
    kept = []
    for row in rows:
        if row.key not in seen:
            seen.add(row.key)
            kept.append(row)
    return kept


def _rows(file: Path) -> Iterable[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _company(name: object) -> str:
    plain = str(name).lower()
    return _SAME_COMPANY.get(plain, plain)
