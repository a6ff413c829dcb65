"""Memory of a differ that judges every capture of the corpus, in one process.

    python -m benchmarks.memory [--every 100] [--rounds 1]

Each capture of `histories.jsonl` is recorded and drained twice (the second look confirms), in time order, through the
differ's real handlers on a throw-away SQLite database. Every so many captures a row is printed: resident and
proportional set size in MB, and what the whole has taken of CPU. The process records the captures too, so that a
worker's own memory is below these figures. More `--rounds` begin again on a new database, in the same process: what
grows from round to round is lost.
"""

import argparse
import sys
import time
from collections.abc import Iterator

import psutil

from benchmarks.corpus import find_corpus
from services.cli.replay.histories import History, read_histories
from services.cli.replay.offline import replay_offline
from shared.logging import configure_logging

_MB = 1_000_000


def figures(histories: tuple[History, ...], rounds: int) -> Iterator[tuple[int, float, float]]:
    """(captures so far, RSS in MB, PSS in MB) before the first capture and after each."""
    process = psutil.Process()
    yield 0, *_memory(process)
    captures = 0
    for _ in range(rounds):
        for _line in replay_offline(histories):
            captures += 1
            yield captures, *_memory(process)


def _memory(process: psutil.Process) -> tuple[float, float]:
    used = process.memory_full_info()
    return used.rss / _MB, used.pss / _MB


def main() -> None:
    """Print a row now and then, and the peak at the end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=100, help="captures from row to row")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    configure_logging("WARNING", json=False, process="memory")
    histories = read_histories(find_corpus() / "histories.jsonl")
    last = options.rounds * sum(len(history.captures) for history in histories)
    peak = 0.0
    print(f"{'captures':>9} {'RSS MB':>8} {'PSS MB':>8} {'CPU s':>8}")
    for captures, rss, pss in figures(histories, options.rounds):
        peak = max(peak, pss)
        if captures % options.every == 0 or captures == last:
            print(f"{captures:>9} {rss:>8.1f} {pss:>8.1f} {time.process_time():>8.1f}")
            sys.stdout.flush()
    print(f"peak PSS after any capture: {peak:.1f} MB")


if __name__ == "__main__":
    main()
