"""The transactional outbox: events are written with the state they announce, and handled once per consumer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlmodel import Session, col

from shared.db.session import Database
from shared.db.tables import EventFailureRow, EventHandledRow, OutboxRow
from shared.db.upsert import insert_missing
from shared.events import Event
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An outbox row on its way to the broker."""

    id: str
    name: str
    payload: Mapping[str, Any]
    correlation_id: str
    publications: int
    created_at: datetime


def announce(session: Session, event: Event, *, correlation_id: str, now: datetime, event_id: str | None = None) -> str:
    """Write an event into the transaction of the state it announces; its id."""
    event_id = event_id or new_id("evt")
    session.add(
        OutboxRow(
            id=event_id,
            name=event.name,
            payload=event.model_dump(mode="json"),
            correlation_id=correlation_id,
            created_at=now,
        )
    )
    return event_id


def mark_handled(session: Session, event_id: str, consumer: str, now: datetime) -> bool:
    """Record in the handler's own transaction that the event took effect; False where it had before."""
    return insert_missing(session, EventHandledRow, {"event_id": event_id, "consumer": consumer, "at": now})


def is_handled(session: Session, event_id: str, consumer: str) -> bool:
    """Whether the event took effect before."""
    mine = (col(EventHandledRow.event_id) == event_id, col(EventHandledRow.consumer) == consumer)
    return session.scalar(select(exists().where(*mine))) is True


class Inbox:
    """One consumer's view of the events: what it has handled, and what it failed at."""

    def __init__(self, database: Database, consumer: str, *, poison_after: int) -> None:
        self._database = database
        self.consumer = consumer
        self._poison_after = poison_after

    def is_settled(self, event_id: str) -> bool:
        """Whether there is nothing left to do: handled before, or given up."""
        with self._database.reading() as session:
            if session.get(EventHandledRow, (event_id, self.consumer)):
                return True
            failure = session.get(EventFailureRow, (event_id, self.consumer))
            return failure is not None and failure.dead_at is not None

    def failures(self, event_id: str) -> int:
        """How many attempts at an event were counted as failed."""
        with self._database.reading() as session:
            failure = session.get(EventFailureRow, (event_id, self.consumer))
            return failure.attempts if failure else 0

    def handled(self, event_id: str, now: datetime) -> None:
        """Record an event that needed no effect of its own."""
        with self._database.transaction() as session:
            mark_handled(session, event_id, self.consumer, now)

    def failed(self, event_id: str, error: str, now: datetime, *, poison: bool = False) -> bool:
        """Count a failed or interrupted attempt; True where the event is now a dead letter."""
        with self._database.transaction() as session:
            row = session.get(EventFailureRow, (event_id, self.consumer))
            if row is None:
                row = EventFailureRow(event_id=event_id, consumer=self.consumer, last_error=error, last_at=now)
            row.attempts += 1
            row.last_error, row.last_at = error[:2000], now
            if row.dead_at is None and (poison or row.attempts >= self._poison_after):
                row.dead_at = now
            session.add(row)
            return row.dead_at is not None


class OutboxStore:
    """What the relay and the sweep need of the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unpublished(self, limit: int) -> list[StoredEvent]:
        """The oldest events that the broker was never given, oldest first."""
        statement = select(OutboxRow).where(col(OutboxRow.published_at).is_(None)).order_by(col(OutboxRow.position))
        with self._database.reading() as session:
            return [_stored(row) for row in session.scalars(statement.limit(limit))]

    def published(self, sweep_at: Mapping[str, datetime], now: datetime) -> None:
        """Record that the broker was given these events (by id), and when to look whether they were handled."""
        with self._database.transaction() as session:
            for due, ids in _by_value(sweep_at).items():
                session.execute(
                    update(OutboxRow)
                    .where(col(OutboxRow.id).in_(ids))
                    .values(published_at=now, sweep_at=due, publications=col(OutboxRow.publications) + 1)
                )

    def unsettled(self, now: datetime, limit: int) -> list[StoredEvent]:
        """Published events whose handling is due to be looked at, the longest waiting first."""
        statement = (
            select(OutboxRow)
            .where(col(OutboxRow.settled_at).is_(None), col(OutboxRow.sweep_at) <= now)
            .order_by(col(OutboxRow.sweep_at))
            .limit(limit)
        )
        with self._database.reading() as session:
            return [_stored(row) for row in session.scalars(statement)]

    def done(self, ids: Sequence[str]) -> dict[str, set[str]]:
        """For each event, the consumers that handled it or gave it up."""
        found: dict[str, set[str]] = {event_id: set() for event_id in ids}
        handled = select(col(EventHandledRow.event_id), col(EventHandledRow.consumer)).where(
            col(EventHandledRow.event_id).in_(ids)
        )
        dead = select(col(EventFailureRow.event_id), col(EventFailureRow.consumer)).where(
            col(EventFailureRow.event_id).in_(ids), col(EventFailureRow.dead_at).is_not(None)
        )
        with self._database.reading() as session:
            for event_id, consumer in [*session.execute(handled), *session.execute(dead)]:
                found[event_id].add(consumer)
        return found

    def settle(self, ids: Collection[str], now: datetime) -> None:
        """Close events that every consumer has dealt with."""
        with self._database.transaction() as session:
            session.execute(update(OutboxRow).where(col(OutboxRow.id).in_(ids)).values(settled_at=now))

    def bury(self, pairs: Iterable[tuple[str, str]], why: str, now: datetime) -> None:
        """Dead-letter (event, consumer) pairs that no publication got handled."""
        with self._database.transaction() as session:
            for event_id, consumer in pairs:
                row = session.get(EventFailureRow, (event_id, consumer))
                row = row or EventFailureRow(event_id=event_id, consumer=consumer, last_error=why, last_at=now)
                row.last_error, row.last_at, row.dead_at = why, now, now
                session.add(row)

    def revive(self, now: datetime) -> int:
        """Give every dead letter a fresh start; how many there were."""
        with self._database.transaction() as session:
            dead = list(session.scalars(select(EventFailureRow).where(col(EventFailureRow.dead_at).is_not(None))))
            for row in dead:
                session.delete(row)
            session.execute(
                update(OutboxRow)
                .where(col(OutboxRow.id).in_([row.event_id for row in dead]))
                .values(settled_at=None, published_at=None, sweep_at=None, publications=0)
            )
            return len(dead)

    def dead_letters(
        self, limit: int = 100, *, after: tuple[datetime, str, str] | None = None
    ) -> list[EventFailureRow]:
        """What was given up, newest first; `after` is when, event and consumer of the one that a page ended with."""
        at, event, consumer = (col(getattr(EventFailureRow, name)) for name in ("dead_at", "event_id", "consumer"))
        statement = select(EventFailureRow).where(at.is_not(None))
        if after is not None:
            later = or_(event > after[1], and_(event == after[1], consumer > after[2]))
            statement = statement.where(or_(at < after[0], and_(at == after[0], later)))
        with self._database.reading() as session:
            return list(session.scalars(statement.order_by(at.desc(), event, consumer).limit(limit)))

    def forget_settled(self, before: datetime) -> int:
        """Delete events settled before a moment, with their bookkeeping; how many."""
        with self._database.transaction() as session:
            ids = list(session.scalars(select(col(OutboxRow.id)).where(col(OutboxRow.settled_at) < before).limit(1000)))
            session.execute(delete(EventHandledRow).where(col(EventHandledRow.event_id).in_(ids)))
            session.execute(delete(OutboxRow).where(col(OutboxRow.id).in_(ids)))
            return len(ids)


def _stored(row: OutboxRow) -> StoredEvent:
    return StoredEvent(row.id, row.name, row.payload, row.correlation_id, row.publications, row.created_at)


def _by_value(mapping: Mapping[str, datetime]) -> dict[datetime, list[str]]:
    grouped: dict[datetime, list[str]] = {}
    for key, value in mapping.items():
        grouped.setdefault(value, []).append(key)
    return grouped
