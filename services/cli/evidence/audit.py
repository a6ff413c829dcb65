"""`clausewatch evidence audit`: the whole ledger, computed anew and compared with what the database says now."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.evidence.verify import faults_in_words, given_trust
from services.cli.opening import open_installation
from services.cli.output import say
from shared.db.ledger.auditing import Audit


def audit(
    head: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A head kept from earlier, which must still be in the ledger.")
    ] = None,
) -> None:
    """Examine the ledger: its chain, its signatures, and every row that it speaks of. Exit status 1 for any fault."""
    kept = given_trust(None, head).head
    with open_installation() as opened:
        found, count = Audit(opened.database, kept), 0
        for fault in found.faults():
            count += 1
            say(f"FAULT  {fault}")
    say(f"{found.entries} entries and {found.heads} heads examined, {found.waiting} rows wait to be entered")
    if count:
        say(faults_in_words(count))
        raise typer.Exit(1)
