"""Changes of one platform that come close together: the first at once, the others in one message ten minutes after."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import func, update
from sqlmodel import select

from services.notifier.core.messages import SendFailed, SendFailureKind
from services.notifier.handlers.telling import Teller
from shared.clock import ManualClock
from shared.db.doctor import Findings
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.notifier.replay import UNDELIVERED, Wanted, replay_many
from shared.db.notifier.revisions import RevisionStore
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import AccountRow, ChangeRow, DigestRow, QuotaRow
from shared.domain.deliveries import INTERRUPTIONS_ALLOWED, Channel, EndpointState
from shared.domain.signing import secret_from
from shared.domain.subscriptions import Cadence
from shared.usecases.revising import Reviser
from tests.factories.accounts import START, add_endpoint, subscribe
from tests.factories.reports import provision, report
from tests.integration.notifier.test_digests import BOX, HOUR, Desk, told_again

WINDOW = timedelta(minutes=10)
ONE = "[HIGH · effective 24 Apr] Acme Terms of Service: Notice before termination is shorter"


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> Desk:
    """A desk that groups; it is 09:00, and Alice is told at once by email."""
    clock.advance(HOUR)
    desk = Desk(database, clock)
    desk.teller = Teller(TellingStore(database, page=2), clock, told=lambda: None, grouping=WINDOW)
    desk.box(Cadence.IMMEDIATE)
    return desk


def come(desk: Desk, *minutes: int, platform: int = 0, severity: str = "high") -> list[str]:
    """A change at each of these minutes after nine, sent at once where it may be; the changes' ids."""
    told = []
    for minute in minutes:
        desk.clock.at = START + HOUR + timedelta(minutes=minute)
        told.append(desk.change(platform, severity=severity, headline=f"Change of minute {minute}"))
        desk.send()
    return told


def test_the_first_goes_at_once_and_the_others_together_when_the_window_ends(desk: Desk) -> None:
    come(desk, 0, 1, 2, 9)
    assert desk.subjects() == [ONE]
    held = [(d.reason, d.due_at) for d in desk.accounts.deliveries(states=["held"])]
    assert held == [("grouped", START + HOUR + WINDOW)] * 3
    assert told_again(desk, ["2026-04-10T09:09:59Z"]) == 0
    assert told_again(desk, ["2026-04-10T09:10Z", "2026-04-10T09:11Z", "2026-04-11T09:00Z"]) == 1
    assert desk.subjects()[1] == "[3 CHANGES · HIGH] Acme: Terms of Service"
    assert [state for _, state, _ in desk.states()] == ["delivered"] * 5


def test_each_change_of_a_grouped_message_has_its_text_before_and_now(desk: Desk) -> None:
    come(desk, 0)
    told = [*come(desk, 1, severity="medium"), *come(desk, 2)]
    for change_id in told:
        with desk.database.transaction() as session:
            row = session.get_one(ChangeRow, change_id)
            row.report = report(provision(), provision(2), provision(3), provision(4))
            session.add(row)
    desk.at("2026-04-10T09:10Z")
    text = _text(desk.mail.received[1].body)
    assert text.count("Before:") == text.count("Now:") == 6
    assert text.count("And 1 more changed provision of it.") == 2
    assert text.index("Change of minute 2") < text.index("Change of minute 1")


def test_one_change_alone_goes_out_as_the_plain_alert(desk: Desk) -> None:
    come(desk, 0, 3)
    assert told_again(desk, ["2026-04-10T09:10Z", "2026-04-10T09:20Z"]) == 1
    assert desk.subjects() == [ONE, ONE]
    assert desk.digests() == []


def test_after_the_window_the_next_one_goes_at_once(desk: Desk) -> None:
    come(desk, 0, 5)
    desk.at("2026-04-10T09:10Z")
    come(desk, 10)
    assert len(desk.mail.received) == 3
    come(desk, 12)
    assert len(desk.mail.received) == 3


def test_platforms_are_not_grouped_with_one_another(desk: Desk) -> None:
    come(desk, 0, 1)
    come(desk, 2, 3, platform=1)
    assert len(desk.mail.received) == 2
    assert told_again(desk, ["2026-04-10T09:12Z"]) == 2


@pytest.mark.parametrize(
    ("severities", "at_once"),
    [
        (["medium", "high", "high"], 2),
        (["high", "medium", "high"], 1),
        (["medium", "medium", "medium"], 1),
        (["medium", "high", "medium"], 2),
    ],
)
def test_what_is_graver_than_all_before_goes_at_once(desk: Desk, severities: list[str], at_once: int) -> None:
    for minute, severity in enumerate(severities):
        come(desk, minute, severity=severity)
    assert len(desk.mail.received) == at_once
    assert told_again(desk, ["2026-04-10T09:10Z", "2026-04-10T10:10Z"]) == 1
    assert {state for _, state, _ in desk.states()} == {"delivered"}


def test_webhooks_are_told_of_each_at_once(desk: Desk) -> None:
    hook = add_endpoint(
        desk.accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook", secret=BOX.seal(secret_from(b"s" * 32))
    )
    subscribe(desk.accounts, "alice", [hook])
    told = come(desk, 0, 1, 2)
    assert [json.loads(sent.body)["data"]["id"] for sent in desk.web.received] == told


def test_a_window_of_no_length_groups_nothing(desk: Desk) -> None:
    desk.teller = Teller(TellingStore(desk.database), desk.clock, told=lambda: None, grouping=timedelta(0))
    come(desk, 0, 1, 2)
    assert len(desk.mail.received) == 3


def test_a_change_taken_back_leaves_the_group(desk: Desk) -> None:
    _, wrong, *_ = come(desk, 0, 1, 2, 3)
    Reviser(RevisionStore(desk.database), desk.clock).retract(wrong, "A page of another platform.")
    assert told_again(desk, ["2026-04-10T09:10Z", "2026-04-10T09:20Z"]) == 1
    assert desk.subjects()[1] == "[2 CHANGES · HIGH] Acme: Terms of Service"
    assert "minute 1\n" not in _text(desk.mail.received[1].body)
    assert ("change.detected", "cancelled", "retracted") in desk.states()


def test_a_group_of_which_all_was_taken_back_is_not_sent(desk: Desk) -> None:
    _, *wrong = come(desk, 0, 1, 2)
    for change_id in wrong:
        Reviser(RevisionStore(desk.database), desk.clock).retract(change_id, "A page of another platform.")
    assert told_again(desk, ["2026-04-10T09:10Z", "2026-04-10T09:20Z"]) == 0


def test_a_change_that_was_corrected_meanwhile_is_told_corrected(desk: Desk) -> None:
    _, wrong, _ = come(desk, 0, 1, 2)
    Reviser(RevisionStore(desk.database), desk.clock).correct(wrong, "Milder than it looked.", severity="low")
    assert told_again(desk, ["2026-04-10T09:10Z", "2026-04-10T09:20Z"]) == 1
    assert desk.subjects()[1] == "[2 CHANGES · HIGH] Acme: Terms of Service"
    assert "Corrected: Change of minute 1" in _text(desk.mail.received[1].body)


def test_after_a_first_one_that_was_taken_back_unsent_the_next_goes_at_once(desk: Desk) -> None:
    wrong = desk.change()
    Reviser(RevisionStore(desk.database), desk.clock).retract(wrong, "A page of another platform.")
    come(desk, 1)
    assert desk.subjects() == [ONE]


def test_a_grouped_message_counts_once_against_the_quota(desk: Desk) -> None:
    come(desk, 0, 1, 2, 3)
    desk.at("2026-04-10T09:10Z")
    assert _used(desk) == 2


def test_a_grouped_message_over_quota_waits_for_the_next_digest(desk: Desk) -> None:
    come(desk, 0, 1, 2)
    with desk.database.transaction() as session:
        session.execute(update(QuotaRow).values(used=100_000))
    desk.at("2026-04-10T09:10Z")
    assert ("digest.ready", "held", "quota") in desk.states()
    told_again(desk, ["2026-04-11T08:00Z", "2026-04-11T08:01Z"])
    assert desk.subjects().count("[2 CHANGES · HIGH] Acme: Terms of Service") == 1
    assert {state for _, state, _ in desk.states()} == {"delivered"}


def test_what_came_in_quiet_hours_is_the_first_and_one_message_in_the_morning(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.execute(update(AccountRow).values(quiet_hours="22:00-07:00"))
    for moment in ("2026-04-10T22:30Z", "2026-04-11T01:00Z", "2026-04-11T06:59Z"):
        desk.clock.at = datetime.fromisoformat(moment)
        desk.change()
    assert told_again(desk, ["2026-04-11T06:59Z"]) == 0
    assert told_again(desk, ["2026-04-11T07:00Z", "2026-04-11T07:09Z"]) == 1
    assert told_again(desk, ["2026-04-11T07:10Z", "2026-04-11T08:00Z"]) == 1
    assert desk.subjects() == [ONE, "[2 CHANGES · HIGH] Acme: Terms of Service"]


def test_quiet_hours_that_begin_within_the_window_put_its_message_off(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.execute(update(AccountRow).values(quiet_hours="09:05-12:00"))
    come(desk, 0, 1, 2)
    assert told_again(desk, ["2026-04-10T09:10Z", "2026-04-10T11:59Z"]) == 0
    assert told_again(desk, ["2026-04-10T12:00Z", "2026-04-10T13:00Z"]) == 1


def test_while_the_endpoint_is_paused_the_group_waits(desk: Desk) -> None:
    come(desk, 0, 1, 2)
    (endpoint,) = desk.accounts.endpoints("acc_alice")
    desk.accounts.set_endpoint_state(endpoint.id, EndpointState.PAUSED, START)
    assert told_again(desk, ["2026-04-10T09:10Z"]) == 0
    desk.accounts.set_endpoint_state(endpoint.id, EndpointState.ACTIVE, START)
    assert told_again(desk, ["2026-04-10T09:20Z", "2026-04-10T09:30Z"]) == 1


def test_two_digesters_make_one_group(desk: Desk) -> None:
    come(desk, 0, 1, 2)
    desk.clock.advance(WINDOW)
    assert [desk.digester().make_due(), desk.digester().make_due()] == [1, 0]


def test_a_change_that_is_recorded_late_for_its_group_is_told_alone(desk: Desk) -> None:
    come(desk, 0, 1, 2)
    desk.at("2026-04-10T09:10Z")
    desk.clock.at = datetime.fromisoformat("2026-04-10T09:09Z")  # an event whose handling began before the end
    desk.change()
    assert told_again(desk, ["2026-04-10T09:11Z", "2026-04-10T09:21Z"]) == 1
    assert desk.subjects()[2] == ONE


def refused(desk: Desk) -> None:
    desk.mail.answers = [SendFailed(SendFailureKind.REJECTED, "no", permanent=True)]
    desk.send()


def interrupted(desk: Desk) -> None:
    """Its worker died again and again with the message in its hand."""
    for _ in range(INTERRUPTIONS_ALLOWED + 1):
        lease = timedelta(seconds=120)
        DeliveryStore(desk.database).claim(
            desk.clock.now(), lease=lease, limit=9, per_endpoint=9, channels=[Channel.EMAIL]
        )
        desk.clock.advance(lease)


def replay_one(desk: Desk) -> None:
    (dead,) = desk.accounts.deliveries(states=["dead"])
    assert desk.accounts.replay(dead.id, desk.clock.now()) is not None


def replay_all(desk: Desk) -> None:
    assert replay_many(desk.database, Wanted("acc_alice", UNDELIVERED), desk.clock.now()) == 1


@pytest.mark.parametrize("die", [refused, interrupted])
@pytest.mark.parametrize("replay", [replay_one, replay_all])
def test_what_is_in_a_message_that_was_given_up_says_so_and_comes_with_its_replay(
    desk: Desk, die: Callable[[Desk], None], replay: Callable[[Desk], None]
) -> None:
    come(desk, 0, 1, 2)
    desk.clock.advance(WINDOW)
    desk.digester().make_due()
    die(desk)
    assert desk.states().count(("change.detected", "held", "digest-given-up")) == 2
    assert Findings(desk.database).held_in_dead_digests() == 2

    replay(desk)
    assert desk.states().count(("change.detected", "held", "in-digest")) == 2
    assert Findings(desk.database).held_in_dead_digests() == 0
    desk.send()
    assert desk.subjects()[-1] == "[2 CHANGES · HIGH] Acme: Terms of Service"
    assert {state for _, state, _ in desk.states()} == {"delivered"}


def _used(desk: Desk) -> int:
    with desk.database.reading() as session:
        assert session.exec(select(func.count()).select_from(DigestRow)).one() == 1
        return session.exec(select(QuotaRow.used)).one()


def _text(body: bytes) -> str:
    message = message_from_bytes(body, policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
