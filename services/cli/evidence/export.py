"""`clausewatch evidence export`: a bundle about a change or version."""

from pathlib import Path
from typing import Annotated

import typer

from services.api.evidence.exporting import Exporter
from services.cli.errors import Failure, UsageError
from services.cli.opening import open_installation
from services.cli.output import say
from shared.archive import ArchiveError, open_archive
from shared.db.changes import Changes, UnknownChange
from shared.db.ledger.bundling import Bundling
from shared.db.ledger.reading import NotYetProven


def export(
    subject: Annotated[
        str, typer.Argument(metavar="ID", help="A change's id, or the beginning of one; or a version's (ver_…).")
    ],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to; else here, by its id.")] = None,
) -> None:
    """Write a bundle of evidence: captures, texts, report, redline, and the proof that the ledger holds them."""
    with open_installation() as opened:
        try:
            wanted = subject if subject.startswith("ver_") else Changes(opened.database).report(subject)["id"]
        except UnknownChange as error:
            raise UsageError(f"evidence export: {error}") from None
        exporter = Exporter(Bundling(opened.database), open_archive(opened.settings.archive_location))
        make = exporter.version if wanted.startswith("ver_") else exporter.change
        try:
            bundle = make(wanted)
        except NotYetProven as error:
            raise Failure(f"evidence export: {error}: try again in a few seconds, while the scheduler runs") from None
        except ArchiveError as error:
            raise Failure(f"evidence export: the archive cannot be read: {error}") from None
    if bundle is None:
        raise UsageError(f"evidence export: there is no version {subject!r}")
    file = out or Path(f"clausewatch-{wanted}.zip")
    try:
        _write(file, bundle)
    except OSError as error:
        raise Failure(f"evidence export: {file} cannot be written: {error.strerror}") from None
    say(f"{file}: {len(bundle):,} bytes; `clausewatch evidence verify {file}` checks it")


def _write(file: Path, data: bytes) -> None:
    """The file whole or not at all."""
    draft = file.with_name(f".{file.name}.part")
    try:
        draft.write_bytes(data)
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
