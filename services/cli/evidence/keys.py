"""`clausewatch evidence key` and `heads`: what whoever checks a bundle should have got before."""

from typing import Annotated

import typer

from services.cli.errors import Failure
from services.cli.opening import open_installation
from services.cli.options import AsJson
from services.cli.output import print_json, show_table
from shared.db.ledger.reading import Ledger


def key() -> None:
    """Print the public key that the ledger's heads are signed with (PEM); earlier ones after it."""
    with open_installation() as opened:
        keys = Ledger(opened.database).public_keys()
    if not keys:
        raise Failure("evidence key: no head was signed yet; is the scheduler running, and has anything been captured?")
    typer.echo("".join(keys), nl=False)


def heads(
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the ledger's signed heads, newest first."""
    with open_installation() as opened:
        found = [one.head for one in Ledger(opened.database).heads(limit=limit)]
    if as_json:
        print_json([head.to_json() for head in found])
        return
    show_table(
        ("entries", "signed", "hash", "key"),
        [(str(head.seq), f"{head.at:%Y-%m-%d %H:%M:%S} UTC", head.hash, head.key_id) for head in found],
        empty="no head was signed yet",
    )
