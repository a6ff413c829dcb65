"""Real texts to edit: one capture of each document, and the newest text of each document of the archive."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from services.cli.files import read_part
from services.differ.core.blocks import Extraction
from services.differ.core.extract import Unextractable, extract
from services.differ.core.usable import judge_usable

MOST_BLOCKS = 600
"""Longer documents are cut: they would take most of the time and teach nothing more."""

FEWEST_BLOCKS = 20


@dataclass(frozen=True, slots=True)
class RealText:
    name: str
    file: Path
    extraction: Extraction


def texts(folder: Path, count: int, rng: Random) -> list[RealText]:
    """Up to `count` English texts, captures and archived texts in a random order that only `rng` decides."""
    files = sorted({*_captures(folder, rng), *_archived(folder)})
    rng.shuffle(files)
    chosen: list[RealText] = []
    for file in files:
        if len(chosen) == count:
            break
        found = read_english(file)
        if found and len(found.blocks) >= FEWEST_BLOCKS:
            chosen.append(RealText(file.name, file, _cut(found)))
    return chosen


def captures(folder: Path, count: int, rng: Random) -> list[Path]:
    """Up to `count` captures of different documents."""
    files = sorted(_captures(folder, rng))
    rng.shuffle(files)
    return files[:count]


def read_english(file: Path) -> Extraction | None:
    """What a file says, where that is an English document."""
    part = read_part(file)
    try:
        found = extract((part,))
    except Unextractable:
        return None
    is_english = (found.language or "en").lower().startswith("en")
    return found if is_english and judge_usable(found, (part,), None) is None else None


def _captures(folder: Path, rng: Random) -> Iterator[Path]:
    for line in (folder / "histories.jsonl").read_text().splitlines():
        yield folder / rng.choice(json.loads(line)["captures"])["file"]


def _archived(folder: Path) -> Iterator[Path]:
    rows = folder / "versions.jsonl"
    for line in rows.read_text().splitlines() if rows.is_file() else ():
        file = folder / json.loads(line)["file"]
        if file.is_file():
            yield file


def _cut(found: Extraction) -> Extraction:
    if len(found.blocks) <= MOST_BLOCKS:
        return found
    return Extraction(found.blocks[:MOST_BLOCKS], found.title, found.language, found.fingerprint)
