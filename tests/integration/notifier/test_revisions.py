"""A wrong alert is taken back or put right: told once where it arrived, cancelled where it waits."""

import json
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlmodel import col, select

from services.notifier.core.messages import Accepted, Message, SendFailureKind
from shared.clock import ManualClock
from shared.db.changes import UnknownChange
from shared.db.notifier.replay import UNDELIVERED, Wanted, replay_many
from shared.db.notifier.revisions import RevisionStore
from shared.db.notifier.subscriptions import SubscriptionStore
from shared.db.session import Database
from shared.db.tables import ChangeRow, DeliveryRow, QuotaRow
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, IllegalMove
from shared.domain.digests import QuietHours
from shared.domain.revising import CannotRevise
from shared.domain.subscriptions import Cadence
from shared.usecases.revising import Reviser
from tests.factories.accounts import START, add_endpoint, subscribe
from tests.factories.posting import Post, failure

WHY = "The page was an experiment of Acme's,\n shown to nobody else."


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    return Post(database, clock)


@pytest.fixture
def reviser(database: Database, clock: ManualClock) -> Reviser:
    # two rows a page, so that the tests turn pages
    return Reviser(RevisionStore(database, page=2), clock)


def events(post: Post) -> list[tuple[str, str]]:
    """Type of event and receiver of what webhooks were sent, in order."""
    return [(json.loads(m.body)["type"], m.address.rpartition("/")[2]) for m in post.web.received]


def hooks(post: Post, count: int) -> None:
    for number in range(count):
        post.hook(f"https://alice.example/{number}")


def test_a_retraction_is_told_once_to_everyone_who_received_the_change(
    post: Post, reviser: Reviser, change_id: str, database: Database
) -> None:
    hooks(post, 5)
    post.tell(change_id)
    post.drain()
    revision = reviser.retract(change_id, WHY)
    assert (revision.told, revision.cancelled) == (5, 0)
    post.drain()
    post.drain()
    assert sorted(events(post)[5:]) == [("change.retracted", str(n)) for n in range(5)]
    data = json.loads(post.web.received[-1].body)["data"]
    assert (data["id"], data["status"]) == (change_id, "retracted")
    assert data["notes"] == ["Retracted: The page was an experiment of Acme's, shown to nobody else."]
    with database.reading() as session:
        assert session.get_one(ChangeRow, change_id).status == "retracted"
        assert session.get_one(QuotaRow, ("acc_alice", START.date())).used == 5


def test_what_waits_is_cancelled_and_its_reader_hears_nothing(post: Post, reviser: Reviser, change_id: str) -> None:
    failing = post.hook("https://alice.example/failing")
    post.tell(change_id)
    post.web.default = failure(status=500)
    post.drain()
    post.accounts.set_endpoint_state(failing, EndpointState.ACTIVE, START)
    revision = reviser.retract(change_id, WHY)
    assert (revision.told, revision.cancelled) == (0, 1)
    post.clock.advance(timedelta(days=3))
    post.drain()
    assert post.states() == [("cancelled", "retracted")]
    assert len(post.web.received) == 1


@pytest.mark.parametrize("state", ["paused", "digest"])
def test_what_is_held_is_cancelled_too(post: Post, reviser: Reviser, change_id: str, state: str) -> None:
    hook = add_endpoint(post.accounts, "alice", Channel.WEBHOOK, "https://alice.example/held")
    cadence = Cadence.WEEKLY if state == "digest" else Cadence.IMMEDIATE
    subscribe(post.accounts, "alice", [hook], cadence=cadence)
    if state == "paused":
        post.accounts.set_endpoint_state(hook, EndpointState.PAUSED, START)
    post.tell(change_id)
    post.drain()
    reviser.retract(change_id, WHY)
    post.accounts.set_endpoint_state(hook, EndpointState.ACTIVE, START)
    post.drain()
    assert post.states() == [("cancelled", "retracted")]
    assert post.web.received == []


def test_what_timed_out_may_have_arrived_and_is_told(post: Post, reviser: Reviser, change_id: str) -> None:
    post.hook()
    post.tell(change_id)
    post.web.answers = [failure(SendFailureKind.TIMEOUT), Accepted(200)]
    post.drain()
    revision = reviser.retract(change_id, WHY)
    assert (revision.told, revision.cancelled) == (1, 1)
    post.clock.advance(timedelta(days=1))
    post.drain()
    assert [kind for kind, _ in events(post)] == ["change.detected", "change.retracted"]


def test_what_fails_while_it_is_retracted_is_not_tried_again(post: Post, reviser: Reviser, change_id: str) -> None:
    post.hook()
    post.tell(change_id)

    def retracts_meanwhile(message: Message) -> Any:
        assert reviser.retract(change_id, WHY).told == 1
        return failure(status=500)

    post.web.answers = [retracts_meanwhile]
    post.drain()
    post.clock.advance(timedelta(days=1))
    post.drain()
    assert [kind for kind, _ in events(post)] == ["change.detected", "change.retracted"]
    assert post.states() == [("cancelled", "retracted"), ("delivered", None)]


def test_a_correction_reaches_who_received_the_change_and_who_waits_for_it(
    post: Post, reviser: Reviser, change_id: str, database: Database
) -> None:
    hooks(post, 3)
    late = post.hook("https://alice.example/late")
    post.accounts.set_endpoint_state(late, EndpointState.PAUSED, START)
    post.tell(change_id)
    post.drain()
    revision = reviser.correct(change_id, "It binds only new customers.", severity="low", direction="neutral")
    assert (revision.told, revision.cancelled) == (4, 1)
    post.drain()
    post.accounts.set_endpoint_state(late, EndpointState.ACTIVE, START)
    post.drain()
    assert sorted(events(post)[3:]) == [("change.corrected", name) for name in ("0", "1", "2", "late")]
    data = json.loads(post.web.received[-1].body)["data"]
    assert (data["status"], data["severity"], data["direction"]) == ("corrected", "low", "neutral")
    with database.reading() as session:
        row = session.get_one(ChangeRow, change_id)
    assert (row.status, row.severity, row.direction) == ("corrected", "low", "neutral")


def test_what_waits_for_a_digest_still_does_as_corrected(
    post: Post, reviser: Reviser, change_id: str, database: Database
) -> None:
    box = add_endpoint(post.accounts, "alice", Channel.EMAIL, "alice@reader.example")
    subscribe(post.accounts, "alice", [box], cadence=Cadence.WEEKLY)
    post.tell(change_id)
    assert reviser.correct(change_id, WHY, severity="low").told == 1
    with database.reading() as session:
        old, new = session.exec(select(DeliveryRow).order_by(col(DeliveryRow.state))).all()
    assert [(old.state, old.reason), (new.state, new.reason)] == [("cancelled", "corrected"), ("held", "digest")]
    assert (new.due_at, new.cadence) == (old.due_at, "weekly")


@pytest.mark.parametrize("act", ["correct", "retract"])
def test_people_hear_of_it_after_their_quiet_hours_and_programs_at_once(
    post: Post, reviser: Reviser, change_id: str, act: str
) -> None:
    post.hook()
    post.box()
    post.tell(change_id)
    post.drain()
    SubscriptionStore(post.database).set_hours(
        "acc_alice", "Europe/Berlin", QuietHours.parse("22:00-07:30"), post.clock.now()
    )
    post.clock.at = datetime(2026, 4, 10, 23, tzinfo=UTC)
    getattr(reviser, act)(change_id, WHY)
    waiting = [d for d in post.accounts.deliveries() if d.notice_kind != "change.detected"]
    due = {d.channel: d.due_at for d in waiting}
    morning = datetime(2026, 4, 11, 5, 30, tzinfo=UTC)
    assert due == {"webhook": post.clock.at, "email": morning}
    post.drain()
    assert (len(post.web.received), len(post.mail.received)) == (2, 1)
    post.clock.at = morning
    post.drain()
    assert (len(post.web.received), len(post.mail.received)) == (2, 2)


def test_what_waits_for_quiet_to_end_is_withdrawn_with_the_rest(post: Post, reviser: Reviser, change_id: str) -> None:
    post.box()
    post.tell(change_id)
    post.drain()
    SubscriptionStore(post.database).set_hours("acc_alice", "UTC", QuietHours.parse("22:00-07:30"), post.clock.now())
    post.clock.at = datetime(2026, 4, 10, 23, tzinfo=UTC)
    reviser.correct(change_id, WHY, severity="low")
    reviser.retract(change_id, "It never was.")
    post.clock.at = datetime(2026, 4, 11, 7, 30, tzinfo=UTC)
    post.drain()
    assert [d.state for d in post.accounts.deliveries() if d.notice_kind == "change.corrected"] == ["cancelled"]
    assert len(post.mail.received) == 2


def test_a_correction_of_a_correction_and_its_retraction_are_each_told_once(
    post: Post, reviser: Reviser, change_id: str
) -> None:
    post.hook()
    post.tell(change_id)
    post.drain()
    reviser.correct(change_id, "Once.", severity="low")
    reviser.correct(change_id, "Twice.", severity="medium")
    post.drain()
    reviser.retract(change_id, "Enough.")
    post.drain()
    assert [kind for kind, _ in events(post)] == ["change.detected", "change.corrected", "change.retracted"]
    assert json.loads(post.web.received[1].body)["data"]["notes"] == ["Corrected: Twice.", "Corrected: Once."]
    with pytest.raises(CannotRevise, match="retracted"):
        reviser.retract(change_id, "Again.")
    with pytest.raises(CannotRevise, match="retracted"):
        reviser.correct(change_id, "Again.")


def test_what_was_taken_back_is_not_replayed(post: Post, reviser: Reviser, change_id: str, database: Database) -> None:
    post.hook()
    post.tell(change_id)
    post.drain()
    delivery = post.only().id
    reviser.retract(change_id, WHY)
    post.drain()
    with pytest.raises(IllegalMove, match="since"):
        post.accounts.replay(delivery, post.clock.now())
    wanted = Wanted("acc_alice", UNDELIVERED | {DeliveryState.DELIVERED})
    assert replay_many(database, wanted, post.clock.now()) == 1
    post.drain()
    assert [kind for kind, _ in events(post)] == ["change.detected", "change.retracted", "change.retracted"]


@pytest.mark.parametrize(("act", "tag"), [("retract", "[RETRACTED]"), ("correct", "[CORRECTED · HIGH]")])
def test_readers_of_mail_are_told_why(post: Post, reviser: Reviser, change_id: str, act: str, tag: str) -> None:
    post.box()
    post.tell(change_id)
    post.drain()
    getattr(reviser, act)(change_id, WHY)
    post.drain()
    mail = message_from_bytes(post.mail.received[-1].body, policy=policy.default)
    assert mail["Subject"].strip().startswith(f"{tag} Acme Terms of Service: Notice before termination")
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "The page was an experiment" in " ".join(text.split())
    assert "experiment of Acme" in html


def test_a_change_retracted_before_it_was_told_is_told_to_nobody(
    post: Post, reviser: Reviser, change_id: str, database: Database
) -> None:
    assert reviser.retract(change_id, WHY).told == 0
    post.hook()
    post.tell(change_id)
    post.drain()
    assert post.states() == [("cancelled", "retracted")]
    assert post.web.received == []


def test_a_change_corrected_before_it_was_told_is_told_as_corrected(
    post: Post, reviser: Reviser, change_id: str
) -> None:
    assert reviser.correct(change_id, WHY, severity="low").told == 0
    post.hook()
    post.tell(change_id, severity="low")
    post.drain()
    (sent,) = post.web.received
    body = json.loads(sent.body)
    assert (body["type"], body["data"]["status"], body["data"]["severity"]) == ("change.detected", "corrected", "low")


@pytest.mark.parametrize(
    ("why", "corrected", "said"),
    [(" ", {}, "say why"), (WHY, {"severity": "high"}, "says already")],
)
def test_a_revision_that_says_nothing_is_refused(
    reviser: Reviser, change_id: str, why: str, corrected: dict[str, str], said: str
) -> None:
    with pytest.raises(CannotRevise, match=said):
        reviser.correct(change_id, why, **corrected)


def test_an_unknown_change_is_not_retracted(reviser: Reviser, change_id: str) -> None:
    with pytest.raises(UnknownChange):
        reviser.retract("chg_none", WHY)
