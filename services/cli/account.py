"""The account that the command line acts for: the local one of the embedded default, made on first use."""

from services.cli.errors import UsageError
from services.cli.opening import Opened
from shared.db.notifier.accounts import AccountStore
from shared.db.tables import EndpointRow
from shared.domain.deliveries import Channel
from shared.domain.endpoint_addresses import listed
from shared.usecases.accounts import Accounts
from shared.usecases.making import make_accounts

LOCAL_ACCOUNT = "acc_local"
LOCAL_PLAN = "compliance"


def local_accounts(opened: Opened) -> Accounts:
    """What an owner can do, the local account being there."""
    AccountStore(opened.database).ensure_account(LOCAL_ACCOUNT, "Local", LOCAL_PLAN, opened.clock.now())
    return make_accounts(opened.settings, opened.database, opened.clock)


def named_endpoint(opened: Opened, reference: str) -> EndpointRow:
    """The local account's endpoint that an id, the beginning of one, or its address names; UsageError otherwise."""
    endpoints = AccountStore(opened.database).endpoints(LOCAL_ACCOUNT)
    slack = listed(Channel.SLACK, reference)
    exact = [one for one in endpoints if reference in (one.id, one.address) or one.address == slack]
    found = exact or [one for one in endpoints if reference and one.id.startswith(reference)]
    if len(found) == 1:
        return found[0]
    problem = "names several endpoints" if found else "names no endpoint"
    raise UsageError(f"{reference!r} {problem}: `clausewatch endpoints list` shows them")
