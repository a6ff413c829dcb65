"""Held deliveries that are due in digests, as they are read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text, tuple_
from sqlmodel import Session, col

from shared.db.tables import (
    AccountRow,
    ChangeRow,
    DeliveryRow,
    DigestItemRow,
    DocumentRow,
    EndpointRow,
    NoticeRow,
    PlatformRow,
)
from shared.db.tables.notifier import HELD_FOR_DIGEST
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.digests import QuietHours
from shared.domain.fanout import Watcher
from shared.domain.notices import NoticeKind
from shared.domain.subscriptions import Cadence

_AT_ONCE = 500
"""Ids named in one statement."""

HELD = HELD_FOR_DIGEST.replace("state", "deliveries.state").replace("reason", "deliveries.reason")
_OF_CHANGES = (NoticeKind.CHANGE_DETECTED, NoticeKind.CHANGE_CORRECTED, NoticeKind.CHANGE_RETRACTED)

Key = tuple[str, str]
"""Endpoint and cadence."""


@dataclass(frozen=True, slots=True)
class Item:
    """A held delivery with what it would have told; `change` is None for what tells of no change."""

    delivery_id: str
    notice_id: str
    kind: NoticeKind
    document_id: str | None
    data: dict[str, Any]
    reason: str
    due_at: datetime
    created_at: datetime
    change: Row[Any] | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one endpoint may be told together: all its due items of one cadence."""

    watcher: Watcher
    cadence: Cadence
    items: tuple[Item, ...]


def batches(session: Session, keys: Sequence[Key], now: datetime) -> list[Batch]:
    """The due items of these endpoints, locked; what another worker has in hand is left to it."""
    held: dict[Key, list[tuple[DeliveryRow, NoticeRow]]] = defaultdict(list)
    for delivery, notice in session.execute(_due_items(keys, now)):
        held[delivery.endpoint_id, delivery.cadence].append((delivery, notice))
    notices = [notice for rows in held.values() for _, notice in rows]
    changes = _changes(session, [_change_id(one) for one in notices if one.kind in _OF_CHANGES])
    watchers = _watchers(session, {endpoint_id for endpoint_id, _ in held})
    return [
        Batch(
            watchers[endpoint_id],
            Cadence(cadence),
            tuple(_item(delivery, notice, changes.get(_change_id(notice))) for delivery, notice in rows),
        )
        for (endpoint_id, cadence), rows in held.items()
    ]


def items_of(session: Session, digest_id: str) -> list[Item]:
    """What a digest tells, as the changes stand now."""
    statement = (
        select(DeliveryRow, NoticeRow)
        .join(NoticeRow, col(NoticeRow.id) == col(DeliveryRow.notice_id))
        .join(DigestItemRow, col(DigestItemRow.delivery_id) == col(DeliveryRow.id))
        .where(col(DigestItemRow.digest_id) == digest_id)
    )
    told = session.execute(statement).all()
    changes = _changes(session, [_change_id(notice) for _, notice in told if notice.kind in _OF_CHANGES])
    return [_item(delivery, notice, changes.get(_change_id(notice))) for delivery, notice in told]


def _due_items(keys: Sequence[Key], now: datetime) -> Any:
    return (
        select(DeliveryRow, NoticeRow)
        .join(NoticeRow, col(NoticeRow.id) == col(DeliveryRow.notice_id))
        .where(
            text(HELD),
            col(DeliveryRow.due_at) <= now,
            tuple_(col(DeliveryRow.endpoint_id), col(DeliveryRow.cadence)).in_(keys),
        )
        .order_by(col(DeliveryRow.endpoint_id), col(DeliveryRow.cadence), col(DeliveryRow.created_at))
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )


def _watchers(session: Session, endpoint_ids: Iterable[str]) -> dict[str, Watcher]:
    statement = (
        select(EndpointRow, AccountRow)
        .join(AccountRow, col(AccountRow.id) == col(EndpointRow.account_id))
        .where(col(EndpointRow.id).in_(sorted(endpoint_ids)))
    )
    return {
        endpoint.id: Watcher(
            endpoint.id,
            account.id,
            Channel(endpoint.kind),
            EndpointState(endpoint.state),
            account.plan,
            account.timezone,
            (),
            QuietHours.parse(account.quiet_hours) if account.quiet_hours else None,
        )
        for endpoint, account in session.execute(statement)
    }


def _changes(session: Session, change_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """What digests say of changes; their reports stay where they are."""
    statement: Any = (
        select(
            col(ChangeRow.id),
            col(ChangeRow.severity),
            col(ChangeRow.direction),
            col(ChangeRow.headline),
            col(ChangeRow.status),
            col(ChangeRow.detected_at),
            col(DocumentRow.id).label("document_id"),
            col(DocumentRow.type).label("document_type"),
            col(DocumentRow.url),
            col(PlatformRow.slug).label("platform_slug"),
            col(PlatformRow.name).label("platform_name"),
        )
        .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
        .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    )
    found: dict[str, Row[Any]] = {}
    for some in portions(sorted(set(change_ids))):
        found |= {row.id: row for row in session.execute(statement.where(col(ChangeRow.id).in_(some)))}
    return found


def _change_id(notice: NoticeRow) -> str:
    return notice.subject.rpartition(":")[2]


def _item(delivery: DeliveryRow, notice: NoticeRow, change: Row[Any] | None) -> Item:
    return Item(
        delivery.id,
        notice.id,
        NoticeKind(notice.kind),
        notice.document_id,
        notice.data,
        delivery.reason or "",
        delivery.due_at,
        delivery.created_at,
        change,
    )


def portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many ids at a time as one statement names."""
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
