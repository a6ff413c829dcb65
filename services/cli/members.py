"""`clausewatch members …`: who may sign in, and as what."""

from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.errors import Failure, UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import print_json, say, show_table
from shared.db.identity.members import LastOwner, Member, Members
from shared.db.notifier.accounts import AccountStore
from shared.domain.consent import SIGN_IN_WITHIN
from shared.domain.deliveries import Channel
from shared.domain.endpoint_addresses import UnusableAddress, usable
from shared.domain.plans import PLANS
from shared.ids import new_id
from shared.links import Links
from shared.secrets import secret_box

ROLES = ("owner", "member", "read-only")
LOCAL_MEMBER = "you@localhost.localdomain"
"""Who uses the embedded default: nothing is ever mailed there."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Say who may sign in to the pages, and as what.",
)
Address = Annotated[str, typer.Argument(metavar="EMAIL", help="The member's address.")]
Role = Annotated[str, typer.Option("--role", metavar="|".join(ROLES), help="What they may do in the account.")]


@app.command("list")
def list_members(
    account: Annotated[str, typer.Option("--account", metavar="ID", help="Whose members.")] = LOCAL_ACCOUNT,
    as_json: AsJson = False,
) -> None:
    """List an account's members."""
    with open_installation() as opened:
        found = Members(opened.database).of_account(account)
    if as_json:
        print_json([{**asdict(one), "created_at": one.created_at.isoformat()} for one in found])
        return
    rows = [(one.email, one.role, "operator" if one.is_operator else "", one.id) for one in found]
    show_table(("address", "role", "", "id"), rows, empty="nobody may sign in: `clausewatch members add EMAIL`")


@app.command()
def add(
    email: Address,
    role: Role = "owner",
    operator: Annotated[bool, typer.Option("--operator", help="They run the installation.")] = False,
    account: Annotated[str, typer.Option("--account", metavar="ID", help="To which account.")] = LOCAL_ACCOUNT,
    new_account: Annotated[str, typer.Option("--new-account", metavar="NAME", help="Make an account for them.")] = "",
    plan: Annotated[str, typer.Option(metavar="|".join(PLANS), help="The new account's plan.")] = "free",
) -> None:
    """Let somebody sign in. A new account begins with an owner."""
    _known("--role", role, ROLES)
    _known("--plan", plan, tuple(PLANS))
    with open_installation() as opened:
        address = _address(opened, email)
        if new_account:
            account = new_id("acc")
            AccountStore(opened.database).ensure_account(account, new_account, plan, opened.clock.now())
        elif account == LOCAL_ACCOUNT:
            local_accounts(opened)
        elif AccountStore(opened.database).account(account) is None:
            raise UsageError(f"members add: there is no account {account!r}")
        member, is_new = Members(opened.database).add(account, address, role, opened.clock.now(), is_operator=operator)
    if not is_new:
        raise Failure(f"{member.email} is a member already, of {member.account_id} as {member.role}")
    say(
        f"{member.email} may sign in to {member.account_id} as {member.role}: `clausewatch members link {member.email}`"
    )


@app.command("role")
def change_role(email: Address, role: Annotated[str, typer.Argument(metavar="|".join(ROLES))]) -> None:
    """Give a member another role."""
    _known("role", role, ROLES)
    with open_installation() as opened:
        member = _member(opened, email)
        try:
            Members(opened.database).set_role(member.account_id, member.id, role)
        except LastOwner:
            raise Failure("an account must keep an owner: make somebody else one first") from None
    say(f"{member.email} is now {role}")


@app.command()
def remove(email: Address) -> None:
    """Let a member in no more; their browsers are signed out, and the API keys that they made revoked."""
    with open_installation() as opened:
        member = _member(opened, email)
        try:
            keys = Members(opened.database).remove(member.account_id, member.id, opened.clock.now())
        except LastOwner:
            raise Failure("an account must keep an owner: make somebody else one first") from None
    revoked = f"; {keys} API key{'' if keys == 1 else 's'} that they made revoked" if keys else ""
    say(f"{member.email} is no member any more{revoked}")


@app.command()
def link(
    email: Annotated[str, typer.Argument(metavar="[EMAIL]", help="Whom to let in; none: who uses this machine.")] = "",
) -> None:
    """Print a link that signs a member in, once. Whoever has it gets in: hand it over with care."""
    with open_installation() as opened:
        if not opened.settings.public_url:
            raise UsageError("members link: set CLAUSEWATCH_PUBLIC_URL, so that the link leads to your pages")
        member = _member(opened, email) if email else _local_member(opened)
        link_id = Members(opened.database).link(member.id, opened.clock.now())
        made = Links(opened.settings.public_url, secret_box(opened.settings)).sign_in(link_id)
    typer.echo(made)
    typer.echo(f"signs {member.email} in, once, within {SIGN_IN_WITHIN.total_seconds() / 60:.0f} minutes", err=True)


def _local_member(opened: Opened) -> Member:
    """The owner and operator that the embedded default has from the start."""
    local_accounts(opened)
    added = Members(opened.database).add(LOCAL_ACCOUNT, LOCAL_MEMBER, "owner", opened.clock.now(), is_operator=True)
    return added[0]


def _member(opened: Opened, email: str) -> Member:
    member = Members(opened.database).by_email(email.strip())
    if member is None:
        raise UsageError(f"{email!r} is no member: `clausewatch members list` shows them")
    return member


def _address(opened: Opened, email: str) -> str:
    try:
        return usable(Channel.EMAIL, email, opened.settings.egress())
    except UnusableAddress as error:
        raise UsageError(f"members add: {error}") from None


def _known(name: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise UsageError(f"members: {name} {value!r} is not one of {', '.join(values)}")
