"""Extraction on real pages: what it costs, what it loses, what it keeps that is no policy.

    python -m benchmarks.extraction [--captures N] [--repeat 3] [--worst 20] [--runs] [--json]

Cost: CPU milliseconds of this one thread per capture, the least of `--repeat` runs, over every different capture of the
corpus, and over the pages near 345 KB, where trafilatura (if it is installed) reads the same bytes in the same run.
Loss and chrome: see `benchmarks.extraction_audit`.
"""

import argparse
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.corpus import find_corpus
from benchmarks.extraction_audit import Audit, audits
from services.cli.files import read_part
from services.differ.core.extract import PartContent, Unextractable, extract

_MIDDLE_KB = (300, 400)


def captures(folder: Path, count: int | None) -> list[PartContent]:
    """The corpus's captures, those of equal bytes once; the first `count` by file name."""
    by_body = {(part := read_part(file)).body: part for file in sorted((folder / "html").iterdir())[:count]}
    return list(by_body.values())


def cost(parts: Sequence[PartContent], repeat: int) -> dict[str, dict[str, float]]:
    """Milliseconds: ours on all captures, ours and trafilatura's on those near 345 KB."""
    ours = [_least_ms(partial(_text_sha256, part), repeat) for part in parts]
    middle = [index for index, part in enumerate(parts) if _is_middle(part)]
    found = {"all captures": _spread(ours), "300-400 KB": _spread([ours[index] for index in middle])}
    if (peer := _trafilatura()) is not None:
        texts = [parts[index].body.decode("utf-8", "replace") for index in middle]
        found["300-400 KB, trafilatura"] = _spread([_least_ms(partial(peer, text), 1) for text in texts])
    return {name: spread for name, spread in found.items() if spread}


def _least_ms(run: Callable[[], object], repeat: int) -> float:
    took = []
    for _ in range(repeat):
        begin = time.process_time()
        run()
        took.append(1000 * (time.process_time() - begin))
    return min(took)


def _text_sha256(part: PartContent) -> str | None:
    try:
        return extract((part,)).text_sha256
    except Unextractable:
        return None


def _is_middle(part: PartContent) -> bool:
    return _MIDDLE_KB[0] <= len(part.body) / 1000 <= _MIDDLE_KB[1]


def _trafilatura() -> Callable[[str], object] | None:
    try:
        read: Callable[..., object] = importlib.import_module("trafilatura").extract
    except ImportError as error:
        print(f"no trafilatura ({error}): its column is left out", file=sys.stderr)
        return None
    return partial(read, include_tables=True, include_links=True)


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    return {
        "count": len(values),
        "median": round(statistics.median(values), 1),
        "p99": round(sorted(values)[int(0.99 * (len(values) - 1))], 1),
        "worst": round(max(values), 1),
    }


def _print_worst(what: str, audits: Sequence[Audit], worst: int, runs: bool) -> None:
    counted = [(one.lost_words if what == "lost" else one.chrome_words, one) for one in audits]
    total = sum(one.reference_words for one in audits)
    print(f"{what}: {sum(count for count, _ in counted)} words ({total} in the references of {len(audits)} documents)")
    for count, one in sorted(counted, key=lambda pair: -pair[0])[:worst]:
        print(f"  {count:5} of {one.reference_words:6}  {one.platform}, {one.document}")
        for run in (one.lost if what == "lost" else one.chrome) if runs else ():
            print(f"        … {run[:300]}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=None, help="time only the first so many")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--worst", type=int, default=20, help="how many documents to list")
    parser.add_argument("--runs", action="store_true", help="print the words themselves")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = find_corpus()
    found = audits(folder)
    spreads = cost(captures(folder, options.captures), options.repeat) if options.captures != 0 else {}
    if options.json:
        print(json.dumps({"cost": spreads, "audits": [asdict(one) for one in found]}))
        return
    for name, spread in spreads.items():
        print(f"{name:24}", ", ".join(f"{key} {value}" for key, value in spread.items()))
    for kind in ("archive", "page"):
        print(f"\nagainst the {kind}:")
        chosen = [one for one in found if one.reference == kind]
        _print_worst("lost", chosen, options.worst, options.runs)
        if kind == "archive":
            _print_worst("chrome", chosen, options.worst, options.runs)


if __name__ == "__main__":
    main()
