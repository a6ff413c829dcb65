"""Figures of the classifier: UNFAIR-ToS on dev and by cross-validation, ToS;DR severity, and the cost of a provision.

    python -m benchmarks.classification LABELS_DIR [--split FILE] [--no-cv]

Measures the committed parameters. F1 is LexGLUE's: the mean over the eight types and "none", which a sentence has where
no type applies. `--split` measures another file of UNFAIR-ToS's form, and nothing else.

ToS;DR severity asks what the judge's rules make of a quote that is added to a document as a provision of its own:
ToS;DR's blocker and bad from 50 points are high, other bad is medium, neutral and good are low; a provision that the
rules call better counts as low, any other by its severity.
"""

import argparse
import gzip
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from services.differ.core.align import Op
from services.differ.core.classify import classify
from services.differ.core.classify.model import unfair_terms
from services.differ.core.compare.redline import TextPair
from services.differ.core.judge import Subject, judge
from services.differ.core.taxonomy import taxonomy
from services.differ.training.data import LABELS, Labelled, read_multilingual, read_unfair_tos, without
from services.differ.training.figures import NONE, Truth, f1_by_label, with_none
from services.differ.training.fit import Scored, cross_validate, thresholds_of


def report_split(rows: Sequence[Labelled]) -> list[Truth]:
    """Print macro and micro F1 and the F1 of each label of the committed model on labelled sentences."""
    model = unfair_terms()
    pairs = [(with_none(row.labels), with_none(model.labels_of(row.text))) for row in rows]
    by_label = f1_by_label(pairs, (*LABELS, NONE))
    micro = 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)
    print(f"macro F1 {statistics.mean(by_label.values()):.3f}, micro F1 {micro:.3f}, {len(rows)} sentences")
    for label, value in by_label.items():
        right = sum(label in one for one, _ in pairs)
        told = sum(label in two for _, two in pairs)
        print(f"  {label:25} F1 {value:.3f}   labelled {right:4}, found {told:4}")
    return pairs


def report_confusion(pairs: Sequence[Truth]) -> None:
    """Print which labels were missed and what was found instead, most frequent first."""
    confusion: Counter[tuple[str, str]] = Counter()
    for right, told in pairs:
        for missed in right - told:
            confusion.update((missed, instead) for instead in (told - right or {"(nothing more)"}))
        if right <= told:
            confusion.update(("(nothing more)", instead) for instead in told - right)
    for (missed, instead), count in confusion.most_common():
        print(f"  {count:4}  {missed} → {instead}")


def report_cross_validation(rows: Sequence[Labelled], extra: Sequence[Labelled], folds: int = 10) -> None:
    """Print mean, spread and interval of macro F1 over folds of companies, thresholds from the other folds."""
    scored = cross_validate(rows, extra, folds)
    values, everything = [], []
    for at, one in enumerate(scored):
        pairs = _decided(one, thresholds_of([*scored[:at], *scored[at + 1 :]]))
        present = [label for label in (*LABELS, NONE) if any(label in right for right, _ in pairs)]
        values.append(statistics.mean(f1_by_label(pairs, present).values()))
        everything += pairs
    pooled = statistics.mean(f1_by_label(everything, (*LABELS, NONE)).values())
    half = _STUDENT[folds] * statistics.stdev(values) / math.sqrt(folds)
    mean = statistics.mean(values)
    print(f"pooled {pooled:.3f}; mean of folds {mean:.3f}, 95 % interval {mean - half:.3f} to {mean + half:.3f}")
    print("  folds:", ", ".join(f"{value:.3f}" for value in values))


_STUDENT = {5: 2.776, 10: 2.262}
"""The 97.5 % point of Student's t with one degree of freedom less than folds."""


def _decided(one: Scored, thresholds: dict[str, float]) -> list[Truth]:
    return [
        (with_none(row.labels), with_none(label for label in LABELS if one.values[label][at] > thresholds[label]))
        for at, row in enumerate(one.rows)
    ]


def report_severity(file: Path) -> None:
    """Print accuracy, macro F1 and confusion of the rules' severity on ToS;DR's quotes."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    pairs = [(frozenset([_tosdr_severity(row)]), frozenset([_our_severity(row["text"])])) for row in rows]
    levels = ("high", "medium", "low")
    by_level = f1_by_label(pairs, levels)
    accuracy = sum(right == told for right, told in pairs) / len(pairs)
    print(f"macro F1 {statistics.mean(by_level.values()):.3f}, accuracy {accuracy:.3f}, {len(rows)} quotes")
    print("  ", ", ".join(f"{level} {value:.3f}" for level, value in by_level.items()))
    for level in levels:
        told = Counter(found for right, [found] in pairs if level in right)
        print(f"   {level:6} →", ", ".join(f"{one} {told[one]}" for one in levels))


def _tosdr_severity(row: dict[str, object]) -> str:
    score = row["score"]
    assert isinstance(score, int)
    if row["point"] == "blocker" or (row["point"] == "bad" and score >= 50):
        return "high"
    return "medium" if row["point"] == "bad" else "low"


def _our_severity(text: str) -> str:
    matches = classify(text, ())
    category = taxonomy()[matches[0].id] if matches else None
    found = judge(Subject(Op.ADDED, TextPair("", text), (), category), {})
    return "low" if found.direction == "better" or found.severity == "editorial" else found.severity


def report_cost(texts: Sequence[str]) -> None:
    """Print what loading takes and what a provision costs, in CPU time of this thread."""
    unfair_terms.cache_clear()
    begin = time.process_time()
    unfair_terms()
    load = 1000 * (time.process_time() - begin)
    took = []
    for text in texts:
        begin = time.process_time()
        classify(text, ())
        took.append(1000 * (time.process_time() - begin))
    words = statistics.mean(len(text.split()) for text in texts)
    print(
        f"load {load:.0f} ms; a provision (mean {words:.0f} words): median {statistics.median(took):.2f} ms, ", end=""
    )
    print(f"mean {statistics.mean(took):.2f} ms, worst {max(took):.1f} ms")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, metavar="LABELS_DIR")
    parser.add_argument("--split", type=Path, help="measure only this file of UNFAIR-ToS's form")
    parser.add_argument("--no-cv", action="store_true", help="without the cross-validation, which takes minutes")
    options = parser.parse_args()
    if options.split:
        report_split(read_unfair_tos(options.split))
        return
    train = read_unfair_tos(options.labels / "unfair_tos.train.jsonl.gz")
    dev = read_unfair_tos(options.labels / "unfair_tos.dev.jsonl.gz")
    print("== UNFAIR-ToS dev, committed parameters")
    pairs = report_split(dev)
    print("== confusion: labelled → found instead")
    report_confusion(pairs)
    print("== ToS;DR severity on dev, by the judge's rules")
    report_severity(options.labels / "tosdr.dev.jsonl.gz")
    print("== cost")
    report_cost([row["text"] for row in _quotes(options.labels / "tosdr.dev.jsonl.gz")])
    if not options.no_cv:
        print("== UNFAIR-ToS train + dev, ten folds of companies")
        extra = without(read_multilingual(options.labels / "claudette_ml_en.jsonl.gz"), [*train, *dev])
        report_cross_validation([*train, *dev], extra)


def _quotes(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
