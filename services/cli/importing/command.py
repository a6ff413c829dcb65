"""The command, its worker processes, and what it says of them."""

import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.errors import UsageError
from services.cli.importing.index import Fault, Index, read_index
from services.cli.importing.texts import Done, Job, begin, make_importer, take
from services.cli.importing.unpacking import BadArchive, unpacked
from services.cli.opening import Opened, open_installation
from services.cli.output import printable, say
from shared.logging import configure_logging
from shared.settings import Settings

_IN_FLIGHT_PER_CORE = 2
_NAMED_FAULTS = 200
"""Lines that are named one by one; the others are counted."""


def import_versions(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="versions.tar.zst, or a folder with versions.jsonl.")],
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="One a core otherwise; with 1, this one.")
    ] = None,
) -> None:
    """Make a registry of recorded texts: their platforms, documents, versions and changes.

    versions.jsonl has a line for each text: {"collection", "platform", "document", "recorded_at", "file"}. Nothing of
    it is watched and nobody is told of its changes. Run it again to go on; what is there already is left as it is.
    `clausewatch up --no-sample` shows it.
    """
    configure_logging("WARNING", json=False, process="import")
    with open_installation() as installation:
        try:
            with unpacked(path) as archive:
                index = read_index(archive, installation.clock.now())
                done = _import(index, installation, processes or len(os.sched_getaffinity(0)))
        except BadArchive as error:
            raise UsageError(f"import-versions: {error}") from None
    if not index.texts and not index.faults:
        raise UsageError(f"import-versions: {path}: its versions.jsonl lists nothing; see `import-versions --help`")
    done.faults += index.faults
    _tell(done, index)
    if done.faults and not done.versions + done.same + done.known:
        raise typer.Exit(1)


def _import(index: Index, installation: Opened, processes: int) -> Done:
    total = Done()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task("documents", total=len(index.documents))
        jobs = (Job(document, texts) for document, texts in index.documents.items())
        for done in results(jobs, installation, processes):
            total.add(done)
            progress.advance(task)
    return total


def results(jobs: Iterable[Job], installation: Opened, processes: int) -> Iterator[Done]:
    """What became of each job, in order; few are in flight, so that memory does not grow with the archive."""
    if processes == 1:
        yield from map(make_importer(installation.settings, installation.database).take, jobs)
        return
    settings, remaining, waiting = installation.settings, iter(jobs), deque[Job]()
    while True:
        try:
            with _pool(settings, processes) as pool:
                yield from _in_order(pool, remaining, waiting, processes * _IN_FLIGHT_PER_CORE)
            return
        except BrokenProcessPool:
            # One of these documents ended its process: take each alone, so that only that one suffers for it.
            while waiting:
                yield _alone(waiting.popleft(), settings)


def _in_order(pool: ProcessPoolExecutor, jobs: Iterator[Job], waiting: deque[Job], width: int) -> Iterator[Done]:
    futures: deque[Future[Done]] = deque()
    for job in jobs:
        waiting.append(job)
        futures.append(pool.submit(take, job))
        if len(futures) >= width:
            yield _next(futures, waiting)
    while futures:
        yield _next(futures, waiting)


def _next(futures: deque[Future[Done]], waiting: deque[Job]) -> Done:
    done = futures.popleft().result()
    waiting.popleft()
    return done


def _alone(job: Job, settings: Settings) -> Done:
    try:
        with _pool(settings, 1) as pool:
            return pool.submit(take, job).result()
    except BrokenProcessPool:
        return Done(faults=[Fault(text.line, "reading this document ended the process") for text in job.texts])


def _pool(settings: Settings, processes: int) -> ProcessPoolExecutor:
    context = get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=begin, initargs=(settings,))


def _tell(done: Done, index: Index) -> None:
    faults = sorted(done.faults, key=lambda fault: fault.line)
    for fault in faults[:_NAMED_FAULTS]:
        typer.echo(printable(f"versions.jsonl, line {fault.line}: {fault.why}; passed over"), err=True)
    if len(faults) > _NAMED_FAULTS:
        typer.echo(f"… and {len(faults) - _NAMED_FAULTS} more lines", err=True)
    platforms = len({document.platform for document in index.documents})
    say(
        f"{index.texts} texts of {len(index.documents)} documents of {platforms} platforms: {done.versions} new "
        f"versions with {done.changes} changes, {done.same} as the version before, {done.known} known already, "
        f"{len(faults)} lines passed over"
    )
