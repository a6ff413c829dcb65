"""`clausewatch endpoints confirm` and `resend`: mailboxes whose reader has not yet agreed to be told."""

from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts, named_endpoint
from services.cli.errors import Failure, UsageError
from services.cli.opening import Opened, open_installation
from services.cli.output import say
from shared.db.notifier.receivers import Receivers
from shared.db.notifier.suppressions import Suppressions
from shared.db.tables import EndpointRow
from shared.domain.consent import Asked, Outcome
from shared.domain.deliveries import Channel, EndpointState, Reason
from shared.domain.mail import LIFTED_BY_OWNER
from shared.usecases.accounts import Unknown

EndpointName = Annotated[str, typer.Argument(metavar="ENDPOINT", help="An id, the beginning of one, or the address.")]


def confirm(endpoint: EndpointName) -> None:
    """Answer for a mailbox's reader, who told you that they want alerts; what waited for it is sent."""
    with open_installation() as opened:
        chosen = named_endpoint(opened, endpoint)
        if chosen.state != EndpointState.UNCONFIRMED:
            raise UsageError(f"endpoints confirm: {chosen.address} is {chosen.state}, so there is nothing to confirm")
        if reader_said_no(opened, chosen):
            raise UsageError(f"endpoints confirm: the reader of {chosen.address} wanted no more mail")
        Receivers(opened.database).confirm(chosen.id, opened.clock.now())
    say(f"{chosen.address} ({chosen.id}) is active; what waited for it is due now")


def resend(endpoint: EndpointName) -> None:
    """Ask a mailbox's reader once more whether they want alerts."""
    with open_installation() as opened:
        chosen = named_endpoint(opened, endpoint)
        try:
            asked = local_accounts(opened).ask_again(LOCAL_ACCOUNT, chosen.id)
        except Unknown:
            raise UsageError(f"endpoints resend: {chosen.address} is {chosen.state}; nothing is to be asked") from None
    say_asked(chosen, asked)


def say_asked(endpoint: EndpointRow, asked: Asked) -> None:
    """What came of asking; Failure, with the mend, where no mail goes out."""
    by_hand = f"where its reader has agreed, `clausewatch endpoints confirm {endpoint.id}`"
    match asked.outcome:
        case Outcome.SENT:
            say(f"a mail asks {endpoint.address} to confirm within 48 hours; until then what it would be told is held")
        case Outcome.TOO_SOON:
            again = f"{asked.again_at:%Y-%m-%d %H:%M} UTC"
            raise Failure(
                f"{endpoint.address} is not confirmed, and was asked too often of late: "
                f"`clausewatch endpoints resend {endpoint.id}` asks from {again}"
            )
        case Outcome.SUPPRESSED:
            raise Failure(
                f"{endpoint.address} is not confirmed, and nothing may be mailed to it: it bounces, or its reader "
                f"wanted no more; {by_hand}"
            )
        case Outcome.NO_PUBLIC_URL:
            raise Failure(
                f"{endpoint.address} is not confirmed, and cannot be asked, since a link in a mail would lead "
                f"nowhere: set CLAUSEWATCH_PUBLIC_URL, then `clausewatch endpoints resend {endpoint.id}`; or {by_hand}"
            )


def reader_said_no(opened: Opened, endpoint: EndpointRow) -> bool:
    """Whether mail to it was ended by whoever reads it, and not by a bounce."""
    suppression = Suppressions(opened.database).of(endpoint.address) if endpoint.kind == Channel.EMAIL else None
    return suppression is not None and Reason(suppression.reason) not in LIFTED_BY_OWNER
