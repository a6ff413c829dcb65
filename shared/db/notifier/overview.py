"""What an account's people look at first: what its plan held back, what waits, digests, and how deliveries went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import AttemptRow, DeliveryRow, DigestRow, EndpointRow, HeldBackRow
from shared.domain.deliveries import DeliveryState


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Deliveries that the plan did not include: how many, why, and of which platform (slug), in which week."""

    week: date
    reason: str
    platform: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Deliveries that are kept back for now: how many, why, for which endpoint, and until when at the earliest."""

    address: str
    reason: str | None
    count: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A digest that was made for an endpoint."""

    id: str
    address: str
    cadence: str
    ends_at: datetime


class Overview:
    """Reads it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held_back(self, account_id: str) -> list[HeldBack]:
        """By reason and platform, of the weeks that the owner was not told of yet."""
        rows = HeldBackRow
        query = select(rows).where(col(rows.account_id) == account_id)
        with self._database.reading() as session:
            found = session.scalars(query.order_by(col(rows.week).desc(), col(rows.reason), col(rows.platform)))
            return [HeldBack(row.week, row.reason, row.platform, row.count) for row in found]

    def waiting(self, account_id: str) -> list[Waiting]:
        """By endpoint and reason, the soonest first."""
        due = func.min(col(DeliveryRow.due_at))
        query = (
            select(col(EndpointRow.address), col(DeliveryRow.reason), func.count(), due)
            .join(EndpointRow, col(EndpointRow.id) == col(DeliveryRow.endpoint_id))
            .where(col(DeliveryRow.account_id) == account_id, col(DeliveryRow.state) == DeliveryState.HELD.value)
            .group_by(col(EndpointRow.address), col(DeliveryRow.reason))
            .order_by(due)
        )
        with self._database.reading() as session:
            return [Waiting(*row) for row in session.execute(query)]

    def digests(self, account_id: str, limit: int) -> list[SentDigest]:
        """The newest ones."""
        query = (
            select(col(DigestRow.id), col(EndpointRow.address), col(DigestRow.cadence), col(DigestRow.ends_at))
            .join(EndpointRow, col(EndpointRow.id) == col(DigestRow.endpoint_id))
            .where(col(EndpointRow.account_id) == account_id)
            .order_by(col(DigestRow.created_at).desc(), col(DigestRow.id))
            .limit(limit)
        )
        with self._database.reading() as session:
            return [SentDigest(*row) for row in session.execute(query)]

    def attempts(self, delivery_ids: Collection[str]) -> dict[str, list[AttemptRow]]:
        """Every try at each of these deliveries, in order; none for one that was not tried."""
        query = select(AttemptRow).where(col(AttemptRow.delivery_id).in_(delivery_ids)).order_by(col(AttemptRow.n))
        found: dict[str, list[AttemptRow]] = {one: [] for one in delivery_ids}
        with self._database.reading() as session:
            for row in session.scalars(query):
                found[row.delivery_id].append(row)
        return found
