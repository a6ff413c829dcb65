"""What is told to whom: an event becomes a notice and a delivery for each watcher, page by page, each exactly once."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.held_back import count_held_back
from shared.db.notifier.leads import tell_one_at_a_time, with_leads
from shared.db.notifier.records import NewNotice
from shared.db.notifier.usage import usage_of
from shared.db.notifier.watching import DocumentFacts, watchers_after
from shared.db.outbox import is_handled, mark_handled
from shared.db.session import Database
from shared.db.tables import ChangeRow, ConditionRow, DeliveryRow, DocumentRow, NoticeRow, PlatformRow
from shared.db.upsert import insert_missing
from shared.domain.fanout import Opening, Watcher
from shared.domain.plans import Usage, plan_named
from shared.domain.subscriptions import ChangeFacts
from shared.ids import new_id

PAGE = 2_000
"""Links of subscriptions to endpoints that are looked at in one transaction, so that memory stays flat however many
watch, and nobody else waits long."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one transaction of a telling did: how many deliveries began in each state, and whether it was the last."""

    begun: Counter[str]
    is_last: bool


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

    def tell_page(
        self,
        notice: NewNotice,
        audience: ChangeFacts | DocumentFacts,
        decide: Callable[[Watcher, Usage], Opening],
        *,
        event_id: str,
        now: datetime,
        window: timedelta = timedelta(0),
    ) -> Page | None:
        """Write the notice and the deliveries of the next watchers; None where the event has been handled.

        One page is one transaction, so that the first deliveries go out while the last are still to be written. The
        notice holds how far the telling has come: whoever takes the event up again goes on from there. Watchers of a
        change know what of its platform they were told within `window`.
        """
        with self._database.transaction() as session:
            if is_handled(session, event_id, self._consumer):
                return None
            platform = audience.platform if isinstance(audience, ChangeFacts) else audience.platform_slug
            grouping = platform if window and isinstance(audience, ChangeFacts) else None
            if grouping:
                tell_one_at_a_time(session, grouping)
            notice_id = add_notice(session, notice, now)
            row = session.scalars(select(NoticeRow).where(col(NoticeRow.id) == notice_id).with_for_update()).one()
            if is_handled(session, event_id, self._consumer):  # by another, while we waited for the notice
                return None
            found, upto = watchers_after(session, audience, row.told_up_to or "", self._page)
            page = with_leads(session, found, grouping, now, window) if grouping else found
            begun = _begin(session, notice, notice_id, page, decide, platform, now)
            if upto is None:
                mark_handled(session, event_id, self._consumer, now)
            else:
                row.told_up_to = upto
                session.add(row)
            return Page(begun, upto is None)

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


def _begin(
    session: Session,
    notice: NewNotice,
    notice_id: str,
    watchers: Sequence[Watcher],
    decide: Callable[[Watcher, Usage], Opening],
    platform: str,
    now: datetime,
) -> Counter[str]:
    """Write a delivery for each watcher as decided; how many begin in each state."""
    unlimited = {watcher.account_id for watcher in watchers if plan_named(watcher.plan).platforms is None}
    usages = usage_of(session, {watcher.account_id for watcher in watchers}, unlimited=unlimited)
    opened = [(watcher, decide(watcher, usages[watcher.account_id])) for watcher in watchers]
    charged = notice.kind.is_charged
    rows = [delivery_values(notice_id, watcher, begins, charged=charged, now=now) for watcher, begins in opened]
    insert_missing_many(session, DeliveryRow, rows)
    held_back = Counter((w.account_id, begins.standing.reason or "") for w, begins in opened if begins.is_held_back)
    count_held_back(session, held_back, platform, now)
    return Counter(str(begins.standing.state) for _, begins in opened)


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
