"""Subscriptions that are rewritten or ended, and endpoints that are removed. What was sent stays on record."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from shared.db.session import Database
from shared.db.tables import DeliveryRow, EndpointRow, SubscriptionEndpointRow, SubscriptionRow, SubscriptionTermRow
from shared.domain.deliveries import DeliveryState, EndpointState, Reason
from shared.domain.subscriptions import Subscription

_WAITING = [
    state.value for state in (DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.AMBIGUOUS, DeliveryState.HELD)
]


class Endings:
    """Rewrites and removes what one account owns; another's is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def endpoints_told(self, account_id: str) -> dict[str, list[str]]:
        """For each of an account's subscriptions, the ids of the endpoints that it tells."""
        links = SubscriptionEndpointRow
        mine = (
            select(col(links.subscription_id), col(links.endpoint_id))
            .join(SubscriptionRow, col(SubscriptionRow.id) == col(links.subscription_id))
            .where(col(SubscriptionRow.account_id) == account_id)
            .order_by(col(links.endpoint_id))
        )
        told: dict[str, list[str]] = {}
        with self._database.reading() as session:
            for subscription_id, endpoint_id in session.execute(mine):
                told.setdefault(subscription_id, []).append(endpoint_id)
        return told

    def rewrite_subscription(
        self, account_id: str, subscription_id: str, wanted: Subscription, endpoint_ids: Collection[str]
    ) -> bool:
        """Let a subscription want this and tell these; its state stays. False where the account has none of that id."""
        with self._database.transaction() as session:
            row = _subscription(session, account_id, subscription_id)
            if row is None:
                return False
            row.min_severity, row.cadence = wanted.minimum_severity, wanted.cadence.value
            session.add(row)
            _forget(session, subscription_id)
            session.add_all(
                SubscriptionTermRow(subscription_id=row.id, kind=kind.value, value=value)
                for kind, value in wanted.terms()
            )
            session.add_all(
                SubscriptionEndpointRow(subscription_id=row.id, endpoint_id=one) for one in sorted(set(endpoint_ids))
            )
            return True

    def remove_subscription(self, account_id: str, subscription_id: str) -> bool:
        """End a subscription; what it brought about already is still told. False where there is none."""
        with self._database.transaction() as session:
            row = _subscription(session, account_id, subscription_id)
            if row is None:
                return False
            _forget(session, subscription_id)
            session.delete(row)
            return True

    def remove_endpoint(self, account_id: str, endpoint_id: str, now: datetime) -> bool:
        """Remove an endpoint with its secrets; False where the account has none of that id.

        Subscriptions tell it no more, and what waited for it is cancelled, with that reason. Its row stays behind its
        deliveries, its address marked, so that the same address can be added anew.
        """
        mine = (
            col(EndpointRow.id) == endpoint_id,
            col(EndpointRow.account_id) == account_id,
            col(EndpointRow.state) != EndpointState.REMOVED.value,
        )
        with self._database.transaction() as session:
            row = session.scalars(select(EndpointRow).where(*mine).with_for_update()).one_or_none()
            if row is None:
                return False
            row.state, row.reason, row.incident = EndpointState.REMOVED.value, None, None
            row.secret = row.old_secret = None
            row.address = f"{row.address} (removed {row.id})"
            session.add(row)
            links = SubscriptionEndpointRow
            session.execute(delete(links).where(col(links.endpoint_id) == endpoint_id))
            session.execute(
                update(DeliveryRow)
                .where(col(DeliveryRow.endpoint_id) == endpoint_id, col(DeliveryRow.state).in_(_WAITING))
                .values(state=DeliveryState.CANCELLED.value, reason=Reason.ENDPOINT_REMOVED.value, settled_at=now),
                execution_options={"synchronize_session": False},
            )
            return True


def _subscription(session: Session, account_id: str, subscription_id: str) -> SubscriptionRow | None:
    mine = (col(SubscriptionRow.id) == subscription_id, col(SubscriptionRow.account_id) == account_id)
    return session.scalars(select(SubscriptionRow).where(*mine).with_for_update()).one_or_none()


def _forget(session: Session, subscription_id: str) -> None:
    for table in (SubscriptionTermRow, SubscriptionEndpointRow):
        session.execute(delete(table).where(col(table.subscription_id) == subscription_id))
