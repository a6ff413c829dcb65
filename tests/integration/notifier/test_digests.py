"""What was held goes out together: once for a period, whatever is begun twice, late or in the middle of the night."""

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from services.notifier.core.compose.email import mail_templates
from services.notifier.core.messages import SendFailed, SendFailureKind
from services.notifier.handlers.composing import Composer, Letterhead
from services.notifier.handlers.courier import Courier
from services.notifier.handlers.digests import Digester
from services.notifier.handlers.places import Limits
from services.notifier.handlers.telling import Teller
from shared.clock import ManualClock
from shared.db.due import DueWork
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.notifier.digests import DigestStore
from shared.db.notifier.revisions import RevisionStore
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import AccountRow, ChangeRow, DigestItemRow, DigestRow, QuotaRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.signing import secret_from
from shared.domain.subscriptions import Cadence
from shared.events import ConditionBegan
from shared.secrets import SecretBox
from shared.usecases.revising import Reviser
from tests.factories.accounts import (
    START,
    add_change,
    add_condition,
    add_document,
    add_endpoint,
    change_event,
    subscribe,
)
from tests.fakes.senders import FakeSender

BOX = SecretBox(["a key for the tests, long enough"])
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Desk:
    """The notifier without its broker, and what its receivers got. START is Friday, 10 April 2026, 08:00 UTC."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.accounts = AccountStore(database)
        self.mail, self.web = FakeSender(), FakeSender()
        self.woken = 0
        self.teller = Teller(TellingStore(database), clock, told=lambda: None)
        self.documents = [add_document(database, platform=slug) for slug in ("acme", "borealis")]
        self.changes = 0

    def box(self, cadence: Cadence, owner: str = "alice", **wanted: Any) -> str:
        endpoint = add_endpoint(self.accounts, owner, Channel.EMAIL, f"{owner}@reader.example")
        subscribe(self.accounts, owner, [endpoint], cadence=cadence, **wanted)
        return endpoint

    def change(self, platform: int = 0, *, severity: str = "high", headline: str = "Shorter notice") -> str:
        """A change of that platform's terms, told now; its id."""
        self.changes += 1
        document = self.documents[platform]
        change_id = add_change(self.database, document, self.changes)
        with self.database.transaction() as session:
            row = session.get_one(ChangeRow, change_id)
            row.severity, row.headline, row.detected_at = severity, headline, self.clock.now()
            session.add(row)
        slug = document.split("_")[1]
        event = change_event(change_id, document, platform_slug=slug, severity=severity)
        self.teller.change_detected(event, event_id=f"evt_{change_id}", correlation_id="cor_1")
        return change_id

    def digester(self, *, page: int = 2) -> Digester:
        def woken() -> None:
            self.woken += 1

        return Digester(DigestStore(self.database), self.clock, woken, page=page)

    def send(self) -> None:
        store = DeliveryStore(self.database)
        composer = Composer(store, TellingStore(self.database), BOX, mail_templates(), Letterhead("W <w@cw.example>"))
        senders = {Channel.EMAIL: self.mail, Channel.WEBHOOK: self.web}
        courier = Courier(store, composer, senders, self.clock, Limits(), lambda: 0.5)
        asyncio.run(courier.drain())

    def at(self, moment: str) -> None:
        """Move on to a moment, make what is due then, and send it."""
        self.clock.at = datetime.fromisoformat(moment)
        self.digester().make_due()
        self.send()

    def subjects(self) -> list[str]:
        return [_header(message.body, "Subject") for message in self.mail.received]

    def states(self) -> list[tuple[str, str, str | None]]:
        listed = [(d.notice_kind, d.state, d.reason) for d in self.accounts.deliveries()]
        return sorted(listed, key=str)

    def digests(self) -> list[DigestRow]:
        with self.database.reading() as session:
            return list(session.exec(select(DigestRow).order_by(DigestRow.ends_at)))


def _header(body: bytes, name: str) -> str:
    return str(message_from_bytes(body, policy=default)[name]).strip()


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> Desk:
    clock.advance(HOUR)
    return Desk(database, clock)


def told_again(desk: Desk, moments: Iterable[str]) -> int:
    """How many more messages come at these moments."""
    before = len(desk.mail.received)
    for moment in moments:
        desk.at(moment)
    return len(desk.mail.received) - before


def test_a_day_s_changes_come_in_one_message_at_its_end(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    desk.change(severity="medium", headline="Fees rise")
    desk.clock.advance(HOUR)
    desk.change(1, severity="high")

    assert told_again(desk, ["2026-04-10T12:00Z", "2026-04-11T07:59Z"]) == 0
    assert told_again(desk, ["2026-04-11T08:00Z", "2026-04-11T08:01Z", "2026-04-12T08:00Z"]) == 1
    assert desk.subjects() == ["[HIGH] Daily digest of 11 April 2026: 2 changes (1 high, 1 medium)"]
    assert desk.states() == [
        ("change.detected", "delivered", "in-digest"),
        ("change.detected", "delivered", "in-digest"),
        ("digest.ready", "delivered", None),
    ]


def test_a_week_s_changes_come_on_monday_and_an_empty_week_says_nothing(desk: Desk) -> None:
    desk.box(Cadence.WEEKLY)
    desk.change()
    assert told_again(desk, ["2026-04-11T08:00Z", "2026-04-12T23:00Z"]) == 0
    assert told_again(desk, ["2026-04-13T08:00Z", "2026-04-20T08:00Z", "2026-04-27T08:00Z"]) == 1
    assert [(row.cadence, row.period) for row in desk.digests()] == [("weekly", "2026-04-13")]


def test_what_a_plan_slowed_comes_in_the_digest_that_the_plan_has(desk: Desk) -> None:
    desk.box(Cadence.IMMEDIATE, "charlie", platforms=frozenset({"acme"}))
    desk.change()
    assert desk.states() == [("change.detected", "held", "plan-cadence")]
    assert told_again(desk, ["2026-04-11T08:00Z", "2026-04-13T08:00Z", "2026-04-20T08:00Z"]) == 1
    assert ("change.detected", "delivered", "in-digest") in desk.states()


def test_after_an_outage_everything_undelivered_comes_in_one_message(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    for _ in range(3):
        desk.change()
        desk.clock.advance(DAY)
    assert told_again(desk, ["2026-04-15T09:00Z", "2026-04-15T10:00Z"]) == 1
    assert desk.subjects() == ["[HIGH] Daily digest of 15 April 2026: 3 changes (3 high)"]


def test_what_comes_too_late_for_a_period_s_digest_comes_in_the_next(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    desk.change()
    desk.at("2026-04-11T08:00Z")
    desk.clock.at = datetime.fromisoformat("2026-04-11T07:59Z")  # an event whose handling began before the end
    desk.change()
    assert told_again(desk, ["2026-04-11T08:02Z", "2026-04-11T20:00Z"]) == 0
    assert told_again(desk, ["2026-04-12T08:00Z"]) == 1
    assert [row.period for row in desk.digests()] == ["2026-04-11", "2026-04-12"]


def test_two_digesters_make_one_digest(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    desk.change()
    desk.clock.at = datetime.fromisoformat("2026-04-11T08:00Z")
    assert [desk.digester().make_due(), desk.digester().make_due()] == [1, 0]
    assert desk.woken == 1
    desk.send()
    assert len(desk.mail.received) == 1


def test_many_endpoints_are_served_page_by_page(desk: Desk) -> None:
    for number in range(7):
        endpoint = add_endpoint(desk.accounts, "alice", Channel.EMAIL, f"reader{number}@reader.example")
        subscribe(desk.accounts, "alice", [endpoint], cadence=Cadence.DAILY)
    desk.change()
    desk.at("2026-04-11T08:00Z")
    assert sorted(message.address for message in desk.mail.received) == [f"reader{n}@reader.example" for n in range(7)]


def test_a_webhook_gets_digest_ready(desk: Desk) -> None:
    secret = BOX.seal(secret_from(b"s" * 32))
    hook = add_endpoint(desk.accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook", secret=secret)
    subscribe(desk.accounts, "alice", [hook], cadence=Cadence.DAILY)
    change_id = desk.change()
    desk.at("2026-04-11T08:00Z")
    (sent,) = desk.web.received
    body = json.loads(sent.body)
    assert (body["type"], [line["id"] for line in body["data"]["changes"]]) == ("digest.ready", [change_id])
    assert body["data"]["digest"]["period"] == {
        "name": "2026-04-11",
        "start": "2026-04-10T08:00:00.000Z",
        "end": "2026-04-11T08:00:00.000Z",
    }


def test_conditions_are_in_it_too(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    condition = add_condition(desk.database, desk.documents[0])
    began = ConditionBegan(condition_id=condition, document_id=desk.documents[0], kind="unreachable")
    desk.teller.condition_changed(began, event_id="evt_1", correlation_id="cor_1")
    desk.at("2026-04-11T08:00Z")
    (subject,) = desk.subjects()
    assert subject == "[DIGEST] Daily digest of 11 April 2026: 1 document in trouble or recovered"
    assert b"Terms of Service of Acme cannot be reached." in desk.mail.received[0].body


def test_a_retracted_change_is_withdrawn_and_alone_makes_no_digest(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    change_id = desk.change()
    with desk.database.transaction() as session:
        session.execute(update(ChangeRow).where(ChangeRow.id == change_id).values(status="retracted"))  # type: ignore[arg-type]
    assert told_again(desk, ["2026-04-11T08:00Z", "2026-04-12T08:00Z"]) == 0
    assert desk.states() == [("change.detected", "cancelled", "retracted")]


def test_a_corrected_change_is_told_corrected(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    change_id = desk.change()
    Reviser(RevisionStore(desk.database), desk.clock).correct(change_id, "milder than it looked", severity="low")
    desk.at("2026-04-11T08:00Z")
    (subject,) = desk.subjects()
    assert subject == "[LOW] Daily digest of 11 April 2026: 1 change (1 low)"
    assert "Corrected: Shorter notice" in _text(desk.mail.received[0].body)


@pytest.mark.parametrize("severity", [None, "low"])
def test_what_a_digest_under_way_says_wrongly_is_put_right(desk: Desk, severity: str | None) -> None:
    desk.box(Cadence.DAILY)
    change_id = desk.change()
    desk.mail.answers = [SendFailed(SendFailureKind.CONNECT, "no")]
    desk.at("2026-04-11T08:00Z")
    reviser = Reviser(RevisionStore(desk.database), desk.clock)
    if severity:
        reviser.correct(change_id, "milder than it looked", severity=severity)
    else:
        reviser.retract(change_id, "a page of another platform")
    assert told_again(desk, ["2026-04-11T09:00Z", "2026-04-12T09:00Z"]) == 2
    kind = "change.corrected" if severity else "change.retracted"
    assert (kind, "delivered") in {(notice, state) for notice, state, _ in desk.states()}


def test_while_its_endpoint_is_paused_everything_waits_for_one_message(desk: Desk) -> None:
    endpoint = desk.box(Cadence.DAILY)
    desk.change()
    desk.accounts.set_endpoint_state(endpoint, EndpointState.PAUSED, START)
    assert told_again(desk, ["2026-04-11T08:00Z", "2026-04-12T08:00Z"]) == 0
    assert DueWork(desk.database).digests(desk.clock.now()).count == 0
    desk.accounts.set_endpoint_state(endpoint, EndpointState.ACTIVE, START)
    assert DueWork(desk.database).digests(desk.clock.now()).count == 1
    assert told_again(desk, ["2026-04-12T09:00Z"]) == 1


def test_quiet_hours_put_a_digest_off(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    with desk.database.transaction() as session:
        session.execute(update(AccountRow).values(quiet_hours="20:00-09:30", timezone="Europe/Berlin"))
    desk.change()
    assert told_again(desk, ["2026-04-11T06:00Z", "2026-04-11T07:29Z"]) == 0
    assert told_again(desk, ["2026-04-11T07:30Z", "2026-04-11T12:00Z"]) == 1


def test_what_was_over_quota_comes_in_the_next_digest_and_says_so(desk: Desk) -> None:
    desk.box(Cadence.IMMEDIATE)
    with desk.database.transaction() as session:
        session.add(QuotaRow(account_id="acc_alice", day=START.date(), used=100_000))
    desk.change()
    assert told_again(desk, ["2026-04-10T09:30Z", "2026-04-10T23:30Z"]) == 1
    assert desk.subjects() == ["[QUOTA] Today's 100000 deliveries are used up."]
    assert desk.states() == [("account.quota", "delivered", None), ("change.detected", "held", "quota")]
    assert told_again(desk, ["2026-04-11T08:00Z", "2026-04-11T12:00Z"]) == 1
    assert "held back because your plan's deliveries" in _text(desk.mail.received[-1].body)
    with desk.database.reading() as session:
        assert session.exec(select(DigestItemRow.reason)).all() == ["quota"]


def test_the_owner_is_told_once_a_day_that_a_quota_is_nearly_used_and_once_that_it_is(desk: Desk) -> None:
    desk.box(Cadence.SAME_DAY, "bob", platforms=frozenset({"acme", "borealis"}))
    with desk.database.transaction() as session:
        session.add(QuotaRow(account_id="acc_bob", day=START.date(), used=798))

    def send(*, used: int | None = None) -> list[str]:
        """One more change, on a day of which so much is used; the subjects about the quota."""
        if used is not None:
            with desk.database.transaction() as session:
                session.execute(update(QuotaRow).values(used=used))
        desk.change()
        desk.digester().make_due()
        desk.send()
        return [subject for subject in desk.subjects() if "QUOTA" in subject]

    desk.clock.at = datetime.fromisoformat("2026-04-10T18:00Z")
    nearly = "[QUOTA] 800 of today's 1000 deliveries are used."
    used_up = "[QUOTA] Today's 1000 deliveries are used up."
    assert [send(), send(), send()] == [[], [nearly], [nearly]]
    assert [send(used=999), send(), send()] == [[nearly], [nearly, used_up], [nearly, used_up]]


def test_until_a_digest_arrives_its_items_are_not_delivered(desk: Desk) -> None:
    desk.box(Cadence.DAILY)
    desk.change()
    desk.mail.answers = [SendFailed(SendFailureKind.CONNECT, "no")]
    desk.at("2026-04-11T08:00Z")
    assert desk.states() == [("change.detected", "held", "in-digest"), ("digest.ready", "failed", "connect")]
    assert told_again(desk, ["2026-04-11T08:10Z", "2026-04-11T09:00Z"]) == 1
    assert [state for _, state, _ in desk.states()] == ["delivered", "delivered"]


def test_the_same_day_brings_one_message_for_each_document(desk: Desk) -> None:
    desk.box(Cadence.SAME_DAY)
    for platform in (0, 0, 1):
        desk.change(platform)
        desk.clock.advance(HOUR)
    assert told_again(desk, ["2026-04-10T16:59Z"]) == 0
    assert told_again(desk, ["2026-04-10T17:00Z", "2026-04-10T18:00Z", "2026-04-11T17:00Z"]) == 2
    assert sorted(desk.subjects()) == [
        "[HIGH · effective 24 Apr] Acme Terms of Service: Notice before termination is shorter",
        "[HIGH] Today, Acme Terms of Service: 2 changes (2 high)",
    ]
    assert {state for _, state, _ in desk.states()} == {"delivered"}


def test_what_is_found_in_the_evening_is_still_told_that_day(desk: Desk) -> None:
    desk.box(Cadence.SAME_DAY)
    desk.change()
    desk.at("2026-04-10T17:00Z")
    desk.clock.at = datetime.fromisoformat("2026-04-10T21:00Z")
    desk.change()
    assert told_again(desk, ["2026-04-10T21:01Z", "2026-04-11T17:00Z"]) == 1


def _text(body: bytes) -> str:
    message = message_from_bytes(body, policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
