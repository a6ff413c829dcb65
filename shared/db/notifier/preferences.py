"""What one endpoint is told, as its reader changes it; what tells other endpoints too stays as it is for them."""

from enum import StrEnum

from sqlalchemy import Select, delete, func, select
from sqlmodel import Session, col

from shared.db.session import Database
from shared.db.tables import SubscriptionEndpointRow, SubscriptionRow, SubscriptionTermRow
from shared.ids import new_id

BY_READER = "paused-by-reader"
"""Why a subscription is paused that its reader may resume; what a plan paused, its owner may."""


class Wish(StrEnum):
    """What a reader may ask for."""

    PAUSE = "pause"
    RESUME = "resume"
    SEVERITY = "severity"
    LEAVE = "leave"


class Preferences:
    """Reads and writes the subscriptions of one endpoint; whose it is was proven by the link."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscriptions(self, endpoint_id: str) -> list[tuple[SubscriptionRow, list[str]]]:
        """The subscriptions that tell the endpoint, oldest first, each with what it names."""
        with self._database.reading() as session:
            rows = session.scalars(
                _telling(endpoint_id).order_by(col(SubscriptionRow.created_at), col(SubscriptionRow.id))
            ).all()
            return [(row, sorted(f"{term.kind}: {term.value}" for term in _terms(session, row.id))) for row in rows]

    def change(self, endpoint_id: str, subscription_id: str, wish: Wish, severity: str = "low") -> bool:
        """Do as the reader wishes; False where the subscription does not tell the endpoint, or is not theirs to resume.

        `severity` is the new minimum where that is the wish.
        """
        with self._database.transaction() as session:
            mine = _telling(endpoint_id).where(col(SubscriptionRow.id) == subscription_id).with_for_update()
            row = session.scalars(mine).one_or_none()
            if row is None or (wish is Wish.RESUME and row.reason != BY_READER):
                return False
            row = _own(session, row, endpoint_id)
            if wish is Wish.LEAVE:
                _remove(session, row)
                return True
            if wish is Wish.SEVERITY:
                row.min_severity = severity
            elif wish is Wish.RESUME:
                row.state, row.reason = "active", None
            elif row.state == "active":
                row.state, row.reason = "paused", BY_READER
            session.add(row)
            return True


def _telling(endpoint_id: str) -> Select[SubscriptionRow]:
    return (
        select(SubscriptionRow)
        .join(SubscriptionEndpointRow, col(SubscriptionEndpointRow.subscription_id) == col(SubscriptionRow.id))
        .where(col(SubscriptionEndpointRow.endpoint_id) == endpoint_id)
    )


def _terms(session: Session, subscription_id: str) -> list[SubscriptionTermRow]:
    query = select(SubscriptionTermRow).where(col(SubscriptionTermRow.subscription_id) == subscription_id)
    return list(session.scalars(query))


def _own(session: Session, row: SubscriptionRow, endpoint_id: str) -> SubscriptionRow:
    """The subscription, or a copy for this endpoint alone where it tells others too."""
    links = col(SubscriptionEndpointRow.subscription_id) == row.id
    told = session.scalars(select(func.count()).select_from(SubscriptionEndpointRow).where(links)).one()
    if told == 1:
        return row
    copy = SubscriptionRow(**{**row.model_dump(), "id": new_id("sub")})
    session.add(copy)
    session.flush()
    session.add_all(
        SubscriptionTermRow(subscription_id=copy.id, kind=term.kind, value=term.value)
        for term in _terms(session, row.id)
    )
    session.execute(
        delete(SubscriptionEndpointRow).where(links, col(SubscriptionEndpointRow.endpoint_id) == endpoint_id)
    )
    session.add(SubscriptionEndpointRow(subscription_id=copy.id, endpoint_id=endpoint_id))
    session.flush()
    return copy


def _remove(session: Session, row: SubscriptionRow) -> None:
    for table in (SubscriptionTermRow, SubscriptionEndpointRow):
        session.execute(delete(table).where(col(table.subscription_id) == row.id))
    session.execute(delete(SubscriptionRow).where(col(SubscriptionRow.id) == row.id))
