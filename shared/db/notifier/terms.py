"""What stored subscriptions want."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from shared.db.tables import SubscriptionRow, SubscriptionTermRow
from shared.domain.subscriptions import Cadence, Subscription


def wanted_by(session: Session, rows: Sequence[SubscriptionRow]) -> list[Subscription]:
    """What each of them wants, in their order; one query for all."""
    if not rows:
        return []
    terms = SubscriptionTermRow
    query = select(col(terms.subscription_id), col(terms.kind), col(terms.value))
    found: dict[str, list[tuple[str, str]]] = {row.id: [] for row in rows}
    for subscription_id, kind, value in session.execute(query.where(col(terms.subscription_id).in_(found))):
        found[subscription_id].append((kind, value))
    return [_subscription(row, found[row.id]) for row in rows]


def _subscription(row: SubscriptionRow, terms: Collection[tuple[str, str]]) -> Subscription:
    def of(kind: str) -> frozenset[str]:
        return frozenset(value for named, value in terms if named == kind)

    return Subscription(
        platforms=of("platform"),
        documents=of("document"),
        document_types=of("type"),
        categories=of("category"),
        provisions=of("provision"),
        directions=of("direction"),
        minimum_severity=row.min_severity,
        cadence=Cadence(row.cadence),
    )
