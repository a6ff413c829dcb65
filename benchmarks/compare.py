"""Reading and comparing real pages: our core beside difflib on words, over the labelled pairs, in one process.

    python -m benchmarks.compare [--pairs 280] [--repeat 3] [--json]
    pip install --target PEERS redlines trafilatura && PYTHONPATH=PEERS python -m benchmarks.compare

Each figure is CPU time of this one thread in milliseconds, the least of `--repeat` runs. "decide" is what a changed
byte costs where the text is the same: hash, extract, hash of the text. "compare" is segmenting both texts, aligning and
redlining; "with report" adds facts, categories, judgement, sentences and the JSON. difflib compares the same two
reading texts, split into words: as it comes, and "exact" without its popularity heuristic (autojunk). redlines marks up
the same texts, and trafilatura extracts the same pages, where they can be imported.
"""

import argparse
import difflib
import hashlib
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.corpus import Pair, find_corpus, pairs
from services.cli.files import read_part
from services.differ.core.align import Op, align
from services.differ.core.blocks import Extraction
from services.differ.core.compare.redline import TextPair
from services.differ.core.extract import PartContent, Unextractable, extract
from services.differ.core.pipeline import VersionText, build_report, compare_versions, segment
from shared.domain.provisions import Provision

T = TypeVar("T")


def _peer(name: str) -> Any:
    """A peer's module, or None with one line where it is not there."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"no {name} ({error}): its line is left out", file=sys.stderr)
        return None


redlines, trafilatura = _peer("redlines"), _peer("trafilatura")


@dataclass(slots=True)
class Times:
    """Milliseconds of each thing measured, and the sizes they were measured on."""

    extract: list[float] = field(default_factory=list)
    page_kb: list[float] = field(default_factory=list)
    decide: list[float] = field(default_factory=list)
    decided_kb: list[float] = field(default_factory=list)
    compare: list[float] = field(default_factory=list)
    with_report: list[float] = field(default_factory=list)
    difflib: list[float] = field(default_factory=list)
    difflib_exact: list[float] = field(default_factory=list)
    redlines: list[float] = field(default_factory=list)
    trafilatura: list[float] = field(default_factory=list)
    text_kb: list[float] = field(default_factory=list)


class Reader:
    """Reads each file once, and keeps what it took."""

    def __init__(self, times: Times, repeat: int) -> None:
        self._times, self._repeat = times, repeat
        self._kept: dict[Path, Extraction | None] = {}

    def __call__(self, path: Path) -> Extraction | None:
        """The extraction, or None where the file holds no text."""
        if path not in self._kept:
            part = read_part(path)
            ms, found = timed(lambda: _extracted(part), self._repeat)
            self._times.extract.append(ms)
            self._times.page_kb.append(len(part.body) / 1000)
            if trafilatura:
                page = part.body.decode("utf-8", "replace")
                self._times.trafilatura.append(timed(partial(trafilatura.extract, page), 1)[0])
            self._kept[path] = found
        return self._kept[path]


def measure(chosen: Sequence[Pair], repeat: int) -> Times:
    """Every pair whose two files hold a text."""
    times = Times()
    read = Reader(times, repeat)
    for pair in chosen:
        old, new = read(pair.old), read(pair.new)
        if old is None or new is None:
            continue
        if old.text_sha256 == new.text_sha256:
            _measure_decision(pair, old, times, repeat)
        else:
            _measure_comparison(old, new, times, repeat)
    return times


def timed(run: Callable[[], T], repeat: int) -> tuple[float, T]:
    """The least CPU time of several runs in milliseconds, and the last result."""
    took = []
    for _ in range(repeat):
        begin = time.process_time()
        result = run()
        took.append(1000 * (time.process_time() - begin))
    return min(took), result


def _measure_decision(pair: Pair, old: Extraction, times: Times, repeat: int) -> None:
    part = read_part(pair.new)

    def decide() -> bool:
        hashlib.sha256(part.body).hexdigest()
        return extract((part,)).text_sha256 == old.text_sha256

    ms, is_same = timed(decide, repeat)
    assert is_same
    times.decide.append(ms)
    times.decided_kb.append(len(part.body) / 1000)


def _measure_comparison(old: Extraction, new: Extraction, times: Times, repeat: int) -> None:
    times.compare.append(timed(lambda: _redlines(_provisions(old), _provisions(new)), repeat)[0])
    times.with_report.append(timed(lambda: _report(old, new), repeat)[0])
    before, after = _text(old), _text(new)
    times.text_kb.append(max(len(before), len(after)) / 1000)
    times.difflib.append(timed(partial(_word_opcodes, before, after, autojunk=True), repeat)[0])
    times.difflib_exact.append(timed(partial(_word_opcodes, before, after, autojunk=False), repeat)[0])
    if redlines:
        times.redlines.append(timed(lambda: redlines.Redlines(before, after).output_markdown, 1)[0])


def _word_opcodes(before: str, after: str, *, autojunk: bool) -> int:
    return len(difflib.SequenceMatcher(None, before.split(), after.split(), autojunk=autojunk).get_opcodes())


def _extracted(part: PartContent) -> Extraction | None:
    try:
        found = extract((part,))
    except Unextractable:
        return None
    found.text_sha256  # noqa: B018  made on first use, and part of the price
    return found


def _provisions(extraction: Extraction) -> tuple[Provision, ...]:
    return segment(extraction, identity_seed=extraction.text_sha256)


def _redlines(old: Sequence[Provision], new: Sequence[Provision]) -> int:
    """Align and redline every provision that is not unchanged; how many marks there are."""
    alignment = align(old, new)
    marks = 0
    for one in alignment.operations:
        if one.op is not Op.UNCHANGED:
            before = "\n\n".join(old[place].text for place in one.old)
            after = "\n\n".join(new[place].text for place in one.new)
            marks += len(TextPair(before, after).redline)
    return marks


def _report(old: Extraction, new: Extraction) -> str:
    versions = [VersionText.of(one, _provisions(one)) for one in (old, new)]
    return json.dumps(build_report(compare_versions(*versions)).to_json())


def _text(extraction: Extraction) -> str:
    return "\n".join(block.text for block in extraction.blocks)


def summary(times: Times) -> dict[str, dict[str, float]]:
    """Count, median and worst of every list."""
    return {name: _spread(values) for name, values in _named(times) if values}


def _named(times: Times) -> Iterator[tuple[str, list[float]]]:
    for name in Times.__slots__:
        yield name, getattr(times, name)


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "count": len(values),
        "median": round(statistics.median(values), 1),
        "p90": round(sorted(values)[int(0.9 * (len(values) - 1))], 1),
        "worst": round(max(values), 1),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=None, help="only the first so many")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = summary(measure(pairs(find_corpus())[: options.pairs], options.repeat))
    if options.json:
        print(json.dumps(found))
    else:
        for name, spread in found.items():
            print(f"{name:12}", ", ".join(f"{key} {value}" for key, value in spread.items()))


if __name__ == "__main__":
    main()
