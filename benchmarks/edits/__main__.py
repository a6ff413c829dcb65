"""Single edits of real texts, each with known truth: the share that the differ tells rightly.

    python -m benchmarks.edits [--corpus DIR] [--seed N] [--texts N] [--pages N] [--each N] [--only FAMILY]
                               [--misses N] [--json]

Every edit is made by patterns that know nothing of the code under test, in the text of a real document, and compared
with the untouched text by the whole core. "fact": a fact of the right kind with the right words, values and unit.
"operation": exactly one provision is reported, as modified (or added, moved …). "stray": facts of another kind besides.
"alerts" must be 0 for cosmetic edits, which are made in the HTML of real captures.
"""

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.corpus import find_corpus
from benchmarks.edits import amounts, blocks, lists, verbs, wording
from benchmarks.edits.case import BlockProposer, Proposer, TextEdit
from benchmarks.edits.cosmetic import COSMETIC
from benchmarks.edits.score import Verdict, judge_block_edit, judge_text_edit
from benchmarks.edits.texts import RealText, captures, texts
from services.cli.files import read_part
from services.differ.core.two_files import Read, compare_files, read_file

TEXT_EDITS: dict[str, Proposer] = {
    "modality": verbs.modality,
    "negation": verbs.negation,
    "quantity": amounts.quantity,
    "date": amounts.dates,
    "choice": wording.choice,
    "party": wording.party,
    "enumeration": lists.inline,
    "scope": wording.scope,
    "reference": lists.section,
    "definition": wording.definition,
}
BLOCK_EDITS: dict[str, BlockProposer] = {
    "enumeration: list": lists.listed,
    "enumeration: row": lists.rows,
    "reference: link": lists.link,
    "block added": blocks.added,
    "block removed": blocks.removed,
    "block moved": blocks.moved,
    "block moved, edited": blocks.moved_and_edited,
    "block split": blocks.split,
    "blocks merged": blocks.merged,
    "renumbered": blocks.renumbered,
}


def judge_texts(chosen: Sequence[RealText], seed: int, each: int, only: str | None) -> Iterator[Verdict]:
    """Up to `each` edits of every family in every text, of as many templates as it allows."""
    for text in chosen:
        for family, propose in TEXT_EDITS.items():
            if only in (None, family):
                rng = Random(f"{seed} {text.name} {family}")
                for place, edit in _varied(text, propose, rng, each):
                    yield judge_text_edit(family, text.name, text.extraction, place, edit)
        for family, propose_blocks in BLOCK_EDITS.items():
            if only in (None, family):
                rng = Random(f"{seed} {text.name} {family}")
                for block_edit in propose_blocks(text.extraction.blocks, rng):
                    yield judge_block_edit(family, text.name, text.extraction, block_edit)


def _varied(text: RealText, propose: Proposer, rng: Random, each: int) -> list[tuple[int, TextEdit]]:
    by_label: dict[str, list[tuple[int, TextEdit]]] = defaultdict(list)
    for place, block in enumerate(text.extraction.blocks):
        for edit in propose(block.text, rng):
            by_label[edit.label].append((place, edit))
    labels = rng.sample(sorted(by_label), min(each, len(by_label)))
    return [rng.choice(by_label[label]) for label in labels]


def judge_pages(files: Sequence[Path], seed: int, only: str | None) -> Iterator[Verdict]:
    """Every cosmetic edit of every page that it changes."""
    for file in files:
        old = read_part(file)
        html = old.body.decode("utf-8", "replace")
        before = read_file(old)
        for change in COSMETIC:
            name = f"cosmetic: {change.__name__.replace('_', ' ')}"
            edited = change(html, Random(f"{seed} {file.name} {name}")) if only in (None, name, "cosmetic") else html
            if edited == html:
                continue
            new = replace(old, body=edited.encode())

            def read(part: object, known: Read = before) -> Read:
                return known if part is known.content else read_file(part)  # type: ignore[arg-type]

            report = compare_files(old, new, read=read)
            shown = "; ".join(
                f"{one.op} {one.reasons}: {''.join(m + t for m, t in one.redline if m != '=')[:200]}"
                for one in report.provisions[:4]
            )
            yield Verdict(name, "", file.name, None, None, report.alert, 0, f"{report.outcome}: {shown}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="instead of CLAUSEWATCH_CORPUS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=int, default=60, help="documents that get edits of their text")
    parser.add_argument("--pages", type=int, default=20, help="captures that get cosmetic edits")
    parser.add_argument("--each", type=int, default=4, help="edits of one family in one text at most")
    parser.add_argument("--only", help="one family")
    parser.add_argument("--misses", type=int, default=0, help="examples to show of each family")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.corpus:
        os.environ["CLAUSEWATCH_CORPUS"] = str(options.corpus)
    folder, rng = find_corpus(), Random(options.seed)
    verdicts = list(judge_texts(texts(folder, options.texts, rng), options.seed, options.each, options.only))
    verdicts += judge_pages(captures(folder, options.pages, rng), options.seed, options.only)
    rows = table(verdicts)
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{'family':30}{'edits':>7}{'fact':>9}{'operation':>11}{'alerts':>8}{'stray':>7}")
    for row in rows:
        print(
            f"{row['family']:30}{row['edits']:7}{_share(row['fact']):>9}{_share(row['operation']):>11}{row['alerts']:8}{row['stray']:7}"
        )
    for family in dict.fromkeys(one.family for one in verdicts):
        _show_misses([one for one in verdicts if one.family == family], options.misses)


def table(verdicts: Sequence[Verdict]) -> list[dict[str, str | int | float | None]]:
    """A row for each family, and two for all of them."""
    families = dict.fromkeys(one.family for one in verdicts)
    rows = [_row(family, [one for one in verdicts if one.family == family]) for family in families]
    rows.append(_row("all edits of text", [one for one in verdicts if not one.family.startswith("cosmetic")]))
    rows.append(_row("all cosmetic edits", [one for one in verdicts if one.family.startswith("cosmetic")]))
    return [row for row in rows if row["edits"]]


def _row(family: str, verdicts: Sequence[Verdict]) -> dict[str, str | int | float | None]:
    facts = [one.fact for one in verdicts if one.fact is not None]
    ops = [one.op for one in verdicts if one.op is not None]
    return {
        "family": family,
        "edits": len(verdicts),
        "fact": sum(facts) / len(facts) if facts else None,
        "operation": sum(ops) / len(ops) if ops else None,
        "alerts": sum(one.alert for one in verdicts),
        "stray": sum(one.stray > 0 for one in verdicts),
    }


def _share(value: str | int | float | None) -> str:
    return "" if value is None else f"{100 * float(value):.1f} %"


def _show_misses(verdicts: Sequence[Verdict], most: int) -> None:
    wrong = [
        one
        for one in verdicts
        if one.fact is False or one.op is False or (one.family.startswith("cosmetic") and one.alert)
    ]
    for one in wrong[:most]:
        print(f"\n{one.family} | {one.label} | {one.text}\n      {one.shown}")


if __name__ == "__main__":
    main()
