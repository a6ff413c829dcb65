"""`clausewatch evidence verify`: a bundle against a key or head; offline, and without an installation."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import Failure, UsageError
from services.cli.options import AsJson
from services.cli.output import print_json, say
from shared.evidence.unpacking import BadBundle, unpacked
from shared.evidence.verifying import BadTrust, Trust, Verdict, trust_in
from shared.evidence.verifying import verify as verdict_on

_MOST_OF_A_KEY = 1_000_000
"""Bytes of a key or head file."""
_MOST_OF_ENTRIES = 400_000_000
"""Bytes of entries: a million of them."""


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The bundle.")],
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The installation's public key (PEM).")] = None,
    head: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What /.well-known/clausewatch-ledger gave, or a head alone.")
    ] = None,
    entries: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What /api/v1/ledger/entries gave: the way from the bundle to that head."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a bundle of evidence, offline. Exit status 0 where everything fits, 1 where not; every fault is named."""
    trust = given_trust(key, head, entries)
    try:
        files = unpacked(file)
    except BadBundle as error:
        raise Failure(f"evidence verify: {file} is no bundle: {error}") from None
    except OSError as error:
        raise UsageError(f"evidence verify: {file} cannot be read: {error.strerror}") from None
    verdict = verdict_on(files, trust)
    if as_json:
        print_json(_as_json(verdict))
    else:
        _show(file, verdict)
    if verdict.faults:
        raise typer.Exit(1)


def given_trust(key: Path | None, head: Path | None, entries: Path | None = None) -> Trust:
    """Trust in the key, the head and the entries of these files; UsageError where one cannot be used."""
    try:
        return trust_in(
            key=_contents(key, _MOST_OF_A_KEY),
            head=_contents(head, _MOST_OF_A_KEY),
            entries=_contents(entries, _MOST_OF_ENTRIES),
        )
    except BadTrust as error:
        raise UsageError(f"evidence: {error}") from None


def _contents(path: Path | None, most: int) -> bytes | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"evidence: {path} cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise UsageError(f"evidence: {path} has more than {most} bytes")
    return data


def _show(file: Path, verdict: Verdict) -> None:
    for fault in verdict.faults:
        say(f"FAULT  {fault}")
    if verdict.faults:
        say(f"{file} is NOT as it was recorded: {faults_in_words(len(verdict.faults))}")
        return
    for line in verdict.proven:
        say(f"ok     {line}")
    for line in verdict.remarks:
        say(f"note   {line}")
    say(f"{file} is as it was recorded")


def faults_in_words(count: int) -> str:
    """How many there are."""
    return f"{count} fault{'' if count == 1 else 's'}"


def _as_json(verdict: Verdict) -> dict[str, object]:
    return {
        "ok": not verdict.faults,
        "faults": [{"where": fault.where, "what": fault.what} for fault in verdict.faults],
        "proven": list(verdict.proven),
        "remarks": list(verdict.remarks),
    }
