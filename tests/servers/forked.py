"""Processes of their own that begin at once: each is forked from one that has imported what they run.

They are as real as any other, and die of SIGKILL. To import a notifier takes a second of processor time, which a test
that races eight of them would otherwise spend eight times.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

_IMPORTED = ("services.notifier.worker", "shared.bus.scheduling", "tests.factories.accounts")

Work = Callable[..., object]


def forking() -> ForkServerContext:
    """Where processes, barriers and queues come from; the forking process starts with the first of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_IMPORTED))
    return context


def run_all(works: Sequence[Callable[[], object]], *, within: float = 120) -> None:
    """Run each in a process of its own, all at once; all must succeed."""
    processes = [forking().Process(target=work) for work in works]
    for process in processes:
        process.start()
    for process in processes:
        process.join(within)
    assert [process.exitcode for process in processes] == [0] * len(works)


def program(main: Work, *args: str, environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """Start `sys.exit(main(*args))` as a program of its own: nothing but this environment, and all it says in `log`."""
    process = forking().Process(target=_become, args=(main, args, dict(environment), log))
    process.start()
    return process


def _become(main: Work, args: Sequence[Any], environment: Mapping[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as said:
        for descriptor in (1, 2):
            os.dup2(said.fileno(), descriptor)
    sys.exit(main(*args))  # type: ignore[arg-type]
