"""From the outbox to the broker: the relay publishes what is new, the sweep what got lost on the way."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.bus.publisher import Publisher
from shared.clock import Clock
from shared.db.outbox import OutboxStore, StoredEvent
from shared.logging import get_logger
from shared.metrics import DEAD_LETTERS, OUTBOX_LAG, PUBLISHED

BATCH = 200
MAX_PUBLICATIONS = 40
"""With back-off to an hour: more than a day of trying before an unhandled event is buried."""
MAX_BACKOFF = timedelta(hours=1)

log = get_logger()


def sweep_delay(publications: int, first: timedelta) -> timedelta:
    """How long after its n-th publication an event is looked at: `first`, doubled each time, at most an hour."""
    return min(first * float(2 ** min(publications - 1, 20)), MAX_BACKOFF)


class Relay:
    """Publishes new events in the order they were written. A crash in between repeats; handlers are idempotent."""

    def __init__(self, store: OutboxStore, publisher: Publisher, clock: Clock, *, sweep_after: timedelta) -> None:
        self._store, self._publisher, self._clock = store, publisher, clock
        self._sweep_after = sweep_after

    def run_once(self) -> int:
        """Publish one batch; how many. BrokerDown passes through, with nothing marked."""
        events = self._store.unpublished(BATCH)
        OUTBOX_LAG.set((self._clock.now() - events[0].created_at).total_seconds() if events else 0)
        if not events:
            return 0
        self._publisher.events(events)
        now = self._clock.now()
        self._store.published({event.id: now + sweep_delay(1, self._sweep_after) for event in events}, now)
        for event in events:
            PUBLISHED.labels(event.name).inc()
        return len(events)


class Sweep:
    """Closes events that all consumers handled, republishes the missing pairs, buries what cannot be handled."""

    def __init__(
        self,
        store: OutboxStore,
        publisher: Publisher,
        clock: Clock,
        consumers: Mapping[str, tuple[str, ...]],
        *,
        after: timedelta,
    ) -> None:
        self._store, self._publisher, self._clock = store, publisher, clock
        self._consumers = consumers
        self._after = after

    def run_once(self) -> int:
        """One pass over a batch of due events; how many were published again."""
        now = self._clock.now()
        events = self._store.unsettled(now, limit=BATCH)
        if not events:
            return 0
        done = self._store.done([event.id for event in events])
        missing = {event.id: self._missing(event, done[event.id]) for event in events}
        settled = [event_id for event_id, consumers in missing.items() if not consumers]
        if settled:
            self._store.settle(settled, now)
        late = [event for event in events if missing[event.id]]
        self._bury([event for event in late if event.publications >= MAX_PUBLICATIONS], missing, now)
        return self._republish([event for event in late if event.publications < MAX_PUBLICATIONS], missing, now)

    def _missing(self, event: StoredEvent, done: set[str]) -> list[str]:
        return [consumer for consumer in self._consumers.get(event.name, ()) if consumer not in done]

    def _bury(self, events: list[StoredEvent], missing: Mapping[str, list[str]], now: datetime) -> None:
        if not events:
            return
        pairs = [(event.id, consumer) for event in events for consumer in missing[event.id]]
        self._store.bury(pairs, f"not handled after {MAX_PUBLICATIONS} publications", now)
        for event_id, consumer in pairs:
            DEAD_LETTERS.labels(consumer).inc()
            log.error("event.buried", event_id=event_id, consumer=consumer)

    def _republish(self, events: list[StoredEvent], missing: Mapping[str, list[str]], now: datetime) -> int:
        by_consumer: dict[str, list[StoredEvent]] = defaultdict(list)
        for event in events:
            for consumer in missing[event.id]:
                by_consumer[consumer].append(event)
        for consumer, waiting in by_consumer.items():
            self._publisher.events(waiting, only=consumer)
            log.warning("events.republished", consumer=consumer, count=len(waiting))
        if events:
            due = {event.id: now + sweep_delay(event.publications + 1, self._after) for event in events}
            self._store.published(due, now)
        return len(events)
