"""Addresses that get no more mail: why, since when, and what lifts it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlmodel import Session, col

from shared.db.notifier.owners import tell_owner
from shared.db.notifier.records import NewNotice, Result
from shared.db.session import Database
from shared.db.tables import DeliveryRow, EndpointRow, SuppressionRow
from shared.db.upsert import insert_missing
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Reason
from shared.domain.incidents import Phase
from shared.domain.mail import LIFTED_BY_OWNER, outweighs
from shared.domain.notices import NoticeKind, incident_subject

_WAITING = [DeliveryState.PENDING.value, DeliveryState.FAILED.value, DeliveryState.AMBIGUOUS.value]
_TOLD = [EndpointState.ACTIVE.value, EndpointState.PAUSED.value]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an address is suppressed: the words that were said of it, and the event that brought them, if one did."""

    reason: Reason
    detail: str
    event_id: str | None = None
    correlation_id: str = ""


class Suppressions:
    """Reads suppressions; they are written in the transaction of whatever shows the need."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, address: str) -> SuppressionRow | None:
        """The suppression of an address, however it is written; None where there is none."""
        with self._database.reading() as session:
            return session.get(SuppressionRow, address.lower())


def suppressed_among(session: Session, addresses: Collection[str], *, but_for: Reason | None = None) -> set[str]:
    """Those of the addresses, as they are written, that nothing may be sent to, for whatever reason but that one."""
    if not addresses:
        return set()
    known = select(col(SuppressionRow.address)).where(
        col(SuppressionRow.address).in_({address.lower() for address in addresses})
    )
    if but_for:
        known = known.where(col(SuppressionRow.reason) != but_for.value)
    lower = set(session.scalars(known))
    return {address for address in addresses if address.lower() in lower}


def suppress(session: Session, address: str, evidence: Evidence, now: datetime) -> None:
    """Send nothing more to an address: disable its endpoints, hold what waits for them, and tell their owners once.

    An address that is suppressed already keeps the graver reason. An endpoint that was never confirmed stays so.
    """
    address = address.lower()
    values = {"reason": evidence.reason.value, "since": now, "event_id": evidence.event_id, "detail": evidence.detail}
    if not insert_missing(session, SuppressionRow, {"address": address, **values}):
        known = session.get_one(SuppressionRow, address, with_for_update=True)
        if not outweighs(evidence.reason, Reason(known.reason)):
            return
        known.sqlmodel_update(values)
        session.add(known)
    for endpoint in _endpoints_at(session, address):
        works = endpoint.state in _TOLD
        endpoint.state, endpoint.reason = EndpointState.DISABLED.value, evidence.reason.value
        if works:
            endpoint.incident, endpoint.incident_since = Phase.DISABLED.value, now
        session.add(endpoint)
        session.flush()
        _hold(session, endpoint.id, now)
        if works:
            tell_owner(session, endpoint.account_id, _incident(endpoint, evidence, now), now, besides=endpoint.id)


def settle_suppressions(session: Session, results: Sequence[Result], now: datetime) -> None:
    """Suppress the mailboxes that a mail server refused for good."""
    for result in results:
        if result.disable is Reason.MAIL_BOUNCED:
            said = result.answer or result.error or ""
            evidence = Evidence(Reason.MAIL_BOUNCED, said, correlation_id=result.claim.notice.correlation_id)
            suppress(session, result.claim.address, evidence, now)


def lift(session: Session, endpoint_id: str, *, by_reader: bool) -> None:
    """Let mail go to an endpoint's address again, as far as whoever asks for it may: a bounce, or anything."""
    address = select(func.lower(col(EndpointRow.address))).where(
        col(EndpointRow.id) == endpoint_id, col(EndpointRow.kind) == Channel.EMAIL.value
    )
    chosen = delete(SuppressionRow).where(col(SuppressionRow.address) == address.scalar_subquery())
    if not by_reader:
        chosen = chosen.where(col(SuppressionRow.reason).in_([reason.value for reason in LIFTED_BY_OWNER]))
    session.execute(chosen)


def _endpoints_at(session: Session, address: str) -> Sequence[EndpointRow]:
    """The endpoints at an address that it changes something for, locked in one order."""
    ours = [reason.value for reason in (Reason.MAIL_BOUNCED, Reason.MAIL_UNSUBSCRIBED, Reason.MAIL_COMPLAINED)]
    statement = (
        select(EndpointRow)
        .where(
            col(EndpointRow.kind) == Channel.EMAIL.value,
            func.lower(col(EndpointRow.address)) == address,
            or_(col(EndpointRow.state).in_(_TOLD), col(EndpointRow.reason).in_(ours)),
        )
        .order_by(col(EndpointRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).all()


def _hold(session: Session, endpoint_id: str, now: datetime) -> None:
    session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.endpoint_id) == endpoint_id, col(DeliveryRow.state).in_(_WAITING))
        .values(state=DeliveryState.HELD.value, reason=Reason.SUPPRESSED.value, due_at=now),
        execution_options={"synchronize_session": False},
    )


def _incident(endpoint: EndpointRow, evidence: Evidence, now: datetime) -> NewNotice:
    since = now.isoformat()
    return NewNotice(
        kind=NoticeKind.ENDPOINT_INCIDENT,
        subject=incident_subject(endpoint.id, Phase.DISABLED, since),
        correlation_id=evidence.correlation_id,
        data={
            "phase": Phase.DISABLED.value,
            "reason": evidence.reason.value,
            "since": since,
            "detail": evidence.detail,
            "endpoint": {"id": endpoint.id, "kind": endpoint.kind, "address": endpoint.address},
        },
    )
