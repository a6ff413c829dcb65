"""A secret is replaced while deliveries go out: the old one and the new one verify, and no other."""

from datetime import timedelta

import pytest
from sqlmodel import col, select
from standardwebhooks import Webhook, WebhookVerificationError

from services.notifier.core.messages import Accepted, Message
from shared.clock import ManualClock, SystemClock
from shared.db.notifier.rotation import EndpointSecrets
from shared.db.session import Database
from shared.db.tables import EndpointRow
from shared.usecases.accounts import Unknown
from shared.usecases.rotation import LONGEST_OVERLAP, Rotation
from tests.factories.accounts import add_change
from tests.factories.posting import BOX, SECRET, Post, failure

DAY = timedelta(days=1)


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    # the public library looks at its own clock for the age of a signature
    clock.at = SystemClock().now()
    post = Post(database, clock)
    post.hook()
    return post


@pytest.fixture
def endpoint_id(database: Database, post: Post) -> str:
    with database.reading() as session:
        return session.exec(select(col(EndpointRow.id))).one()


def rotation(post: Post, byte: bytes = b"n") -> Rotation:
    return Rotation(EndpointSecrets(post.database), BOX, post.clock, lambda size: byte * size)


def verifies(secret: str, message: Message) -> bool:
    try:
        Webhook(secret).verify(message.body, dict(message.headers))
    except WebhookVerificationError:
        return False
    return True


def signatures(message: Message) -> list[str]:
    return dict(message.headers)["webhook-signature"].split(" ")


def test_both_secrets_sign_during_the_overlap_and_the_new_one_alone_after_it(
    post: Post, change_id: str, endpoint_id: str, database: Database
) -> None:
    rotated = rotation(post).rotate("acc_alice", endpoint_id, timedelta(seconds=60))
    assert rotated.old_signs_until == post.clock.now() + timedelta(seconds=60)
    post.tell(change_id)
    post.drain()
    post.clock.advance(timedelta(seconds=60))
    post.tell(add_change(database, "doc_acme_1", 2))
    post.drain()
    during, after = post.web.received
    assert [verifies(SECRET, during), verifies(rotated.secret, during)] == [True, True]
    assert [verifies(SECRET, after), verifies(rotated.secret, after)] == [False, True]
    assert (len(signatures(during)), len(signatures(after))) == (2, 1)


def test_a_retry_after_the_rotation_is_the_same_delivery_under_both_secrets(
    post: Post, change_id: str, endpoint_id: str
) -> None:
    post.web.answers = [failure(status=500), Accepted(200)]
    post.tell(change_id)
    post.drain()
    rotated = rotation(post).rotate("acc_alice", endpoint_id, DAY)
    post.clock.advance(timedelta(seconds=5))
    post.drain()
    before, again = post.web.received
    assert (before.delivery_id, before.body) == (again.delivery_id, again.body)
    assert [verifies(SECRET, before), verifies(rotated.secret, before)] == [True, False]
    assert [verifies(SECRET, again), verifies(rotated.secret, again)] == [True, True]


def test_a_leaked_secret_stops_signing_at_once(post: Post, change_id: str, endpoint_id: str) -> None:
    rotated = rotation(post).rotate("acc_alice", endpoint_id, timedelta())
    post.tell(change_id)
    post.drain()
    (sent,) = post.web.received
    assert [verifies(SECRET, sent), verifies(rotated.secret, sent)] == [False, True]


def test_a_second_rotation_ends_the_first_secrets_time(post: Post, change_id: str, endpoint_id: str) -> None:
    second = rotation(post, b"2").rotate("acc_alice", endpoint_id, DAY).secret
    third = rotation(post, b"3").rotate("acc_alice", endpoint_id, DAY).secret
    post.tell(change_id)
    post.drain()
    (sent,) = post.web.received
    assert [verifies(secret, sent) for secret in (SECRET, second, third)] == [False, True, True]


def test_secrets_are_stored_sealed(post: Post, endpoint_id: str, database: Database) -> None:
    secret = rotation(post).rotate("acc_alice", endpoint_id, DAY).secret
    with database.reading() as session:
        row = session.get_one(EndpointRow, endpoint_id)
    assert row.secret is not None
    assert row.old_secret is not None
    assert secret not in row.secret
    assert [BOX.open(row.secret), BOX.open(row.old_secret)] == [secret, SECRET]


@pytest.mark.parametrize(("account", "channel"), [("acc_bob", "webhook"), ("acc_alice", "email")])
def test_what_has_no_secret_of_this_account_is_not_rotated(
    post: Post, endpoint_id: str, account: str, channel: str
) -> None:
    target = post.box() if channel == "email" else endpoint_id
    with pytest.raises(Unknown):
        rotation(post).rotate(account, target, DAY)


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), LONGEST_OVERLAP + timedelta(seconds=1)])
def test_an_overlap_has_bounds(post: Post, endpoint_id: str, overlap: timedelta) -> None:
    with pytest.raises(ValueError, match="overlap"):
        rotation(post).rotate("acc_alice", endpoint_id, overlap)
