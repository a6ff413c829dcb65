"""Mailboxes whose reader has not yet agreed to be told, and the mails that ask for it (double opt-in)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.db.notifier.accounts import insert_endpoint
from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.records import NewNotice
from shared.db.notifier.suppressions import suppressed_among
from shared.db.notifier.telling import add_notice, delivery_values
from shared.db.session import Database
from shared.db.tables import DeliveryRow, EndpointRow, NoticeRow
from shared.domain.consent import REMEMBERED, Asked, Outcome, may_ask_at
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Standing
from shared.domain.fanout import Opening, Watcher
from shared.domain.notices import NoticeKind, confirmation_subject
from shared.domain.subscriptions import Cadence
from shared.ids import new_id


class Consent:
    """Adds mailboxes that must agree first. `can_link`: whether there is a public address for the link they get."""

    def __init__(self, database: Database, *, can_link: bool) -> None:
        self._database, self._can_link = database, can_link

    def add_mailbox(self, account_id: str, address: str, now: datetime) -> tuple[EndpointRow, bool, Asked | None]:
        """The endpoint at that address, whether it is new, and where it is, what came of asking it."""
        with self._database.transaction() as session:
            endpoint, created = insert_endpoint(
                session, account_id, Channel.EMAIL, address, None, now, state=EndpointState.UNCONFIRMED
            )
            return endpoint, created, self._ask(session, endpoint, now) if created else None

    def ask_again(self, endpoint_id: str, now: datetime) -> Asked | None:
        """What came of asking once more; None for what is no unconfirmed mailbox."""
        with self._database.transaction() as session:
            endpoint = session.get(EndpointRow, endpoint_id)
            if endpoint is None or (endpoint.kind, endpoint.state) != (Channel.EMAIL, EndpointState.UNCONFIRMED):
                return None
            return self._ask(session, endpoint, now)

    def _ask(self, session: Session, endpoint: EndpointRow, now: datetime) -> Asked:
        if not self._can_link:
            return Asked(Outcome.NO_PUBLIC_URL)
        address = endpoint.address.lower()
        _one_at_a_time(session, address)
        if suppressed_among(session, [address]):
            return Asked(Outcome.SUPPRESSED)
        again_at = may_ask_at(_asked(session, address, now), now)
        if again_at > now:
            return Asked(Outcome.TOO_SOON, again_at)
        _send(session, endpoint, now)
        return Asked(Outcome.SENT)


def _one_at_a_time(session: Session, address: str) -> None:
    """Until this transaction ends, nobody else asks this address; on SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"confirm {address}", 0))))


def _asked(session: Session, address: str, now: datetime) -> Sequence[datetime]:
    """When the address was asked of late, by any account."""
    statement = (
        select(col(NoticeRow.created_at))
        .join(DeliveryRow, col(DeliveryRow.notice_id) == col(NoticeRow.id))
        .join(EndpointRow, col(EndpointRow.id) == col(DeliveryRow.endpoint_id))
        .where(
            func.lower(col(EndpointRow.address)) == address,
            col(EndpointRow.kind) == Channel.EMAIL.value,
            col(NoticeRow.kind) == NoticeKind.ENDPOINT_CONFIRMATION.value,
            col(NoticeRow.created_at) > now - REMEMBERED,
        )
    )
    return session.scalars(statement).all()


def _send(session: Session, endpoint: EndpointRow, now: datetime) -> None:
    """An ordinary delivery, which `claims.py` lets through to an unconfirmed endpoint."""
    kind = NoticeKind.ENDPOINT_CONFIRMATION
    notice_id = add_notice(session, NewNotice(kind, confirmation_subject(new_id("cnf")), new_id("cor")), now)
    watcher = Watcher(
        endpoint.id, endpoint.account_id, Channel.EMAIL, EndpointState.UNCONFIRMED, plan="", timezone="UTC", matches=()
    )
    due = Opening(Standing(DeliveryState.PENDING, now), Cadence.IMMEDIATE)
    values = delivery_values(notice_id, watcher, due, charged=kind.is_charged, now=now)
    insert_missing_many(session, DeliveryRow, [values])
