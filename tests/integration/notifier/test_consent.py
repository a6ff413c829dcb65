"""Mailboxes that must agree first: how often one is asked, whoever asks, and what an unconfirmed one gets."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.consent import Consent
from shared.db.notifier.receivers import Receivers
from shared.db.notifier.suppressions import Evidence, suppress
from shared.db.session import Database
from shared.domain.consent import Outcome
from shared.domain.deliveries import Reason
from tests.factories.accounts import PLANS, START, subscribe
from tests.factories.posting import Post, failure

ADDRESS = "Reader@mail.example"
MAIL = "endpoint.confirmation"


@pytest.fixture
def consent(database: Database, accounts: AccountStore) -> Consent:
    for owner, plan in PLANS.items():
        accounts.ensure_account(f"acc_{owner}", owner.title(), plan, START)
    return Consent(database, can_link=True)


@pytest.fixture
def post(database: Database, clock: ManualClock, consent: Consent) -> Post:
    return Post(database, clock)


def ask(consent: Consent, owner: str, address: str = ADDRESS, **later: float) -> Outcome:
    endpoint, created, asked = consent.add_mailbox(f"acc_{owner}", address, START + timedelta(**later))
    if not created:
        asked = consent.ask_again(endpoint.id, START + timedelta(**later))
    assert asked is not None
    return asked.outcome


def test_the_limits_are_the_addresses_whatever_account_asks(consent: Consent) -> None:
    assert ask(consent, "alice") is Outcome.SENT
    assert ask(consent, "bob", "reader@MAIL.example", minutes=59) is Outcome.TOO_SOON
    assert ask(consent, "bob", "another@mail.example", minutes=59) is Outcome.SENT
    assert [ask(consent, owner, hours=hour) for hour, owner in enumerate(["bob", "charlie", "alice", "bob"], 1)] == [
        Outcome.SENT
    ] * 4
    assert ask(consent, "alice", hours=6) is Outcome.TOO_SOON
    assert ask(consent, "charlie", hours=24) is Outcome.SENT


def test_those_who_ask_at_the_same_moment_send_one_mail(
    database: Database, database_url: str, accounts: AccountStore, consent: Consent
) -> None:
    owners = [f"owner_{number}" for number in range(8)]
    for owner in owners:
        accounts.ensure_account(f"acc_{owner}", owner, "free", START)
    together = Barrier(len(owners))

    def asking(owner: str) -> Outcome:
        own = Database(database_url)
        together.wait(30)
        try:
            return ask(Consent(own, can_link=True), owner)
        finally:
            own.close()

    with ThreadPoolExecutor(len(owners)) as pool:
        outcomes = Counter(pool.map(asking, owners))
    assert outcomes == {Outcome.SENT: 1, Outcome.TOO_SOON: 7}
    assert [one.notice_kind for one in accounts.deliveries()] == [MAIL]
    assert {row.state for owner in owners for row in accounts.endpoints(f"acc_{owner}")} == {"unconfirmed"}


def test_a_suppressed_address_is_not_asked(
    database: Database, accounts: AccountStore, consent: Consent, post: Post
) -> None:
    assert ask(consent, "alice") is Outcome.SENT
    with database.transaction() as session:
        suppress(session, ADDRESS, Evidence(Reason.MAIL_BOUNCED, "no such user"), START)
    assert ask(consent, "bob", hours=2) is Outcome.SUPPRESSED
    post.drain()
    assert post.states() == [("held", "suppressed")]
    assert post.mail.received == []
    assert accounts.endpoints("acc_alice")[0].state == "unconfirmed"


def test_where_links_lead_nowhere_nobody_is_asked(database: Database, accounts: AccountStore, post: Post) -> None:
    assert ask(Consent(database, can_link=False), "alice") is Outcome.NO_PUBLIC_URL
    assert accounts.endpoints("acc_alice")[0].state == "unconfirmed"
    assert accounts.deliveries() == []


def test_an_unconfirmed_mailbox_gets_the_question_and_nothing_else(
    database: Database, accounts: AccountStore, consent: Consent, post: Post, change_id: str
) -> None:
    endpoint, _, _ = consent.add_mailbox("acc_alice", ADDRESS, START)
    subscribe(accounts, "alice", [endpoint.id])
    post.tell(change_id)
    post.drain()
    assert len(post.mail.received) == 1
    assert post.states() == [("delivered", None), ("held", "endpoint-unconfirmed")]
    Receivers(database).confirm(endpoint.id, START)
    post.drain()
    assert len(post.mail.received) == 2
    assert post.states() == [("delivered", None)] * 2
    assert consent.ask_again(endpoint.id, START + timedelta(days=2)) is None


def test_a_question_that_does_not_arrive_makes_no_endpoint_that_its_owner_may_enable(
    accounts: AccountStore, consent: Consent, post: Post, clock: ManualClock
) -> None:
    post.mail.default = failure()
    for _ in range(7):
        ask(consent, "alice", hours=(clock.now() - START) / timedelta(hours=1))
        post.drain()
        clock.advance(timedelta(days=1))
    [endpoint] = accounts.endpoints("acc_alice")
    assert endpoint.state == "unconfirmed"
    assert len(post.mail.received) >= 7
