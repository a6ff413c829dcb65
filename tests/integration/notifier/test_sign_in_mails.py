"""Mails that sign members in: sent whatever the mailbox is told besides, with a link that stands nowhere else."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from shared.clock import ManualClock
from shared.db.identity.mailing import SignInMails
from shared.db.identity.members import Member, Members
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.suppressions import Evidence, suppress
from shared.db.session import Database
from shared.db.tables import BodyRow
from shared.domain.deliveries import Channel, EndpointState, Reason
from shared.links import Links
from tests.factories.accounts import START, add_endpoint
from tests.factories.posting import BOX, Post

ALICE = "alice@reader.example"


@pytest.fixture
def alice(database: Database, accounts: AccountStore) -> Member:
    accounts.ensure_account("acc_alice", "Alice", "free", START)
    return Members(database).add("acc_alice", ALICE, "owner", START)[0]


@pytest.fixture
def post(database: Database, clock: ManualClock) -> Post:
    return Post(database, clock)


def test_the_link_is_in_the_mail_and_nowhere_else(database: Database, post: Post, alice: Member) -> None:
    link_id = Members(database).link(alice.id, START)
    SignInMails(database).send(alice, link_id, START)
    SignInMails(database).send_newcomer("New@reader.example", "sgu_newcomer", START)
    post.drain()
    assert post.states() == [("delivered", None)] * 2
    links, sent = Links("https://cw.example", BOX), {one.address: one for one in post.mail.received}
    for address, link in ((ALICE, links.sign_in(link_id)), ("new@reader.example", links.sign_in("sgu_newcomer"))):
        mail = message_from_bytes(sent[address].body, EmailMessage, policy=policy.default)
        forms = [mail.get_body((form,)) for form in ("plain", "html")]
        assert [form.get_content().count(link) for form in forms if form] == [1, 1]
        assert mail["list-unsubscribe"] is None
    with database.reading() as session:
        kept = [body.body.decode() for body in session.scalars(select(BodyRow))]
    assert kept
    assert not any("https://cw.example/sign-in/" in body for body in kept)


@pytest.mark.parametrize("state", [EndpointState.PAUSED, EndpointState.DISABLED, EndpointState.UNCONFIRMED])
def test_it_goes_out_whatever_the_state_of_the_mailbox(
    database: Database, accounts: AccountStore, post: Post, alice: Member, state: EndpointState
) -> None:
    accounts.set_endpoint_state(add_endpoint(accounts, "alice", Channel.EMAIL, ALICE), state, START)
    SignInMails(database).send(alice, Members(database).link(alice.id, START), START)
    post.drain()
    assert post.states() == [("delivered", None)]
    assert [one.state for one in accounts.endpoints("acc_alice")] == [state.value]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason.MAIL_UNSUBSCRIBED, ("delivered", None)),
        (Reason.MAIL_BOUNCED, ("held", "suppressed")),
        (Reason.MAIL_COMPLAINED, ("held", "suppressed")),
    ],
)
def test_who_unsubscribed_from_alerts_can_still_sign_in(
    database: Database, post: Post, alice: Member, reason: Reason, said: tuple[str, str | None]
) -> None:
    with database.transaction() as session:
        suppress(session, ALICE, Evidence(reason, "said so"), START)
    SignInMails(database).send(alice, Members(database).link(alice.id, START), START)
    post.drain()
    assert post.states() == [said]
