"""Events become notices, with a delivery for each endpoint that watches: once, in one transaction."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.notifier.core.compose.webhook import iso
from shared.clock import Clock
from shared.db.notifier.records import NewNotice
from shared.db.notifier.telling import ConditionFacts, Page
from shared.db.notifier.watching import DocumentFacts
from shared.domain.fanout import Opening, Watcher, opening
from shared.domain.notices import NoticeKind, change_subject, condition_subject
from shared.domain.plans import Usage
from shared.domain.subscriptions import ChangeFacts
from shared.events import ChangeDetected, ConditionBegan, ConditionEnded
from shared.logging import get_logger

log = get_logger()

CONDITION_SEVERITY = "medium"
"""A condition interrupts people as a medium change does: it does not wait for the digest."""


class Store(Protocol):
    """What telling needs of the database; see `shared.db.notifier.telling.TellingStore`."""

    def tell_page(
        self,
        notice: NewNotice,
        audience: ChangeFacts | DocumentFacts,
        decide: Callable[[Watcher, Usage], Opening],
        *,
        event_id: str,
        now: datetime,
        window: timedelta,
    ) -> Page | None: ...

    def document(self, document_id: str) -> DocumentFacts | None: ...

    def condition(self, condition_id: str) -> ConditionFacts | None: ...


class NothingToTell(Exception):
    """An event whose document or condition is not in the database."""


class Teller:
    """Tells watchers. `told` is called where deliveries may now be due.

    Within `grouping` of a platform's first change its others are told together; nothing is where that is zero.
    """

    def __init__(
        self, store: Store, clock: Clock, told: Callable[[], None], *, grouping: timedelta = timedelta(0)
    ) -> None:
        self._store, self._clock, self._told, self._grouping = store, clock, told, grouping

    def change_detected(self, event: ChangeDetected, *, event_id: str, correlation_id: str) -> None:
        """Tell those whose subscriptions the change meets."""
        facts = ChangeFacts(
            platform=event.platform_slug,
            document_id=event.document_id,
            document_type=event.document_type,
            severity=event.severity,
            direction=event.direction,
            categories=frozenset(event.categories),
            provision_ids=frozenset(event.provision_ids),
        )
        notice = NewNotice(
            NoticeKind.CHANGE_DETECTED, change_subject(event.change_id), correlation_id, event.document_id
        )
        self._tell(notice, facts, event.platform_slug, event.severity, event_id)

    def condition_changed(self, event: ConditionBegan | ConditionEnded, *, event_id: str, correlation_id: str) -> None:
        """Tell the document's watchers that a condition began or ended, once each."""
        phase = "began" if isinstance(event, ConditionBegan) else "ended"
        document, condition = self._store.document(event.document_id), self._store.condition(event.condition_id)
        if document is None or condition is None:
            raise NothingToTell(f"{event.condition_id} of {event.document_id} is not in the database")
        notice = NewNotice(
            NoticeKind.CONDITION,
            condition_subject(event.condition_id, phase),
            correlation_id,
            event.document_id,
            _condition_data(document, condition, phase),
        )
        self._tell(notice, document, document.platform_slug, CONDITION_SEVERITY, event_id)

    def _tell(
        self, notice: NewNotice, audience: ChangeFacts | DocumentFacts, platform: str, severity: str, event_id: str
    ) -> None:
        now = self._clock.now()

        def decide(watcher: Watcher, usage: Usage) -> Opening:
            return opening(watcher, usage, platform=platform, severity=severity, now=now, window=self._grouping)

        begun: Counter[str] = Counter()
        while page := self._store.tell_page(
            notice, audience, decide, event_id=event_id, now=now, window=self._grouping
        ):
            begun.update(page.begun)
            self._told()
            if page.is_last:
                log.info("notice.told", kind=notice.kind.value, subject=notice.subject, deliveries=dict(begun))
                return


def _condition_data(document: DocumentFacts, condition: ConditionFacts, phase: str) -> dict[str, Any]:
    """The webhook's `data`: what began or ended, of which document."""
    return {
        "platform": {"slug": document.platform_slug, "name": document.platform_name},
        "document": {"id": document.document_id, "type": document.document_type, "url": document.url},
        "condition": {
            "id": condition.id,
            "kind": condition.kind,
            "phase": phase,
            "detail": condition.detail,
            "began_at": iso(condition.began_at),
            "ended_at": iso(condition.ended_at) if phase == "ended" and condition.ended_at else None,
        },
    }
