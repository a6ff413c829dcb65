"""Digests are made: held deliveries that are due become the items of one message, in one transaction a page."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, text, tuple_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.digest_items import HELD, Batch, Item, Key, batches, items_of, portions
from shared.db.notifier.records import NewNotice, Result
from shared.db.notifier.telling import add_notice, delivery_values
from shared.db.session import Database
from shared.db.tables import (
    DeliveryRow,
    DigestItemRow,
    DigestRow,
    EndpointRow,
)
from shared.db.upsert import insert_missing
from shared.domain.deliveries import DeliveryState, EndpointState, Reason, Standing
from shared.domain.fanout import Opening
from shared.domain.notices import NoticeKind
from shared.domain.subscriptions import Cadence


@dataclass(frozen=True, slots=True)
class NewDigest:
    """A digest to be made of these items. `period` makes it unique for its endpoint and cadence.

    Where that period has its digest already, the items wait until `otherwise`, or are told alone where that is None.
    """

    batch: Batch
    id: str
    period: str
    ends_at: datetime
    items: tuple[Item, ...]
    notice: NewNotice
    otherwise: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of due items: told together, each by its own message, put off until a moment, or withdrawn."""

    digests: tuple[NewDigest, ...] = ()
    alone: tuple[Item, ...] = ()
    later: tuple[tuple[datetime, tuple[Item, ...]], ...] = ()
    withdrawn: tuple[Item, ...] = ()


class DigestStore:
    """The truth about digests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, now: datetime, after: Key, limit: int) -> list[Key]:
        """Active endpoints that have items due by now, with their cadence, in order, from where the last page ended."""
        key = (col(DeliveryRow.endpoint_id), col(DeliveryRow.cadence))
        statement = (
            select(*key)
            .join(EndpointRow, col(EndpointRow.id) == col(DeliveryRow.endpoint_id))
            .where(
                text(HELD),
                col(DeliveryRow.due_at) <= now,
                col(EndpointRow.state) == EndpointState.ACTIVE.value,
                tuple_(*key) > tuple_(*after),
            )
            .distinct()
            .order_by(*key)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [(endpoint_id, cadence) for endpoint_id, cadence in session.execute(statement)]

    def read(self, digest_id: str) -> tuple[DigestRow, list[Item]] | None:
        """A digest and all that it tells, as the changes stand now; None for an unknown id."""
        with self._database.reading() as session:
            digest = session.get(DigestRow, digest_id)
            return (digest, items_of(session, digest_id)) if digest else None

    def make(self, keys: Sequence[Key], plan: Callable[[Batch], Plan], now: datetime) -> int:
        """Carry out what is planned for the due items of these endpoints; how many deliveries may now be sent.

        An item that another worker has in hand is left to it.
        """
        with self._database.transaction() as session:
            begun = 0
            for batch in batches(session, keys, now):
                planned = plan(batch)
                begun += sum(_make(session, digest, now) for digest in planned.digests)
                begun += _tell_alone(session, planned.alone, now)
                for moment, items in planned.later:
                    _move(session, items, moment)
                gone = {"state": DeliveryState.CANCELLED.value, "reason": Reason.RETRACTED.value}
                _move(session, planned.withdrawn, now, **gone)
            return begun


def settle_digests(session: Session, results: Sequence[Result], now: datetime) -> None:
    """What a digest that arrived told of has been delivered too; what one that was given up holds says so."""
    ended: dict[DeliveryState, list[str]] = defaultdict(list)
    for result in results:
        if result.claim.notice.kind is NoticeKind.DIGEST:
            ended[result.standing.state].append(result.claim.delivery_id)
    if told := ended[DeliveryState.DELIVERED]:
        settle_items(session, told, now)
    if given_up := ended[DeliveryState.DEAD]:
        give_up_items(session, given_up)


def settle_items(session: Session, delivery_ids: Sequence[str], now: datetime) -> None:
    """What the digests of these deliveries hold has arrived in them."""
    arrived = {"state": DeliveryState.DELIVERED.value, "reason": Reason.IN_DIGEST.value, "settled_at": now}
    _mark_items(session, delivery_ids, arrived)


def give_up_items(session: Session, delivery_ids: Sequence[str]) -> None:
    """What the digests of these deliveries hold is seen to have been given up with them; it stays held."""
    _mark_items(session, delivery_ids, {"reason": Reason.DIGEST_DEAD.value})


def revive_items(session: Session, delivery_ids: Sequence[str] | Select[str]) -> None:
    """What the digests of these deliveries hold is on its way again, in them."""
    _mark_items(session, delivery_ids, {"reason": Reason.IN_DIGEST.value})


def _mark_items(session: Session, delivery_ids: Sequence[str] | Select[str], values: Mapping[str, object]) -> None:
    """Change the items, still held, of the digests that these deliveries bring; others bring none."""
    digest = aliased(DeliveryRow)
    items = (
        select(col(DigestItemRow.delivery_id))
        .join(DigestRow, col(DigestRow.id) == col(DigestItemRow.digest_id))
        .join(digest, col(digest.notice_id) == col(DigestRow.notice_id))
        .where(col(digest.id).in_(delivery_ids))
    )
    session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.id).in_(items), col(DeliveryRow.state) == DeliveryState.HELD.value)
        .values(**values),
        execution_options={"synchronize_session": False},
    )


def _make(session: Session, digest: NewDigest, now: datetime) -> int:
    """Write a digest with its items, its notice and its delivery; how many deliveries may now be sent."""
    notice_id = add_notice(session, digest.notice, now)
    watcher, cadence = digest.batch.watcher, digest.batch.cadence
    values = {
        "id": digest.id,
        "endpoint_id": watcher.endpoint_id,
        "cadence": cadence.value,
        "period": digest.period,
        "notice_id": notice_id,
        "ends_at": digest.ends_at,
        "created_at": now,
    }
    if not insert_missing(session, DigestRow, values):
        return _put_off(session, digest, now)
    items = [
        {
            "delivery_id": item.delivery_id,
            "digest_id": digest.id,
            "notice_id": item.notice_id,
            "endpoint_id": watcher.endpoint_id,
            "cadence": cadence.value,
            "reason": item.reason,
        }
        for item in digest.items
    ]
    insert_missing_many(session, DigestItemRow, items)
    _move(session, digest.items, now, reason=Reason.IN_DIGEST.value)
    opened = Opening(Standing(DeliveryState.PENDING, now), cadence)
    charged = cadence is Cadence.IMMEDIATE  # a digest of a period is free: so is told what is over quota
    insert_missing_many(session, DeliveryRow, [delivery_values(notice_id, watcher, opened, charged=charged, now=now)])
    return 1


def _put_off(session: Session, digest: NewDigest, now: datetime) -> int:
    if digest.otherwise is None:
        return _tell_alone(session, digest.items, now)
    _move(session, digest.items, digest.otherwise)
    return 0


def _tell_alone(session: Session, items: Sequence[Item], now: datetime) -> int:
    _move(session, items, now, state=DeliveryState.PENDING.value, reason=None)
    return len(items)


def _move(session: Session, items: Sequence[Item], due_at: datetime, **values: str | None) -> None:
    for some in portions([item.delivery_id for item in items]):
        session.execute(
            update(DeliveryRow).where(col(DeliveryRow.id).in_(some)).values(due_at=due_at, **values),
            execution_options={"synchronize_session": False},
        )
