"""Finds the corpus of real captures, which is no part of the project, and takes pages and pairs from it."""

import itertools
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.cli.files import read_part
from services.differ.core.extract import Unextractable, extract
from services.differ.core.usable import judge_usable

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@dataclass(frozen=True, slots=True)
class Page:
    """A real page: one capture, and the next one of its document whose bytes differ."""

    platform: str
    document: str
    now: Path
    next: Path


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labelled captures of one document."""

    id: int
    label: str
    old: Path
    new: Path


def find_corpus() -> Path:
    """The unpacked corpus; leaves with one line where there is none."""
    folder = Path(os.environ.get("CLAUSEWATCH_CORPUS") or _BESIDE)
    if not (folder / "html").is_dir():
        sys.exit("no unpacked corpus: set CLAUSEWATCH_CORPUS to a folder with html/, histories.jsonl and pairs.jsonl")
    return folder


def pages(folder: Path, count: int) -> list[Page]:
    """Up to `count` pages, taken from the documents in turn so that no platform outweighs the others.

    A page that holds no usable text (a redirect notice, an error page) is left out: it never becomes a version.
    """
    rows = [json.loads(line) for line in (folder / "histories.jsonl").read_text().splitlines()]
    turns = itertools.zip_longest(*(_of_one_document(folder, row) for row in rows))
    chosen = (page for turn in turns for page in turn if page is not None and _is_usable(page.now))
    return list(itertools.islice(chosen, count))


def pairs(folder: Path) -> list[Pair]:
    """Every labelled pair."""
    rows = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
    return [Pair(row["id"], row["label"], folder / row["old"], folder / row["new"]) for row in rows]


def _is_usable(file: Path) -> bool:
    part = read_part(file)
    try:
        return judge_usable(extract((part,)), (part,), None) is None
    except Unextractable:
        return False


def _of_one_document(folder: Path, row: dict[str, object]) -> Iterator[Page]:
    captures = row["captures"]
    assert isinstance(captures, list)
    files = [folder / capture["file"] for capture in captures]
    for now, following in itertools.pairwise(files):
        if now.read_bytes() != following.read_bytes():
            yield Page(str(row["platform"]), str(row["document"]), now, following)
