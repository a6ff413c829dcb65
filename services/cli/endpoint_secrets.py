"""`clausewatch endpoints rotate`: a new signing secret, the old one signing too for a while."""

from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, named_endpoint
from services.cli.errors import UsageError
from services.cli.lengths import length_of_time
from services.cli.opening import open_installation
from services.cli.options import AsJson
from services.cli.output import duration, print_json, say
from shared.usecases.accounts import Unknown
from shared.usecases.making import make_rotation


def rotate(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An id, the beginning of one, or the address.")],
    overlap: Annotated[
        str, typer.Option(help="How long the old secret signs too: 30m, 24h, 7d; 0h if it has leaked.")
    ] = "24h",
    as_json: AsJson = False,
) -> None:
    """Give a webhook a new secret, shown this once; until the overlap ends, receivers may verify with either."""
    lasting = length_of_time(overlap)
    if lasting is None:
        raise UsageError(f"endpoints rotate: --overlap {overlap!r} is no length of time (30m, 24h, 7d)")
    with open_installation() as opened:
        chosen = named_endpoint(opened, endpoint)
        rotation = make_rotation(opened.settings, opened.database, opened.clock)
        try:
            rotated = rotation.rotate(LOCAL_ACCOUNT, chosen.id, lasting)
        except Unknown:
            raise UsageError(f"endpoints rotate: {chosen.address} is no webhook, so it has no secret") from None
        except ValueError as error:
            raise UsageError(f"endpoints rotate: {error}") from None
    if as_json:
        print_json({"id": chosen.id, "secret": rotated.secret, "old_signs_until": rotated.old_signs_until})
        return
    say(f"new secret of {chosen.address}, shown this once: {rotated.secret}")
    if lasting:
        say(f"the old one signs too for {duration(lasting.total_seconds())}: change it at the receiver until then")
    else:
        say("the old one signs nothing any more")
