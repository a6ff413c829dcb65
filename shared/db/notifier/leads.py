"""What endpoints were told lately of one platform, each by its own message: what a change may be grouped with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.among import among
from shared.db.tables import ChangeRow, DeliveryRow, DocumentRow, NoticeRow, PlatformRow
from shared.domain.deliveries import CLAIMABLE, Channel, DeliveryState
from shared.domain.fanout import Watcher
from shared.domain.grouping import Lead
from shared.domain.notices import NoticeKind, change_subject
from shared.domain.subscriptions import Cadence

_TOLD = [state.value for state in (*sorted(CLAIMABLE), DeliveryState.DELIVERED)]
_QUIET_AT_MOST = timedelta(days=1)


def tell_one_at_a_time(session: Session, platform: str) -> None:
    """Wait for whoever tells of this platform just now, so that two changes at once do not both come first.

    The lock leaves the platform free to be referred to. SQLite has one writer at a time anyway.
    """
    mine = select(col(PlatformRow.id)).where(col(PlatformRow.slug) == platform)
    session.execute(mine.with_for_update(key_share=True))


def with_leads(
    session: Session, watchers: Sequence[Watcher], platform: str, now: datetime, window: timedelta
) -> list[Watcher]:
    """The same watchers; those who are people know what they were told of the platform within the window."""
    people = [watcher for watcher in watchers if watcher.channel is not Channel.WEBHOOK]
    quiet = any(watcher.quiet for watcher in people)
    severities = (
        _lately(session, platform, now - window - (_QUIET_AT_MOST if quiet else timedelta(0))) if people else {}
    )
    if not severities:
        return list(watchers)
    told = select(col(DeliveryRow.endpoint_id), col(DeliveryRow.notice_id), col(DeliveryRow.created_at)).where(
        col(DeliveryRow.notice_id).in_(severities),
        among(session, [watcher.endpoint_id for watcher in people], col(DeliveryRow.endpoint_id)),
        col(DeliveryRow.cadence) == Cadence.IMMEDIATE.value,
        col(DeliveryRow.state).in_(_TOLD),
    )
    leads: dict[str, list[Lead]] = defaultdict(list)
    for endpoint_id, notice_id, created_at in session.execute(told):
        leads[endpoint_id].append(Lead(created_at, severities[notice_id]))
    return [replace(watcher, leads=tuple(leads.get(watcher.endpoint_id, ()))) for watcher in watchers]


def _lately(session: Session, platform: str, since: datetime) -> dict[str, str]:
    """The platform's changes that were announced since then: severity by notice."""
    statement = (
        select(col(NoticeRow.id), col(ChangeRow.severity))
        .join(DocumentRow, col(DocumentRow.id) == col(NoticeRow.document_id))
        .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
        .join(
            ChangeRow,
            (col(ChangeRow.document_id) == col(NoticeRow.document_id))
            & (change_subject("") + col(ChangeRow.id) == col(NoticeRow.subject)),
        )
        .where(
            col(PlatformRow.slug) == platform,
            col(NoticeRow.kind) == NoticeKind.CHANGE_DETECTED.value,
            col(NoticeRow.created_at) >= since,
        )
    )
    return dict(session.execute(statement).all())
