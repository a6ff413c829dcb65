"""What an owner asks to be sent again goes out with its id and words; what must not be told is not."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifier.core.messages import Accepted
from shared.clock import ManualClock
from shared.db.notifier.replay import UNDELIVERED, Wanted, replay_many
from shared.db.session import Database
from shared.db.tables import QuotaRow
from shared.domain.deliveries import DeliveryState, EndpointState
from tests.factories.accounts import START, add_change
from tests.factories.posting import Post, failure

EVERYTHING = UNDELIVERED | {DeliveryState.DELIVERED}


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    return Post(database, clock)


def again(post: Post, states: Any = EVERYTHING, *, account: str = "acc_alice", **wanted: Any) -> int:
    count = replay_many(post.database, Wanted(account, states, **wanted), post.clock.now())
    post.drain()
    return count


def test_what_was_delivered_arrives_again_with_the_same_id_and_bytes(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    post.drain()
    assert again(post) == 1
    first, second = post.web.received
    assert (first.delivery_id, first.body) == (second.delivery_id, second.body)
    assert post.attempts() == [(1, "delivered"), (2, "delivered")]


def test_only_what_failed_where_that_is_asked_for(post: Post, change_id: str, database: Database) -> None:
    post.hook()
    post.tell(change_id)
    post.drain()
    second = add_change(database, "doc_acme_1", 2)
    post.web.answers = [failure(status=500)]
    post.tell(second)
    post.drain()
    assert again(post, UNDELIVERED) == 1
    assert post.states() == [("delivered", None)] * 2
    assert len(post.web.received) == 3


def test_only_one_endpoint_and_only_since(post: Post, change_id: str, database: Database) -> None:
    one, _ = post.hook("https://alice.example/1"), post.hook("https://alice.example/2")
    post.tell(change_id)
    post.drain()
    post.clock.advance(timedelta(hours=1))
    second = add_change(database, "doc_acme_1", 2)
    post.tell(second)
    post.drain()
    assert again(post, endpoint_id=one) == 2
    assert again(post, endpoint_id=one, since=START + timedelta(minutes=1)) == 1
    assert again(post, since=START + timedelta(hours=2)) == 0


def test_a_person_is_not_sent_what_arrived(post: Post, change_id: str) -> None:
    post.box()
    post.tell(change_id)
    post.drain()
    assert again(post) == 0
    assert len(post.mail.received) == 1


def test_another_accounts_deliveries_are_left_alone(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    post.drain()
    assert again(post, account="acc_bob") == 0


def test_held_and_skipped_deliveries_are_left_alone(post: Post, change_id: str) -> None:
    hook = post.hook()
    post.box("charlie")
    post.accounts.set_endpoint_state(hook, EndpointState.PAUSED, START)
    post.tell(change_id)
    post.drain()
    before = post.states()
    assert again(post) == again(post, account="acc_charlie") == 0
    assert post.states() == before


def test_replaying_amid_the_automatic_schedule_is_one_delivery(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    post.web.answers = [failure(status=500), Accepted(200)]
    post.drain()
    assert again(post) == 1
    post.clock.advance(timedelta(days=1))
    post.drain()
    assert len(post.web.received) == 2
    assert post.states() == [("delivered", None)]


def test_a_replayed_delivery_is_charged_once(post: Post, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    post.drain()
    again(post)
    with post.database.reading() as session:
        assert session.get_one(QuotaRow, ("acc_alice", START.date())).used == 1
