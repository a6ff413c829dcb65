"""The provider falls silent after accepting, or says later that a mail bounced: rows 32 and 33 of the fault matrix.

A real courier sends through SendGrid's library to a local SendGrid, whose signed reports come in at the API's route.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Barrier, Thread
from typing import Any

import httpx
import pytest
from sqlmodel import select

from services.api.app import make_app, make_resources
from services.notifier.adapters.sendgrid import SendGridSender
from services.notifier.core.messages import Message, SendFailed, SendFailureKind
from shared.clock import ManualClock
from shared.db.notifier.mail_events import MailEvents
from shared.db.notifier.suppressions import Suppressions
from shared.db.session import Database
from shared.db.tables import MailEventRow, NoticeRow, SuppressionRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.mail import MailEvent, MailEventKind
from shared.domain.subscriptions import Cadence
from shared.settings import Settings
from tests.contracts.senders import serving
from tests.factories.accounts import START, add_change, add_document, add_endpoint, subscribe
from tests.factories.posting import Post
from tests.fakes.sendgrid import KEY, FakeSendGrid, Reporter, event
from tests.integration.notifier.test_digests import Desk

ALICE = "alice@reader.example"
Report = Callable[..., None]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def post(database: Database, clock: ManualClock) -> Post:
    add_document(database)
    return Post(database, clock)


@pytest.fixture
def report(database: Database, database_url: str, clock: ManualClock, tmp_path: Path) -> Report:
    """Brings events to the API, as SendGrid would."""
    reporter = Reporter()
    settings = Settings(
        data=tmp_path / "data",
        database_url=database_url,
        public_url="https://watch.example",
        secret_key="k" * 32,
        sendgrid_event_key=reporter.public_key,
    )
    app = make_app(replace(make_resources(settings, database), clock=clock))

    def reported(*events: Any) -> None:
        body, headers = reporter.signed(events, clock.now())

        async def main() -> None:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://w.example") as api:
                assert (await api.post("/sendgrid/events", content=body, headers=headers)).status_code == 204

        asyncio.run(main())

    return reported


def drain(post: Post, server: FakeSendGrid) -> None:
    """Let a courier send everything that is due by SendGrid."""

    @asynccontextmanager
    async def by_sendgrid() -> AsyncIterator[None]:
        async with serving(server.handle) as base:
            sender = SendGridSender(KEY, now=post.clock.now, host=base, deadline_s=0.4)
            post.mail = sender
            yield
            await sender.close()

    async def main() -> None:
        async with asyncio.timeout(30), by_sendgrid():
            await post.courier().drain()

    asyncio.run(main())


def told(post: Post, number: int = 1) -> None:
    """One more change of Acme's terms."""
    post.tell(add_change(post.database, "doc_acme_1", number), sequence=2 * number)


def other_box(post: Post, address: str) -> None:
    """Another mailbox of Alice's account that is told the same."""
    subscribe(post.accounts, "alice", [add_endpoint(post.accounts, "alice", Channel.EMAIL, address)])


def ids(server: FakeSendGrid) -> Sequence[str]:
    return [taken.delivery_id for taken in server.taken]


@pytest.mark.parametrize("kind", ["processed", "deferred", "delivered"])
def test_a_mail_that_was_accepted_in_silence_is_not_sent_again(
    post: Post, clock: ManualClock, report: Report, kind: str
) -> None:
    server = FakeSendGrid(silent=True)
    post.box()
    told(post)
    drain(post, server)
    assert post.states() == [("ambiguous", "may-have-arrived")]
    [delivery_id] = ids(server)

    report(event(kind, ALICE, START, id="evt_1", delivery_id=delivery_id))
    clock.advance(timedelta(hours=2))
    server.silent = False
    drain(post, server)

    assert post.states() == [("delivered", None)]
    assert ids(server) == [delivery_id]


def test_an_event_that_overtakes_the_end_of_the_attempt_counts(post: Post, clock: ManualClock, report: Report) -> None:
    """SendGrid reports within the deadline; the attempt is recorded as ambiguous after that."""
    post.box()
    told(post)

    def answer(message: Message) -> SendFailed:
        report_in_thread(event("processed", ALICE, START, id="evt_1", delivery_id=message.delivery_id))
        return SendFailed(SendFailureKind.TIMEOUT, "no answer", ambiguous=True)

    def report_in_thread(*events: Any) -> None:
        thread = Thread(target=report, args=events)
        thread.start()
        thread.join(20)

    post.mail.default = answer
    post.drain()
    assert post.attempts() == [(1, "ambiguous")]
    assert post.states() == [("delivered", None)]


def test_without_a_word_it_is_sent_once_more_and_no_more(post: Post, clock: ManualClock, report: Report) -> None:
    server = FakeSendGrid(silent=True)
    post.box()
    told(post)
    for _ in range(4):
        drain(post, server)
        clock.advance(timedelta(minutes=31))
    assert len(server.taken) == 2
    assert len({taken.headers["Message-ID"] for taken in server.taken}) == 1
    assert post.states() == [("dead", "may-have-arrived")]


def test_silence_for_many_is_reconciled_one_by_one(post: Post, clock: ManualClock, report: Report) -> None:
    server = FakeSendGrid(silent=True)
    post.box()
    other_box(post, "work@alice.example")
    told(post)
    drain(post, server)
    assert len(server.requests) == 1
    arrived = next(taken for taken in server.taken if taken.address == ALICE)
    report(event("delivered", ALICE, START, id="evt_1", delivery_id=arrived.delivery_id))
    server.silent = False
    clock.advance(timedelta(minutes=31))
    drain(post, server)
    assert sorted(taken.address for taken in server.taken) == [ALICE, "work@alice.example", "work@alice.example"]
    assert post.states() == [("delivered", None)] * 2


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("bounce", {"type": "bounce", "reason": "550 5.1.1 no such user"}, "mail-bounced"),
        ("dropped", {"reason": "Spam Reporting Address"}, "mail-complained"),
        ("spamreport", {}, "mail-complained"),
        ("unsubscribe", {}, "mail-unsubscribed"),
        ("group_unsubscribe", {}, "mail-unsubscribed"),
    ],
)
def test_an_address_is_suppressed_before_the_next_send(
    post: Post, database: Database, report: Report, kind: str, more: dict[str, str], reason: str
) -> None:
    server = FakeSendGrid()
    post.box()
    told(post)
    drain(post, server)
    [delivery_id] = ids(server)
    told(post, 2)  # waits while the report comes in

    for _ in range(2):
        report(event(kind, ALICE, START, id="evt_1", delivery_id=delivery_id, **more))
    told(post, 3)
    drain(post, server)

    assert ids(server) == [delivery_id]
    assert post.states() == [("delivered", None), ("held", "endpoint-disabled"), ("held", "suppressed")]
    [endpoint] = post.accounts.endpoints("acc_alice")
    assert (endpoint.state, endpoint.reason) == ("disabled", reason)
    with database.reading() as session:
        suppression = session.get_one(SuppressionRow, ALICE)
        assert (suppression.reason, suppression.event_id) == (reason, "evt_1")


@pytest.mark.parametrize(("kind", "more"), [("deferred", {}), ("bounce", {"type": "blocked"})])
def test_a_soft_failure_is_only_recorded(post: Post, report: Report, kind: str, more: dict[str, str]) -> None:
    server = FakeSendGrid()
    post.box()
    told(post)
    drain(post, server)
    report(event(kind, ALICE, START, id="evt_1", delivery_id=ids(server)[0], **more))
    told(post, 2)
    drain(post, server)
    assert len(server.taken) == 2


def test_who_adds_a_suppressed_address_sees_why_nothing_comes(post: Post, report: Report) -> None:
    server = FakeSendGrid()
    post.box()
    report(event("bounce", ALICE, START, id="evt_1", type="bounce"))
    other_box(post, "Alice@reader.example")
    told(post)
    drain(post, server)
    assert server.taken == []
    assert post.states() == [("held", "endpoint-disabled"), ("held", "suppressed")]


def test_the_owner_is_told_once_at_another_mailbox(post: Post, report: Report) -> None:
    server = FakeSendGrid()
    post.box()
    add_endpoint(post.accounts, "alice", Channel.EMAIL, "work@alice.example")
    for kind in ("bounce", "spamreport"):
        report(event(kind, ALICE, START, id=kind, type="bounce", reason="550 no such user"))
    drain(post, server)
    [told_of] = server.taken
    assert told_of.address == "work@alice.example"
    assert "A mailbox takes no mail any more" in told_of.text
    assert "550 no such user" in told_of.text


def test_a_bounce_is_lifted_by_the_owner_and_what_waited_goes_out(
    post: Post, database: Database, clock: ManualClock, report: Report
) -> None:
    server = FakeSendGrid()
    endpoint = post.box()
    told(post)
    report(event("bounce", ALICE, START, id="evt_1", type="bounce"))
    drain(post, server)
    assert server.taken == []

    assert post.accounts.set_endpoint_state(endpoint, EndpointState.ACTIVE, clock.now()) == 1
    report(event("bounce", ALICE, START, id="evt_1", type="bounce"))  # a repeat of old news
    drain(post, server)

    assert post.states() == [("delivered", None)]
    assert Suppressions(database).of(ALICE) is None


def test_what_the_reader_said_is_not_the_owner_s_to_lift(
    post: Post, database: Database, clock: ManualClock, report: Report
) -> None:
    server = FakeSendGrid()
    endpoint = post.box()
    told(post)
    report(event("spamreport", ALICE, START, id="evt_1"))
    post.accounts.set_endpoint_state(endpoint, EndpointState.ACTIVE, clock.now())
    drain(post, server)
    assert server.taken == []
    assert post.states() == [("held", "suppressed")]


def test_a_mailbox_that_a_mail_server_refuses_is_suppressed_too(post: Post, database: Database) -> None:
    post.box()
    told(post)
    refusal = SendFailed(SendFailureKind.RECIPIENT, "SMTP 550", permanent=True, status=550, answer="5.1.1 nobody here")
    post.mail.default = refusal
    post.drain()
    told(post, 2)
    post.drain()
    assert len(post.mail.received) == 1
    assert post.states() == [("dead", "refused"), ("held", "endpoint-disabled")]
    with database.reading() as session:
        suppression = session.get_one(SuppressionRow, ALICE)
        assert (suppression.reason, suppression.detail) == ("mail-bounced", "5.1.1 nobody here")
    [endpoint] = post.accounts.endpoints("acc_alice")
    assert endpoint.reason == "mail-bounced"


def test_the_same_reports_at_the_same_moment_take_effect_once(post: Post, database: Database) -> None:
    """Eight at once, each with the events in another order, while the courier sends to the same addresses."""
    addresses = [f"reader{number}@alice.example" for number in range(12)]
    for address in addresses:
        other_box(post, address)
    told(post)
    events = [
        MailEvent(f"evt_{kind}_{address}", MailEventKind(kind), address, START)
        for address in addresses
        for kind in ("bounce", "spamreport")
    ]
    all_ready = Barrier(9, timeout=60)

    def report_them(seed: int) -> int:
        own = Random(seed).sample(events, len(events))
        all_ready.wait()
        return MailEvents(database).record(own, START)

    def send() -> None:
        all_ready.wait()
        post.drain()

    with ThreadPoolExecutor(9) as pool:
        working = [pool.submit(report_them, seed) for seed in range(8)] + [pool.submit(send)]
        for one in working:
            one.result(timeout=120)

    with database.reading() as session:
        assert len(session.exec(select(MailEventRow)).all()) == len(events)
        assert {row.reason for row in session.exec(select(SuppressionRow))} == {"mail-complained"}
        incidents = session.exec(select(NoticeRow).where(NoticeRow.kind == "endpoint.incident")).all()
    assert len(incidents) == len(addresses)
    assert {endpoint.reason for endpoint in post.accounts.endpoints("acc_alice")} == {"mail-complained"}


def test_a_digest_that_was_accepted_in_silence_has_told_its_items(
    database: Database, clock: ManualClock, report: Report
) -> None:
    desk = Desk(database, clock)
    desk.box(Cadence.DAILY)
    desk.change()
    desk.mail.default = SendFailed(SendFailureKind.TIMEOUT, "no answer", ambiguous=True)
    desk.at("2026-04-11T08:00+00:00")
    [sent] = desk.mail.received
    assert ("digest.ready", "ambiguous", "may-have-arrived") in desk.states()

    report(event("delivered", ALICE, clock.now(), id="evt_1", delivery_id=sent.delivery_id))
    assert desk.states() == [("change.detected", "delivered", "in-digest"), ("digest.ready", "delivered", None)]
