"""`clausewatch members`: who may sign in, on each engine."""

from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.session import Database
from tests.factories.commands import Commands


@pytest.fixture
def commands(database_url: str, tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data", DATABASE_URL=database_url, CLAUSEWATCH_PUBLIC_URL="https://watch.example")


def listed(commands: Commands) -> list[tuple[str, str]]:
    return [(one["email"], one["role"]) for one in commands.json("members", "list")]


def test_members_come_change_and_go(commands: Commands, database: Database) -> None:
    assert "nobody may sign in" in commands("members", "list")
    commands("members", "add", "Ada@reader.example", "--operator")
    commands("members", "add", "ben@reader.example", "--role", "read-only")
    commands("members", "role", "ben@reader.example", "member")
    assert listed(commands) == [("ada@reader.example", "owner"), ("ben@reader.example", "member")]
    ben = Members(database).by_email("ben@reader.example")
    assert ben
    ApiKeys(database).make("acc_local", "ben's", "member", SystemClock().now(), member_id=ben.id)
    assert "; 1 API key that they made revoked" in commands("members", "remove", "ben@reader.example")
    assert listed(commands) == [("ada@reader.example", "owner")]


def test_a_link_signs_in_whoever_started_it(commands: Commands, database: Database) -> None:
    link = commands("members", "link").split()[0]
    assert link.startswith("https://watch.example/sign-in/sgn_")
    member = Members(database).redeem(link.split("/")[-2], SystemClock().now())
    assert member
    assert (member.account_id, member.role, member.is_operator) == ("acc_local", "owner", True)


def test_an_account_of_their_own(commands: Commands, database: Database) -> None:
    commands("members", "add", "cleo@reader.example", "--new-account", "Cleo Ltd", "--plan", "watcher")
    member = Members(database).by_email("cleo@reader.example")
    assert member
    assert member.account_id != "acc_local"
    assert [one.email for one in Members(database).of_account(member.account_id)] == ["cleo@reader.example"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("add", "ada"), 2, "is no email address"),
        (("add", "eve@reader.example", "--role", "king"), 2, "owner, member, read-only"),
        (("add", "eve@reader.example", "--plan", "gold"), 2, "free"),
        (("add", "eve@reader.example", "--account", "acc_none"), 2, "no account"),
        (("add", "ada@reader.example"), 1, "is a member already"),
        (("role", "ada@reader.example", "member"), 1, "keep an owner"),
        (("remove", "ada@reader.example"), 1, "keep an owner"),
        (("remove", "eve@reader.example"), 2, "is no member"),
        (("link", "eve@reader.example"), 2, "is no member"),
    ],
)
def test_what_cannot_be_done_is_said(commands: Commands, arguments: tuple[str, ...], status: int, said: str) -> None:
    commands("members", "add", "ada@reader.example")
    assert said in commands.refusal("members", *arguments, status=status)
