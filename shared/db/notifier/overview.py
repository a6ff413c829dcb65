"""What an account's people look at first: what its plan held back, what waits, digests, and how deliveries went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import bindparam, func, select
from sqlmodel import col

from shared.db.notifier.usage import usage_of_one
from shared.db.session import Database
from shared.db.tables import AccountRow, AttemptRow, DeliveryRow, DigestRow, EndpointRow, HeldBackRow, QuotaRow
from shared.domain.deliveries import DeliveryState
from shared.domain.plans import Usage


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


@dataclass(frozen=True, slots=True)
class Used:
    """An account, what it uses of its plan, and how many of its day's deliveries."""

    account: AccountRow
    usage: Usage
    today: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was held back of the weeks that the owner was not told of yet, what waits, and the newest digests."""

    held: list[HeldBack]
    waiting: list[Waiting]
    digests: list[SentDigest]


_SOONEST = func.min(col(DeliveryRow.due_at))
_HELD = (
    select(col(HeldBackRow.week), col(HeldBackRow.reason), col(HeldBackRow.platform), col(HeldBackRow.count))
    .where(col(HeldBackRow.account_id) == bindparam("account_id"))
    .order_by(col(HeldBackRow.week).desc(), col(HeldBackRow.reason), col(HeldBackRow.platform))
)
_WAITING = (
    select(col(EndpointRow.address), col(DeliveryRow.reason), func.count(), _SOONEST)
    .join(EndpointRow, col(EndpointRow.id) == col(DeliveryRow.endpoint_id))
    .where(col(DeliveryRow.account_id) == bindparam("account_id"), col(DeliveryRow.state) == DeliveryState.HELD.value)
    .group_by(col(EndpointRow.address), col(DeliveryRow.reason))
    .order_by(_SOONEST)
)
_DIGESTS = (
    select(col(DigestRow.id), col(EndpointRow.address), col(DigestRow.cadence), col(DigestRow.ends_at))
    .join(EndpointRow, col(EndpointRow.id) == col(DigestRow.endpoint_id))
    .where(col(EndpointRow.account_id) == bindparam("account_id"))
    .order_by(col(DigestRow.created_at).desc(), col(DigestRow.id))
    .limit(bindparam("most"))
)
_TODAY = select(col(QuotaRow.used)).where(
    col(QuotaRow.account_id) == bindparam("account_id"), col(QuotaRow.day) == bindparam("day")
)


class Overview:
    """Reads it, each part in one session: they stand on pages that many look at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def used(self, account_id: str, now: datetime) -> Used | None:
        """None where there is no such account; the day is by UTC."""
        values = {"account_id": account_id, "day": now.astimezone(UTC).date()}
        with self._database.reading() as session:
            account = session.get(AccountRow, account_id)
            if account is None:
                return None
            return Used(account, usage_of_one(session, account_id), session.scalar(_TODAY, values) or 0)

    def outlook(self, account_id: str, digests: int) -> Outlook:
        """Held back by reason and platform, waiting by endpoint and reason, the soonest first; so many digests."""
        values = {"account_id": account_id, "most": digests}
        with self._database.reading() as session:
            return Outlook(
                [HeldBack(*row) for row in session.execute(_HELD, values)],
                [Waiting(*row) for row in session.execute(_WAITING, values)],
                [SentDigest(*row) for row in session.execute(_DIGESTS, values)],
            )

    def attempts(self, delivery_ids: Collection[str]) -> dict[str, list[AttemptRow]]:
        """Every try at each of these deliveries, in order; none for one that was not tried."""
        query = select(AttemptRow).where(col(AttemptRow.delivery_id).in_(delivery_ids)).order_by(col(AttemptRow.n))
        found: dict[str, list[AttemptRow]] = {one: [] for one in delivery_ids}
        with self._database.reading() as session:
            for row in session.scalars(query):
                found[row.delivery_id].append(row)
        return found
