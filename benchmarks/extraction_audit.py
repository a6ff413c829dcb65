"""Loss and chrome of the automatic extraction, per document of the corpus.

Two references. "archive": the archive's own text of the document, made with selectors written by hand; the capture
nearest to its time is read. Words of the text that no run of ours holds are lost, words of ours that no run of it holds
are chrome; a difference in version counts against us. "page": everything the capture's body holds; only what reads like
sentences and is missing from ours is listed as lost, since no selector says what belongs.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rapidfuzz.distance import Indel

from services.cli.files import read_part
from services.differ.core.blocks import Block
from services.differ.core.extract import Unextractable, extract
from services.differ.core.extract.blockwriter import BlockWriter
from services.differ.core.extract.emails import reveal_emails
from services.differ.core.extract.links import LinkResolver
from services.differ.core.extract.tree import build, parse
from services.differ.core.extract.walker import Walker

_WORD = re.compile(r"[^\W_]+")
_SHINGLE = 4
_SAME = 0.5
_MIN_SENTENCE_WORDS = 8
_LINKS = 0.6


@dataclass(frozen=True, slots=True)
class Audit:
    """One document: runs of words that only the reference holds (`lost`) and that only we hold (`chrome`)."""

    platform: str
    document: str
    reference: str
    reference_words: int
    lost: tuple[str, ...]
    chrome: tuple[str, ...]

    @property
    def lost_words(self) -> int:
        return sum(run.count(" ") + 1 for run in self.lost)

    @property
    def chrome_words(self) -> int:
        return sum(run.count(" ") + 1 for run in self.chrome)


@dataclass(frozen=True, slots=True)
class _Capture:
    at: datetime
    file: Path


def audits(folder: Path) -> list[Audit]:
    """Every document whose text the archive holds, and the last capture of every document against its own page."""
    texts = _lines(folder / "versions.jsonl") if (folder / "versions").is_dir() else []
    histories = [(row, _captures(folder, row)) for row in _lines(folder / "histories.jsonl")]
    found = [audit for text in texts for audit in _against_archive(folder, text, histories)]
    found += [_against_page(row, captures[-1].file) for row, captures in histories]
    return found


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def _captures(folder: Path, row: dict[str, object]) -> list[_Capture]:
    captures = row["captures"]
    assert isinstance(captures, list)
    return [_Capture(datetime.fromisoformat(one["at"]), folder / one["file"]) for one in captures]


def _against_archive(
    folder: Path, text: dict[str, object], histories: Sequence[tuple[dict[str, object], list[_Capture]]]
) -> Iterator[Audit]:
    """One audit where captures of the platform hold the archive's text; a text of several pages is joined from them."""
    recorded = datetime.fromisoformat(str(text["recorded_at"]))
    reference = _words(folder / str(text["file"]))
    runs = set(_shingles(reference))
    ours: list[str] = []
    for row, captures in histories:
        if row["platform"] == text["platform"]:
            nearest = min(captures, key=lambda one: abs(one.at - recorded))
            words = _words(nearest.file)
            if _share(words, runs) > _SAME:
                ours += words
    if ours and _share(reference, set(_shingles(ours))) > _SAME:
        lost, chrome = _only(reference, ours), _only(ours, reference)
        yield Audit(str(text["platform"]), str(text["document"]), "archive", len(reference), lost, chrome)


def _words(file: Path) -> list[str]:
    try:
        text = extract((read_part(file),)).reading_text
    except Unextractable:
        return []
    return _WORD.findall(text.lower())


def _shingles(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))


def _share(words: Sequence[str], runs: set[tuple[str, ...]]) -> float:
    own = set(_shingles(words))
    return len(own & runs) / len(own) if own else 0.0


def _only(here: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    """Runs of `here` that an alignment leaves over and that stand nowhere else in `there`."""
    elsewhere = " " + " ".join(there) + " "
    edits = Indel.opcodes(here, there)
    runs = [" ".join(here[one.src_start : one.src_end]) for one in edits if one.tag in {"delete", "replace"}]
    return tuple(run for run in runs if run and f" {run} " not in elsewhere)


def _against_page(row: dict[str, object], file: Path) -> Audit:
    """Sentences of the body that our text lacks."""
    ours = " " + " ".join(_words(file)) + " "
    lost: dict[str, None] = {}
    count = 0
    for line in _body_lines(file):
        words = _WORD.findall(line.lower())
        count += len(words)
        if len(words) >= _MIN_SENTENCE_WORDS and f" {' '.join(words)} " not in ours:
            lost[" ".join(words)] = None
    return Audit(str(row["platform"]), str(row["document"]), "page", count, tuple(lost), ())


def _body_lines(file: Path) -> list[str]:
    """Every block of the page that is no list of links, chrome and all."""
    body = parse(file.read_bytes().decode("utf-8", "replace")).body
    if body is None:
        return []
    writer = BlockWriter(0)
    top = build(body)
    reveal_emails(top)
    Walker(writer, LinkResolver(None)).walk(top)
    return [block.text for block in writer.blocks if _linked(block) < _LINKS * len(block.text)]


def _linked(block: Block) -> int:
    return sum(link.span[1] - link.span[0] for link in block.links)
