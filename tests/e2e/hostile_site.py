"""An installation in which everything that strangers can write holds markup and scripts: documents through the real
differ and registry, what an account and an operator see through the stores."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlmodel import col

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.opening import Opened
from services.differ.handlers.registering import Registrar
from services.notifier.handlers.digests import Digester
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.digests import DigestStore
from shared.db.notifier.revisions import RevisionStore
from shared.db.registry.taking_in import RegistryStore
from shared.db.reviews import Reviews
from shared.db.tables import (
    AccountRow,
    AttemptRow,
    ChangeRow,
    CheckRow,
    ConditionRow,
    EndpointRow,
    EventFailureRow,
    OutboxRow,
    ScheduleRow,
    SuppressionRow,
)
from shared.domain.deliveries import Channel
from shared.domain.subscriptions import Cadence, Subscription
from shared.usecases.revising import Reviser
from tests.e2e import hostile_texts as hostile
from tests.factories.accounts import change_event
from tests.factories.judging import Bench
from tests.factories.posting import Post

MAIL = "dlv_hostile"
"""Names the mail that the outbox folder keeps."""
MAILBOX = f'"{hostile.SHORT}"@evil.example'
HOOK = f'https://evil.example/"{hostile.SHORT}'


def seed(opened: Opened) -> None:
    """Three platforms with a changed document each, and an account that watches them."""
    clock = ManualClock(opened.clock.now() - timedelta(days=20))
    for names in zip(hostile.PLATFORMS, hostile.TYPES, hostile.URLS, strict=True):
        _document(opened, clock, *names)
    _headlines(opened)
    _account(opened, clock)
    _operated(opened, clock)


def _document(opened: Opened, clock: ManualClock, platform: str, kind: str, url: str) -> None:
    folder: Path = opened.settings.data
    bench = Bench(opened.database, folder, platform=platform, kind=kind, url=url, clock=clock)
    for version in (1, 2):
        bench.confirm(hostile.page(version))
        assert len(bench.versions) == version
        Registrar(RegistryStore(opened.database), clock).take_in()
    bench.look(f"<html><title>404 {hostile.SHORT}</title><body><h1>Not found {hostile.SHORT}</h1></body></html>")


def _headlines(opened: Opened) -> None:
    """Headlines quote what was changed; none of the differ's own happens to quote the vectors here."""
    with opened.database.transaction() as session:
        for change in session.scalars(select(ChangeRow)):
            told = {**change.report["headline"], "text": hostile.SHORT}
            change.headline, change.report = hostile.SHORT, {**change.report, "headline": told}
            session.add(change)


def _account(opened: Opened, clock: ManualClock) -> None:
    """Endpoints, subscriptions, deliveries with their attempts, a digest, members and keys."""
    local_accounts(opened)
    store, now = AccountStore(opened.database), clock.now()
    Members(opened.database).add(LOCAL_ACCOUNT, MAILBOX, "member", now)
    ApiKeys(opened.database).make(LOCAL_ACCOUNT, hostile.SHORT, "member", now)
    hook, mailbox = (
        store.add_endpoint(LOCAL_ACCOUNT, channel, address, "sealed", now)[0].id
        for channel, address in ((Channel.WEBHOOK, HOOK), (Channel.EMAIL, MAILBOX))
    )
    store.subscribe(LOCAL_ACCOUNT, Subscription(document_types=frozenset(hostile.TYPES)), [hook], now)
    store.subscribe(LOCAL_ACCOUNT, Subscription(cadence=Cadence.WEEKLY), [mailbox], now)
    _tell(opened, clock)
    with opened.database.transaction() as session:
        session.execute(update(AccountRow).values(name=hostile.SHORT))
        session.execute(update(EndpointRow).where(col(EndpointRow.id) == hook).values(reason=hostile.SHORT))
        session.add(SuppressionRow(address=MAILBOX, reason="mail-bounced", since=now, detail=hostile.ALL))
    for delivery in store.deliveries(LOCAL_ACCOUNT):
        with opened.database.transaction() as session:
            said = {"error": hostile.SHORT, "answer": hostile.ALL[:2048]}
            row = AttemptRow(delivery_id=delivery.id, n=1, at=now, duration_ms=5, outcome="failed", status=500, **said)
            session.add(row)


def _tell(opened: Opened, clock: ManualClock) -> None:
    post = Post(opened.database, clock)
    with opened.database.reading() as session:
        changes = list(session.scalars(select(ChangeRow)))
    for change in changes:
        told = change_event(change.id, change.document_id, document_type=hostile.TYPES[0], headline=hostile.SHORT)
        post.teller.change_detected(told, event_id=f"evt_{change.id}", correlation_id="cor_1")
    clock.advance(timedelta(days=8))
    assert Digester(DigestStore(opened.database), clock, lambda: None, public_url="https://w.example/").make_due()


def _operated(opened: Opened, clock: ManualClock) -> None:
    """Doubts, a correction, a retraction, conditions, failed checks, a dead letter, and mail that was kept."""
    now = clock.now()
    with opened.database.reading() as session:
        changes = list(session.scalars(select(ChangeRow).order_by(col(ChangeRow.id))))
        documents = list(session.scalars(select(col(ScheduleRow.document_id))))
        event_id = session.scalars(select(col(OutboxRow.id))).first()
    for change in changes:
        Reviews(opened.database).add(change.id, hostile.ALL[:2000], now)
    reviser = Reviser(RevisionStore(opened.database), clock)
    reviser.correct(changes[0].id, hostile.SHORT, severity="low")
    reviser.retract(changes[1].id, hostile.SHORT)
    with opened.database.transaction() as session:
        for number, document_id in enumerate(documents):
            about = {"document_id": document_id, "detail": hostile.SHORT}
            session.add(ConditionRow(id=f"con_{number}", kind="unreachable", began_at=now, **about))
            session.add(CheckRow(at=now, outcome="failed", failure="http-status", duration_ms=1, **about))
        session.execute(update(ScheduleRow).values(failures=3, last_checked_at=now, next_check_at=opened.clock.now()))
        session.add(
            EventFailureRow(
                event_id=event_id,
                consumer=hostile.SHORT,
                attempts=5,
                last_error=hostile.ALL[:2000],
                last_at=now,
                dead_at=now,
            )
        )
    outbox = opened.settings.data / "outbox"
    outbox.mkdir()
    mail = f"Subject: {hostile.SHORT}\nTo: {MAILBOX}\nContent-Type: text/html; charset=utf-8\n\n{hostile.ALL}\n"
    (outbox / f"{MAIL}.eml").write_text(mail, "utf-8")
