"""SendGrid's event webhook: believed where it is signed, kept once, and never a 500."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sendgrid.helpers.eventwebhook import EventWebhook
from sqlalchemy import func, select
from structlog.testing import capture_logs

from services.api.app import make_app, make_resources
from services.api.resources import Resources
from services.api.routes import sendgrid
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.suppressions import Suppressions
from shared.db.session import Database
from shared.db.tables import MailEventRow
from shared.domain.deliveries import Channel
from shared.settings import Settings, SettingsError
from tests.factories.accounts import START, add_endpoint
from tests.fakes.sendgrid import Reporter, event
from tests.integration.api.conftest import Ask

SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
pytestmark = pytest.mark.usefixtures("mailbox")
Report = Callable[[Any], httpx.Response]


@pytest.fixture
def reporter() -> Reporter:
    return Reporter()


@pytest.fixture
def settings(settings: Settings, reporter: Reporter) -> Settings:
    return settings.model_copy(update={"sendgrid_event_key": reporter.public_key})


@pytest.fixture
def report(ask: Ask, reporter: Reporter, clock: ManualClock) -> Report:
    """Sends a signed report of these events, or of these bytes."""

    def reported(events: Any) -> httpx.Response:
        body, headers = reporter.signed(events, clock.now())
        return ask("POST", "/sendgrid/events", content=body, headers=headers)

    return reported


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(MailEventRow)) or 0


def bounce(id: str = "evt_1", address: str = "alice@reader.example", **more: Any) -> Any:
    return event("bounce", address, START, id=id, type="bounce", reason="550 no such user", **more)


def test_a_signed_report_is_kept_once(report: Report, database: Database, accounts: AccountStore) -> None:
    for _ in range(2):
        assert report([bounce(), bounce()]).status_code == 204
    assert kept(database) == 1
    [endpoint] = accounts.endpoints("acc_alice")
    assert (endpoint.state, endpoint.reason) == ("disabled", "mail-bounced")


def test_sendgrid_s_own_library_agrees_on_the_signature(reporter: Reporter) -> None:
    body, headers = reporter.signed([bounce()], START)
    theirs = EventWebhook(reporter.public_key)
    assert theirs.verify_signature(body.decode(), headers[SIGNATURE], headers[TIMESTAMP])


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_report_may_be_five_minutes_off(ask: Ask, reporter: Reporter, clock: ManualClock, seconds: int) -> None:
    body, headers = reporter.signed([bounce()], clock.now() + timedelta(seconds=seconds))
    assert ask("POST", "/sendgrid/events", content=body, headers=headers).status_code == 204


def test_whatever_is_wrong_gets_one_answer_and_changes_nothing(
    ask: Ask, reporter: Reporter, clock: ManualClock, database: Database
) -> None:
    body, headers = reporter.signed([bounce()], clock.now())
    foreign_body, foreign = Reporter().signed([bounce()], clock.now())
    late_body, late = reporter.signed([bounce()], clock.now() - timedelta(seconds=301))
    early_body, early = reporter.signed([bounce()], clock.now() + timedelta(seconds=301))
    wrong: list[tuple[bytes, dict[str, str]]] = [
        (body, {}),
        (body, {**headers, SIGNATURE: ""}),
        (body, {**headers, SIGNATURE: "no base64!"}),
        (body, {**headers, SIGNATURE: "AAAA"}),
        (body, {**headers, TIMESTAMP: str(int(headers[TIMESTAMP]) + 1)}),
        (body, {**headers, TIMESTAMP: ""}),
        (body, {**headers, TIMESTAMP: "soon"}),
        (body, {**headers, TIMESTAMP: "9" * 400}),
        (body.replace(b"alice", b"other"), headers),
        (body.rstrip(), headers),
        (foreign_body, foreign),
        (late_body, late),
        (early_body, early),
    ]
    answers = [ask("POST", "/sendgrid/events", content=content, headers=given) for content, given in wrong]
    assert {(answer.status_code, answer.text) for answer in answers} == {(403, answers[0].text)}
    assert kept(database) == 0


def test_without_a_key_nothing_is_believed(settings: Settings, database: Database, reporter: Reporter) -> None:
    keyless = settings.model_copy(update={"sendgrid_event_key": ""})
    resources = replace(make_resources(keyless, database), clock=ManualClock(START))
    body, headers = reporter.signed([bounce()], START)

    async def post(content: bytes) -> int:
        transport = httpx.ASGITransport(app=make_app(resources))
        async with httpx.AsyncClient(transport=transport, base_url="https://watch.example") as client:
            return (await client.post("/sendgrid/events", content=content, headers=headers)).status_code

    assert asyncio.run(post(body)) == 403
    assert asyncio.run(post(b"x" * 100_000)) == 413
    assert kept(database) == 0


@pytest.mark.parametrize("text", ["nonsense", "AAAA", "%%%"])
def test_what_is_no_key_is_a_fault_of_the_settings(text: str) -> None:
    with pytest.raises(SettingsError, match="SENDGRID_EVENT_KEY"):
        sendgrid.event_key(text)


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"null", b'"x"', b"[" * 100_000, b"\xff\xfe", b"9" * 10_000])
def test_a_signed_report_that_cannot_be_read_is_taken_and_said(report: Report, database: Database, body: bytes) -> None:
    with capture_logs() as logs:
        assert report(body).status_code == 204
    assert "sendgrid.report_unreadable" in {line["event"] for line in logs}
    assert kept(database) == 0


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        [],
        {},
        {"event": "bounce"},
        {**bounce("bad"), "email": 7},
        {**bounce("bad"), "email": "x" * 400},
        {**bounce("bad"), "timestamp": "soon"},
        {**bounce("bad"), "timestamp": 10**30},
        {**bounce("bad"), "sg_event_id": ""},
        {**bounce("bad"), "sg_event_id": "x" * 300},
        {**bounce("bad"), "reason": {"deep": []}},
    ],
)
def test_a_malformed_event_is_skipped_and_the_others_are_kept(report: Report, database: Database, bad: Any) -> None:
    with capture_logs() as logs:
        assert report([bad, bounce("good")]).status_code == 204
    assert [line["place"] for line in logs if line["event"] == "sendgrid.event_unreadable"] == [0]
    assert kept(database) == 1


def test_odd_texts_are_stored_as_any_database_takes_them(report: Report, database: Database) -> None:
    raw = json.dumps([{**bounce("evt\0"), "reason": "é\0" * 400, "delivery_id": "dlv\ud800"}]).encode()
    assert report(raw).status_code == 204
    with database.reading() as session:
        [row] = session.scalars(select(MailEventRow)).all()
    assert "\0" not in row.id + row.detail
    assert len(row.detail) == 500


def test_events_of_others_on_the_same_account_are_not_kept(report: Report, database: Database) -> None:
    stranger = "somebody@else.example"
    events = [event(kind, stranger, START, id=kind, delivery_id="dlv_x") for kind in ("processed", "delivered")]
    assert report([*events, bounce("b", stranger), event("click", "alice@reader.example", START, id="c")]).is_success
    assert kept(database) == 0


def test_a_report_may_be_large(report: Report, database: Database) -> None:
    many = [bounce(f"evt_{number}") for number in range(3_000)]
    assert len(json.dumps(many)) > 500_000
    assert report(many).status_code == 204
    assert kept(database) == 3_000
    assert report(b"x" * (sendgrid.MOST_BYTES + 1)).status_code == 413


def test_events_are_kept_for_ninety_days(report: Report, database: Database, clock: ManualClock) -> None:
    report([bounce("old")])
    clock.advance(timedelta(days=91))
    report([bounce("new")])
    with database.reading() as session:
        assert session.scalars(select(MailEventRow.id)).all() == ["new"]


def test_an_address_is_one_however_it_is_written(
    report: Report, database: Database, accounts: AccountStore, resources: Resources
) -> None:
    add_endpoint(accounts, "bob", Channel.EMAIL, "Alice@Reader.example")
    report([event("spamreport", "ALICE@reader.example", START, id="evt_1")])
    for owner in ("alice", "bob"):
        [endpoint] = accounts.endpoints(f"acc_{owner}")
        assert (endpoint.state, endpoint.reason) == ("disabled", "mail-complained")
    suppression = Suppressions(database).of("aLiCe@reader.example")
    assert suppression is not None
    assert (suppression.reason, suppression.event_id) == ("mail-complained", "evt_1")


def test_the_graver_reason_stays(report: Report, accounts: AccountStore, database: Database) -> None:
    for kind, id in (("bounce", "1"), ("spamreport", "2"), ("bounce", "3")):
        report([event(kind, "alice@reader.example", START, id=id, type="bounce")])
    [endpoint] = accounts.endpoints("acc_alice")
    assert endpoint.reason == "mail-complained"
    suppression = Suppressions(database).of("alice@reader.example")
    assert suppression is not None
    assert suppression.event_id == "2"


@pytest.mark.parametrize("kind", ["blocked", "expired"])
def test_a_soft_bounce_suppresses_nothing(report: Report, accounts: AccountStore, kind: str) -> None:
    report([event("bounce", "alice@reader.example", START, id="evt_1", type=kind)])
    [endpoint] = accounts.endpoints("acc_alice")
    assert endpoint.state == "active"
