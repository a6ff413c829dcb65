"""Corrections and retractions: the change, its notices and its deliveries in one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from shared.db.changes import UnknownChange
from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.records import NewNotice
from shared.db.notifier.telling import PAGE, add_notice, delivery_values
from shared.db.session import Database
from shared.db.tables import AccountRow, AttemptRow, ChangeRow, DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Reason, Standing
from shared.domain.digests import QuietHours
from shared.domain.fanout import Opening, Watcher, told_at
from shared.domain.notices import NoticeKind, change_subject, revision_subject
from shared.domain.subscriptions import Cadence

_WAITING = [s.value for s in (DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.AMBIGUOUS, DeliveryState.HELD)]
_ARRIVED = [DeliveryState.DELIVERED.value, DeliveryState.SENDING.value]
_MAY_HAVE_ARRIVED = ["delivered", "ambiguous", "timeout", "protocol"]
"""Outcomes of attempts whose message may have reached its receiver, whatever became of the answer."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a correction or retraction did: how many endpoints are told, how many deliveries were cancelled."""

    notice_id: str | None
    told: int
    cancelled: int


class RevisionStore:
    """Turns a wrong change into a corrected or retracted one, once."""

    def __init__(self, database: Database, *, page: int = PAGE) -> None:
        self._database, self._page = database, page

    def revise(
        self,
        change_id: str,
        kind: NoticeKind,
        revised: Callable[[Mapping[str, Any]], dict[str, Any]],
        *,
        correlation_id: str,
        now: datetime,
    ) -> Revision:
        """Store the revised report, tell who received the change, cancel what waits; UnknownChange for another id.

        A retraction is told to those alone whom the change may have reached. A correction replaces what still waits,
        too: it begins where that stood. What is being sent meanwhile counts as received, and is not tried again.
        """
        with self._database.transaction() as session:
            change = session.get(ChangeRow, change_id, with_for_update=True)
            if change is None:
                raise UnknownChange(f"{change_id!r} names no change")
            report = revised({**change.report, "status": change.status})
            change.report, change.status = report, report["status"]
            change.severity, change.direction = report["severity"], report["direction"]
            change.revision += 1
            session.add(change)
            session.flush()
            if kind is NoticeKind.CHANGE_RETRACTED:
                # where its own event comes only later, that finds a notice whose deliveries are all cancelled
                own = change_subject(change_id)
                add_notice(session, NewNotice(NoticeKind.CHANGE_DETECTED, own, correlation_id, change.document_id), now)
            earlier = _notices(session, change_id, change.document_id)
            if not earlier:
                return Revision(None, 0, 0)
            subject = revision_subject(change_id, kind, len(earlier))
            notice = NewNotice(kind, subject, correlation_id, change.document_id, report)
            notice_id = add_notice(session, notice, now)
            self._tell(session, notice_id, earlier, kind, now)
            session.execute(update(NoticeRow).where(col(NoticeRow.id).in_(earlier)).values(revision=change.status))
            cancelled = _cancel(session, earlier, Reason(change.status), now)
            told = select(func.count()).where(col(DeliveryRow.notice_id) == notice_id)
            return Revision(notice_id, session.scalars(told).one(), cancelled)

    def _tell(self, session: Session, notice_id: str, earlier: Sequence[str], kind: NoticeKind, now: datetime) -> None:
        attempt = select(col(AttemptRow.delivery_id)).where(
            col(AttemptRow.delivery_id) == col(DeliveryRow.id), col(AttemptRow.outcome).in_(_MAY_HAVE_ARRIVED)
        )
        under_way = col(DeliveryRow.reason).in_([Reason.IN_DIGEST.value, Reason.DIGEST_DEAD.value])
        received = or_(col(DeliveryRow.state).in_(_ARRIVED), under_way, attempt.exists())
        for page in self._pages(session, earlier, received):
            _write(session, notice_id, [(watcher, _told_now(watcher, now)) for _, watcher in page], now)
        if kind is NoticeKind.CHANGE_CORRECTED:
            for page in self._pages(session, earlier, col(DeliveryRow.state).in_(_WAITING)):
                _write(session, notice_id, [(watcher, _as_it_stood(d)) for d, watcher in page], now)

    def _pages(
        self, session: Session, notice_ids: Sequence[str], condition: ColumnElement[bool]
    ) -> Iterator[list[tuple[DeliveryRow, Watcher]]]:
        statement = (
            select(DeliveryRow, EndpointRow, AccountRow)
            .join(EndpointRow, col(EndpointRow.id) == col(DeliveryRow.endpoint_id))
            .join(AccountRow, col(AccountRow.id) == col(EndpointRow.account_id))
            .where(col(DeliveryRow.notice_id).in_(notice_ids), condition)
            .order_by(col(DeliveryRow.id))
            .limit(self._page)
        )
        after = ""
        while True:
            found = session.execute(statement.where(col(DeliveryRow.id) > after))
            rows = [(delivery, _watcher(endpoint, account)) for delivery, endpoint, account in found]
            if not rows:
                return
            after = rows[-1][0].id
            yield rows


def _notices(session: Session, change_id: str, document_id: str) -> list[str]:
    """The ids of what was told of a change so far."""
    revision = col(NoticeRow.kind) == NoticeKind.CHANGE_CORRECTED.value
    of_change = col(NoticeRow.subject).endswith(f":{change_id}", autoescape=True)
    statement = select(col(NoticeRow.id)).where(
        col(NoticeRow.document_id) == document_id,
        or_(col(NoticeRow.subject) == change_subject(change_id), revision & of_change),
    )
    return list(session.scalars(statement))


def _watcher(endpoint: EndpointRow, account: AccountRow) -> Watcher:
    quiet = QuietHours.parse(account.quiet_hours) if account.quiet_hours else None
    state, channel = EndpointState(endpoint.state), Channel(endpoint.kind)
    return Watcher(endpoint.id, account.id, channel, state, account.plan, account.timezone, (), quiet)


def _told_now(watcher: Watcher, now: datetime) -> Opening:
    """People who want quiet have read what was wrong already, and can wait; programs are told at once."""
    return Opening(Standing(DeliveryState.PENDING, told_at(watcher, now)), Cadence.IMMEDIATE)


def _as_it_stood(delivery: DeliveryRow) -> Opening:
    held = delivery.state == DeliveryState.HELD.value
    state = DeliveryState.HELD if held else DeliveryState.PENDING
    return Opening(Standing(state, delivery.due_at, delivery.reason if held else None), Cadence(delivery.cadence))


def _write(session: Session, notice_id: str, begun: Sequence[tuple[Watcher, Opening]], now: datetime) -> None:
    """A delivery for each, unless the endpoint has one already. A revision is our fault and counts against no quota."""
    rows = [delivery_values(notice_id, watcher, opening, charged=False, now=now) for watcher, opening in begun]
    insert_missing_many(session, DeliveryRow, rows)


def _cancel(session: Session, notice_ids: Sequence[str], reason: Reason, now: datetime) -> int:
    cancelled = session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.notice_id).in_(notice_ids), col(DeliveryRow.state).in_(_WAITING))
        .values(state=DeliveryState.CANCELLED.value, reason=reason.value, settled_at=now),
        execution_options={"synchronize_session": False},
    )
    return int(cancelled.rowcount)  # type: ignore[attr-defined]
