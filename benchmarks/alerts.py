"""Every alert of the replayed histories, by document, to be read one by one; and what a reader would ask of them all.

    python -m benchmarks.alerts

The histories go through the differ's real handlers, as `clausewatch replay` does it. Beside an alert stands the label
of its pair of captures where there is one. At the end: the pairs labelled S whose captures are neighbours in a history
and that did not alert, and the documents that alternate.
"""

import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.corpus import find_corpus
from services.cli.replay.histories import History, read_histories
from services.cli.replay.offline import Line, replay_offline
from shared.logging import configure_logging

Place = tuple[str, str]
"""Platform and document."""


def main() -> None:
    """Replay, then print the alerts and the two questions' answers."""
    configure_logging("WARNING")
    corpus = find_corpus()
    histories = read_histories(corpus / "histories.jsonl")
    labels = _labels(corpus, histories)
    lines: dict[Place, list[Line]] = defaultdict(list)
    for line in replay_offline(histories):
        lines[line.platform, line.document].append(line)
    for place, its in sorted(lines.items()):
        _print_document(place, its, labels)
    alerting = {(line.platform, line.document, line.file) for its in lines.values() for line in its if line.alert}
    missed = sorted(where for where, label in labels.items() if label.startswith("S") and where not in alerting)
    print(f"\n{len(alerting)} captures alert, in {sum(any(x.alert for x in its) for its in lines.values())} documents")
    print(f"pairs labelled S inside the histories: {sum(label.startswith('S') for label in labels.values())}")
    print(f"... that did not alert: {missed or 'none'}")
    print(f"documents that alternate: {[place for place, its in lines.items() if _alternates(its)] or 'none'}")


def _labels(corpus: Path, histories: tuple[History, ...]) -> dict[tuple[str, str, str], str]:
    """Label and id by platform, document and file of the later capture, of pairs that are neighbours in a history."""
    rows = [json.loads(line) for line in (corpus / "pairs.jsonl").read_text().splitlines()]
    known = {(row["old"], row["new"]): f"{row['label']} {row['id']}" for row in rows}
    return {
        (history.platform, history.document, new.file): known[old.file, new.file]
        for history in histories
        for old, new in itertools.pairwise(history.captures)
        if (old.file, new.file) in known
    }


def _print_document(place: Place, lines: list[Line], labels: dict[tuple[str, str, str], str]) -> None:
    outcomes = Counter(line.outcome for line in lines)
    print(
        f"\n{place[0]} · {place[1]}: {len(lines)} captures, " + ", ".join(f"{n} {one}" for one, n in outcomes.items())
    )
    for line in lines:
        if line.alert:
            label = labels.get((*place, line.file), "-")
            print(f"  {line.at:%Y-%m-%d}  [{label}]  {line.severity}: {line.headline}")


def _alternates(lines: list[Line]) -> bool:
    """Whether more than one return to one text alerted; the first is told (DESIGN, guarantee 6)."""
    returns = Counter(line.text for line in lines if line.alert and line.outcome == "reverted")
    return any(times > 1 for times in returns.values())


if __name__ == "__main__":
    main()
