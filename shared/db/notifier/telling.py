"""Who is told: watchers are found and their deliveries written by set-based SQL, in the event's own transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.held_back import count_held_back
from shared.db.notifier.leads import tell_one_at_a_time, with_leads
from shared.db.notifier.records import NewNotice
from shared.db.notifier.usage import usage_of
from shared.db.outbox import mark_handled
from shared.db.session import Database
from shared.db.tables import (
    AccountRow,
    ChangeRow,
    ConditionRow,
    DeliveryRow,
    DocumentRow,
    EndpointRow,
    MuteRow,
    NoticeRow,
    PlatformRow,
    SubscriptionEndpointRow,
    SubscriptionRow,
    SubscriptionTermRow,
)
from shared.db.upsert import insert_missing
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.digests import QuietHours
from shared.domain.fanout import Match, Opening, Watcher
from shared.domain.plans import Usage
from shared.domain.subscriptions import Cadence, ChangeFacts, TermKind, severities_at_or_below, values_of
from shared.ids import new_id

PAGE = 2_000
"""Rows read, decided and written at a time, so that memory stays flat however many watch."""

_INSIDE_DOCUMENTS = (TermKind.CATEGORY, TermKind.PROVISION)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document, as its watchers know it."""

    document_id: str
    document_type: str
    url: str
    platform_slug: str
    platform_name: str


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """A condition as it was recorded."""

    id: str
    kind: str
    detail: str
    began_at: datetime
    ended_at: datetime | None


class TellingStore:
    """Turns an event into a notice and its deliveries, once."""

    def __init__(self, database: Database, consumer: str = "notifier", *, page: int = PAGE) -> None:
        self._database = database
        self._consumer = consumer
        self._page = page

    def tell(
        self,
        notice: NewNotice,
        audience: ChangeFacts | DocumentFacts,
        decide: Callable[[Watcher, Usage], Opening],
        *,
        event_id: str,
        now: datetime,
        window: timedelta = timedelta(0),
    ) -> Counter[str] | None:
        """Write the notice, a delivery for each watcher, and that the event was handled, in one transaction.

        Watchers of a change know what of its platform they were told within `window`. How many deliveries begin in
        each state; None where the event had been handled before.
        """
        with self._database.transaction() as session:
            if not mark_handled(session, event_id, self._consumer, now):
                return None
            grouping = audience.platform if window and isinstance(audience, ChangeFacts) else None
            if grouping:
                tell_one_at_a_time(session, grouping)
            notice_id = add_notice(session, notice, now)
            begun: Counter[str] = Counter()
            held_back: Counter[tuple[str, str]] = Counter()
            for found in _pages(self._watchers(session, audience), self._page):
                page = with_leads(session, found, grouping, now, window) if grouping else found
                usages = usage_of(session, {watcher.account_id for watcher in page})
                opened = [(watcher, decide(watcher, usages[watcher.account_id])) for watcher in page]
                charged = notice.kind.is_charged
                rows = [delivery_values(notice_id, w, o, charged=charged, now=now) for w, o in opened]
                insert_missing_many(session, DeliveryRow, rows)
                begun.update(str(o.standing.state) for _, o in opened)
                held_back.update((w.account_id, o.standing.reason or "") for w, o in opened if o.is_held_back)
            platform = audience.platform if isinstance(audience, ChangeFacts) else audience.platform_slug
            count_held_back(session, held_back, platform, now)
            return begun

    def document(self, document_id: str) -> DocumentFacts | None:
        """A document with its platform; None where it is no more."""
        statement = (
            select(DocumentRow, PlatformRow)
            .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
            .where(col(DocumentRow.id) == document_id)
        )
        with self._database.reading() as session:
            found = session.execute(statement).first()
        if found is None:
            return None
        document, platform = found
        return DocumentFacts(document.id, document.type, document.url, platform.slug, platform.name)

    def condition(self, condition_id: str) -> ConditionFacts | None:
        """A condition; None where it is no more."""
        with self._database.reading() as session:
            row = session.get(ConditionRow, condition_id)
        return ConditionFacts(row.id, row.kind, row.detail, row.began_at, row.ended_at) if row else None

    def report(self, change_id: str) -> Mapping[str, Any] | None:
        """A change's report, with the status it has now; None where there is no such change."""
        with self._database.reading() as session:
            row = session.get(ChangeRow, change_id)
        return {**row.report, "status": row.status} if row else None

    def _watchers(self, session: Session, audience: ChangeFacts | DocumentFacts) -> Iterator[Watcher]:
        for _, group in groupby(self._matches(session, audience), key=lambda row: row.endpoint_id):
            rows = list(group)
            first = rows[0]
            yield Watcher(
                endpoint_id=first.endpoint_id,
                account_id=first.account_id,
                channel=Channel(first.channel),
                state=EndpointState(first.state),
                plan=first.plan,
                timezone=first.timezone,
                matches=tuple(Match(Cadence(row.cadence), bool(row.by_provision)) for row in rows),
                quiet=QuietHours.parse(first.quiet_hours) if first.quiet_hours else None,
            )

    def _matches(self, session: Session, audience: ChangeFacts | DocumentFacts) -> Iterator[Row[Any]]:
        """Matching (endpoint, subscription) pairs by endpoint, read page by page from where the last one ended."""
        statement = _matching(audience)
        link = (col(SubscriptionEndpointRow.endpoint_id), col(SubscriptionEndpointRow.subscription_id))
        after: tuple[str, str] = ("", "")
        while True:
            page = statement.where(tuple_(*link) > tuple_(*after)).order_by(*link).limit(self._page)
            rows = session.execute(page).all()
            yield from rows
            if len(rows) < self._page:
                return
            after = (rows[-1].endpoint_id, rows[-1].subscription_id)


def add_notice(session: Session, notice: NewNotice, now: datetime) -> str:
    """Write a notice unless its subject has one; the id of the one there is."""
    values = {
        "id": new_id("ntc"),
        "kind": notice.kind.value,
        "subject": notice.subject,
        "document_id": notice.document_id,
        "data": dict(notice.data),
        "correlation_id": notice.correlation_id,
        "created_at": now,
    }
    if insert_missing(session, NoticeRow, values):
        return str(values["id"])
    return session.scalars(select(col(NoticeRow.id)).where(col(NoticeRow.subject) == notice.subject)).one()


def delivery_values(
    notice_id: str, watcher: Watcher, opened: Opening, *, charged: bool, now: datetime
) -> dict[str, Any]:
    """The columns of a delivery that begins as decided."""
    return {
        "id": new_id("dlv"),
        "notice_id": notice_id,
        "endpoint_id": watcher.endpoint_id,
        "account_id": watcher.account_id,
        "state": opened.standing.state.value,
        "reason": opened.standing.reason,
        "cadence": opened.cadence.value,
        "due_at": opened.standing.due_at,
        "claims": 0,
        "attempts": 0,
        "counted": not charged,
        "created_at": now,
    }


def _matching(audience: ChangeFacts | DocumentFacts) -> Select[Any]:
    """The SQL of `shared.domain.subscriptions.matches`; a condition asks for the document alone."""
    term = aliased(SubscriptionTermRow)
    inside = exists().where(
        col(term.subscription_id) == col(SubscriptionRow.id), col(term.kind).in_([k.value for k in _INSIDE_DOCUMENTS])
    )
    statement: Any = (
        select(
            col(SubscriptionEndpointRow.endpoint_id),
            col(SubscriptionEndpointRow.subscription_id),
            col(SubscriptionRow.cadence),
            col(EndpointRow.account_id),
            col(EndpointRow.kind).label("channel"),
            col(EndpointRow.state),
            col(AccountRow.plan),
            col(AccountRow.timezone),
            col(AccountRow.quiet_hours),
            inside.label("by_provision"),
        )
        .join(SubscriptionRow, col(SubscriptionRow.id) == col(SubscriptionEndpointRow.subscription_id))
        .join(EndpointRow, col(EndpointRow.id) == col(SubscriptionEndpointRow.endpoint_id))
        .join(AccountRow, col(AccountRow.id) == col(EndpointRow.account_id))
        .where(
            col(SubscriptionRow.state) == "active",
            ~exists().where(
                col(MuteRow.account_id) == col(AccountRow.id), col(MuteRow.document_id) == audience.document_id
            ),
        )
    )
    if isinstance(audience, ChangeFacts):
        minimums = severities_at_or_below(audience.severity)
        grave_enough = col(SubscriptionRow.min_severity).in_(minimums)
        conditions = [grave_enough, *(_term(kind, values) for kind, values in values_of(audience).items())]
    else:
        named = {
            TermKind.PLATFORM: audience.platform_slug,
            TermKind.DOCUMENT: audience.document_id,
            TermKind.TYPE: audience.document_type,
        }
        conditions = [_term(kind, {value}) for kind, value in named.items()]
    matching: Select[Any] = statement.where(*conditions)
    return matching


def _term(kind: TermKind, values: Iterable[str]) -> ColumnElement[bool]:
    """That a subscription names nothing of a kind, or names one of these values."""
    any_of_kind, one_of_values = aliased(SubscriptionTermRow), aliased(SubscriptionTermRow)

    def names(term: type[SubscriptionTermRow]) -> ColumnElement[bool]:
        return and_(col(term.subscription_id) == col(SubscriptionRow.id), col(term.kind) == kind.value)

    return or_(
        ~exists().where(names(any_of_kind)),
        exists().where(names(one_of_values), col(one_of_values.value).in_(sorted(values))),
    )


def _pages(watchers: Iterator[Watcher], size: int) -> Iterator[Sequence[Watcher]]:
    page: list[Watcher] = []
    for watcher in watchers:
        page.append(watcher)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
