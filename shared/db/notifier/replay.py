"""Deliveries made due again, many at once: what an owner asks for after their receiver was away or lost something."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlmodel import col

from shared.db.notifier.digests import revive_items
from shared.db.session import Database
from shared.db.tables import DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, DeliveryState

UNDELIVERED = frozenset({DeliveryState.FAILED, DeliveryState.AMBIGUOUS, DeliveryState.DEAD})
"""Tried, and not known to have arrived."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries of an account are sent again.

    No endpoint means all of them, no `since` (a delivery's making) all times. Delivered ones go to webhooks alone,
    whose receivers know a repeat by its id; a person would read the same alert twice.
    """

    account_id: str
    states: Collection[DeliveryState]
    endpoint_id: str | None = None
    since: datetime | None = None


def replay_many(database: Database, wanted: Wanted, now: datetime) -> int:
    """Make deliveries due now, with the same ids and words: how many.

    What is held, skipped, withdrawn or on its way is left alone, and what a digest told is not told singly.
    """
    webhooks = select(col(EndpointRow.id)).where(
        col(EndpointRow.account_id) == wanted.account_id, col(EndpointRow.kind) == Channel.WEBHOOK.value
    )
    repeatable: list[ColumnElement[bool]] = [
        col(DeliveryRow.state).in_([state.value for state in set(wanted.states) & UNDELIVERED])
    ]
    if DeliveryState.DELIVERED in wanted.states:
        repeatable.append(
            and_(
                col(DeliveryRow.state) == DeliveryState.DELIVERED.value,
                col(DeliveryRow.body_sha256).is_not(None),
                col(DeliveryRow.endpoint_id).in_(webhooks),
            )
        )
    withdrawn = select(col(NoticeRow.id)).where(col(NoticeRow.revision).is_not(None))
    chosen: list[ColumnElement[bool]] = [
        col(DeliveryRow.account_id) == wanted.account_id,
        or_(*repeatable),
        col(DeliveryRow.notice_id).not_in(withdrawn),
    ]
    if wanted.endpoint_id is not None:
        chosen.append(col(DeliveryRow.endpoint_id) == wanted.endpoint_id)
    if wanted.since is not None:
        chosen.append(col(DeliveryRow.created_at) >= wanted.since)
    again = (
        update(DeliveryRow)
        .where(*chosen)
        .values(
            state=DeliveryState.PENDING.value,
            reason=None,
            due_at=now,
            claims=col(DeliveryRow.attempts),
            settled_at=None,
        )
    )
    with database.transaction() as session:
        revive_items(session, select(col(DeliveryRow.id)).where(*chosen))
        return int(session.execute(again, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]
