"""Members, links, sessions and keys, on both engines."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from shared.db.identity.keys import PREFIX, ApiKeys
from shared.db.identity.members import LINKS_AN_HOUR, LastOwner, Member, Members, NotAMember
from shared.db.identity.newcomers import Newcomers
from shared.db.identity.sessions import LIVES, Sessions
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import AccountRow, ApiKeyRow, SessionRow
from shared.domain.consent import SIGN_IN_WITHIN
from tests.factories.accounts import START


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    for account, plan in (("alice", "compliance"), ("bob", "watcher")):
        AccountStore(database).ensure_account(account, account.title(), plan, START)
    yield database
    database.close()


@pytest.fixture
def members(database: Database) -> Members:
    return Members(database)


@pytest.fixture
def alice(members: Members) -> Member:
    return members.add("alice", "Alice@Reader.example", "owner", START)[0]


def test_an_address_is_one_member_whatever_its_case(members: Members, alice: Member) -> None:
    again, is_new = members.add("bob", "ALICE@reader.example", "member", START)
    assert (again, is_new, alice.email) == (alice, False, "alice@reader.example")
    assert members.by_email("alice@READER.example") == alice
    assert (members.of_account("alice"), members.of_account("bob")) == ([alice], [])


def test_a_link_signs_in_once_and_not_after_it_ran_out(members: Members, alice: Member) -> None:
    first, second = members.link(alice.id, START), members.link(alice.id, START)
    assert first
    assert second
    assert members.redeem(first, START + timedelta(minutes=1)) == alice
    assert members.redeem(first, START + timedelta(minutes=1)) is None
    assert members.redeem(second, START + SIGN_IN_WITHIN) is None
    assert members.redeem("sgn_none", START) is None


def test_two_clicks_at_once_sign_in_once(members: Members, alice: Member) -> None:
    link = members.link(alice.id, START) or ""
    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(lambda _: members.redeem(link, START), range(4)))
    assert [member for member in won if member] == [alice]


def test_links_are_bounded_by_the_hour(members: Members, alice: Member) -> None:
    assert all(members.link_to_mail(alice.id, START) for _ in range(LINKS_AN_HOUR))
    assert members.link_to_mail(alice.id, START + timedelta(minutes=59)) is None
    assert members.link_to_mail(alice.id, START + timedelta(minutes=60))


def test_an_account_keeps_an_owner(members: Members, alice: Member) -> None:
    with pytest.raises(LastOwner):
        members.set_role("alice", alice.id, "member")
    with pytest.raises(NotAMember):
        members.set_role("bob", alice.id, "member")
    second, _ = members.add("alice", "second@reader.example", "member", START)
    members.set_role("alice", second.id, "owner")
    members.set_role("alice", alice.id, "read-only")
    assert [member.role for member in members.of_account("alice")] == ["read-only", "owner"]


def test_a_session_is_known_by_its_cookie_until_it_ends(database: Database, alice: Member) -> None:
    sessions = Sessions(database)
    here, there = sessions.begin(alice.id, START), sessions.begin(alice.id, START)
    found = sessions.member(here, START)
    assert found is not None
    assert (found.id, found.plan) == (alice.id, "compliance")
    assert sessions.member(here, START + LIVES) is None
    assert sessions.member("guess", START) is None
    sessions.end(here)
    assert (sessions.member(here, START), sessions.end_all(alice.id)) == (None, 1)
    assert sessions.member(there, START) is None
    sessions.begin(alice.id, START)
    members = Members(database)
    assert members.link(alice.id, START)
    assert Newcomers(database).link_to_mail("new@reader.example", START + LIVES)
    assert sessions.forget_expired(START + LIVES) == 2
    assert sessions.forget_expired(START + LIVES + timedelta(days=1)) == 1


def test_a_newcomer_owns_a_new_account_once_the_link_is_redeemed(database: Database, members: Members) -> None:
    newcomers, asked, redeemed = Newcomers(database), "New@Reader.example", START + timedelta(minutes=1)
    first, second, late = (newcomers.link_to_mail(asked, START) or "" for _ in range(3))
    assert members.by_email(asked) is None
    member = newcomers.redeem(first, redeemed)
    assert member is not None
    assert (member.email, member.role, member.is_operator) == ("new@reader.example", "owner", False)
    account = AccountStore(database).account(member.account_id)
    assert account is not None
    assert (account.plan, account.name) == ("free", "new@reader.example")
    assert newcomers.redeem(first, redeemed) is None
    assert newcomers.redeem(second, redeemed) == member
    assert newcomers.redeem(late, START + SIGN_IN_WITHIN) is None
    assert all(newcomers.link_to_mail(asked, START) for _ in range(LINKS_AN_HOUR - 3))
    assert newcomers.link_to_mail(asked.upper(), START) is None


def test_two_links_redeemed_at_once_make_one_account(database: Database) -> None:
    newcomers = Newcomers(database)
    links = [newcomers.link_to_mail("new@reader.example", START) or "" for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda link: newcomers.redeem(link, START), links))
    assert len({member.account_id for member in found if member}) == 1
    with database.reading() as session:
        assert len(list(session.scalars(select(AccountRow)))) == 3


def test_a_key_is_good_until_its_own_account_revokes_it(database: Database) -> None:
    keys = ApiKeys(database)
    key, secret = keys.make("alice", "build server", "read-only", START)
    assert secret.startswith(key.hint)
    assert secret.startswith(PREFIX)
    found = keys.found(secret, START)
    assert found is not None
    assert (found[0].id, found[1]) == (key.id, "compliance")
    assert [one.last_used_at for one in keys.of_account("alice")] == [START]
    assert (keys.found("cw_guess", START), keys.of_account("bob")) == (None, [])
    assert not keys.revoke("bob", key.id, START)
    assert keys.revoke("alice", key.id, START)
    assert not keys.revoke("alice", key.id, START)
    assert keys.found(secret, START) is None


def test_what_is_stored_lets_nobody_in(database: Database, alice: Member) -> None:
    cookie = Sessions(database).begin(alice.id, START)
    _, secret = ApiKeys(database).make("alice", "one", "member", START)
    with database.reading() as session:
        stored = [
            *session.scalars(select(col(SessionRow.token_sha256))),
            *session.scalars(select(col(ApiKeyRow.sha256))),
        ]
    assert not {cookie, secret} & set(stored)
    assert all(Sessions(database).member(one, START) is None for one in stored)
    assert all(ApiKeys(database).found(one, START) is None for one in stored)
