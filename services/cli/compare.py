"""`clausewatch compare`: two files, or a list of pairs; no database, no network."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.cli.batch import Job, reports
from services.cli.errors import UsageError
from services.cli.files import UnreadableFile, read_part
from services.cli.reports import chosen_form, show_report
from services.cli.selectors import usable_selectors
from services.differ.core.two_files import compare_files


def compare(
    old: Annotated[Path | None, typer.Argument(metavar="OLD", help="The earlier file: html, pdf, md or txt.")] = None,
    new: Annotated[Path | None, typer.Argument(metavar="NEW", help="The later file.")] = None,
    batch: Annotated[
        Path | None, typer.Option(metavar="PAIRS.jsonl", help='Lines {"id", "old", "new"}; paths relative to the file.')
    ] = None,
    select: Annotated[list[str], typer.Option(metavar="CSS", help="What of a page is the document.")] = [],  # noqa: B006
    remove: Annotated[list[str], typer.Option(metavar="CSS", help="What inside it is not.")] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON; with --batch, one a line.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
    html: Annotated[bool, typer.Option("--html", help="As a page of HTML.")] = False,
    cores: Annotated[int | None, typer.Option(min=1, help="Processes for --batch; one a core otherwise.")] = None,
) -> None:
    """Compare two files, or every pair of a list, and say what changed."""
    form = chosen_form(as_json=as_json, markdown=markdown, html=html)
    chosen, dropped = usable_selectors(select), usable_selectors(remove)
    if batch is not None:
        if old is not None:
            raise UsageError("compare: give either OLD and NEW, or --batch")
        if not as_json:
            raise UsageError("compare: --batch writes JSON lines: add --json")
        _compare_batch(batch, chosen, dropped, cores or len(os.sched_getaffinity(0)))
        return
    if old is None or new is None:
        raise UsageError("compare: give OLD and NEW, or --batch PAIRS.jsonl --json")
    try:
        report = compare_files(read_part(old, chosen, dropped), read_part(new, chosen, dropped))
    except UnreadableFile as error:
        raise UsageError(f"compare: {error}") from None
    show_report(report, form)


def _compare_batch(path: Path, select: Sequence[str], remove: Sequence[str], cores: int) -> None:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for report in reports(_jobs(path, lines, select, remove), cores):
                sys.stdout.write(report + "\n")
                sys.stdout.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise UsageError(f"compare: {path} cannot be read: {error.strerror}") from None


def _jobs(path: Path, lines: Iterator[str], select: Sequence[str], remove: Sequence[str]) -> Iterator[Job]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield Job(f"{path}, line {number}", line, path.parent, tuple(select), tuple(remove))
