"""Accounts, endpoints, subscriptions, and what their owners may see and do about deliveries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, update
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.digests import revive_items
from shared.db.notifier.records import NewNotice
from shared.db.notifier.suppressions import lift
from shared.db.notifier.telling import add_notice, delivery_values
from shared.db.notifier.terms import wanted_by
from shared.db.notifier.usage import usage_of_one
from shared.db.session import Database
from shared.db.tables import (
    AccountRow,
    AttemptRow,
    DeliveryRow,
    EndpointRow,
    NoticeRow,
    SubscriptionEndpointRow,
    SubscriptionRow,
    SubscriptionTermRow,
)
from shared.db.upsert import insert_missing
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, IllegalMove, Reason, Standing, replayed
from shared.domain.fanout import Opening, Watcher
from shared.domain.plans import Usage
from shared.domain.subscriptions import Cadence, Subscription
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A delivery as its owner sees it."""

    id: str
    notice_kind: str
    subject: str
    channel: str
    endpoint_id: str
    address: str
    state: str
    reason: str | None
    cadence: str
    attempts: int
    due_at: datetime
    created_at: datetime
    settled_at: datetime | None


_ENDPOINTS = (
    select(EndpointRow)
    .where(
        col(EndpointRow.account_id) == bindparam("account_id"),
        col(EndpointRow.state) != EndpointState.REMOVED.value,
    )
    .order_by(col(EndpointRow.created_at), col(EndpointRow.id))
)
_SUBSCRIPTIONS = (
    select(SubscriptionRow)
    .where(col(SubscriptionRow.account_id) == bindparam("account_id"))
    .order_by(col(SubscriptionRow.created_at), col(SubscriptionRow.id))
)
_DELIVERIES: Select[*tuple[Any, ...]] = (
    select(
        col(DeliveryRow.id),
        col(NoticeRow.kind),
        col(NoticeRow.subject),
        col(EndpointRow.kind),
        col(EndpointRow.id),
        col(EndpointRow.address),
        col(DeliveryRow.state),
        col(DeliveryRow.reason),
        col(DeliveryRow.cadence),
        col(DeliveryRow.attempts),
        col(DeliveryRow.due_at),
        col(DeliveryRow.created_at),
        col(DeliveryRow.settled_at),
    )
    .join(NoticeRow, col(NoticeRow.id) == col(DeliveryRow.notice_id))
    .join(EndpointRow, col(EndpointRow.id) == col(DeliveryRow.endpoint_id))
    .order_by(col(DeliveryRow.created_at).desc(), col(DeliveryRow.id))
)
"""As `ListedDelivery` has it: a notice's data, which may be a whole report, is not read."""


class AccountStore:
    """Reads and writes what accounts own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure_account(self, account_id: str, name: str, plan: str, now: datetime, *, timezone: str = "UTC") -> bool:
        """Create an account unless it is there; whether it was created."""
        values = {"id": account_id, "name": name, "plan": plan, "timezone": timezone, "created_at": now}
        with self._database.transaction() as session:
            return insert_missing(session, AccountRow, values)

    def account(self, account_id: str) -> AccountRow | None:
        """The account; None where there is none of that id."""
        with self._database.reading() as session:
            return session.get(AccountRow, account_id)

    def usage(self, account_id: str, *, besides: str = "") -> Usage:
        """What the account uses of its plan, beside what the one subscription of that id does."""
        with self._database.reading() as session:
            return usage_of_one(session, account_id, besides=besides)

    def add_endpoint(
        self, account_id: str, channel: Channel, address: str, sealed_secret: str | None, now: datetime
    ) -> tuple[EndpointRow, bool]:
        """The endpoint at that address, and whether it is new; one that was there keeps its secret."""
        with self._database.transaction() as session:
            return insert_endpoint(session, account_id, channel, address, sealed_secret, now)

    def endpoints(self, account_id: str) -> list[EndpointRow]:
        """An account's endpoints, oldest first, without those that were removed."""
        with self._database.reading() as session:
            return list(session.scalars(_ENDPOINTS, {"account_id": account_id}))

    def set_endpoint_state(self, endpoint_id: str, state: EndpointState, now: datetime) -> int | None:
        """Pause, enable or disable by hand. Enabling lets go what waited for it: how many; None for an unknown id."""
        values: dict[str, Any] = {"state": state.value, "reason": None}
        if state is EndpointState.ACTIVE:
            values |= {"failing_since": None, "failures": 0}
        with self._database.transaction() as session:
            there = (col(EndpointRow.id) == endpoint_id, col(EndpointRow.state) != EndpointState.REMOVED.value)
            changed = session.execute(update(EndpointRow).where(*there).values(**values))
            if not changed.rowcount:  # type: ignore[attr-defined]
                return None
            if state is not EndpointState.ACTIVE:
                return 0
            lift(session, endpoint_id, by_reader=False)
            return let_go(session, endpoint_id, now)

    def subscribe(
        self, account_id: str, subscription: Subscription, endpoint_ids: Collection[str], now: datetime
    ) -> str:
        """Store a subscription that tells these endpoints; its id."""
        row = SubscriptionRow(
            id=new_id("sub"),
            account_id=account_id,
            min_severity=subscription.minimum_severity,
            cadence=subscription.cadence.value,
            created_at=now,
        )
        with self._database.transaction() as session:
            session.add(row)
            session.flush()
            session.add_all(
                SubscriptionTermRow(subscription_id=row.id, kind=kind.value, value=value)
                for kind, value in subscription.terms()
            )
            session.add_all(
                SubscriptionEndpointRow(subscription_id=row.id, endpoint_id=endpoint_id)
                for endpoint_id in sorted(set(endpoint_ids))
            )
        return row.id

    def subscriptions(self, account_id: str) -> list[tuple[SubscriptionRow, Subscription]]:
        """An account's subscriptions, oldest first."""
        with self._database.reading() as session:
            rows = list(session.scalars(_SUBSCRIPTIONS, {"account_id": account_id}))
            return [(row, wanted) for row, wanted in zip(rows, wanted_by(session, rows), strict=True)]

    def send_notice(self, endpoint: EndpointRow, notice: NewNotice, now: datetime) -> str:
        """Tell one endpoint, whatever it subscribes to; the delivery's id."""
        watcher = Watcher(
            endpoint.id,
            endpoint.account_id,
            Channel(endpoint.kind),
            EndpointState(endpoint.state),
            plan="",
            timezone="UTC",
            matches=(),
        )
        due = Opening(Standing(DeliveryState.PENDING, now), Cadence.IMMEDIATE)
        with self._database.transaction() as session:
            notice_id = add_notice(session, notice, now)
            values = delivery_values(notice_id, watcher, due, charged=notice.kind.is_charged, now=now)
            insert_missing_many(session, DeliveryRow, [values])
        return str(values["id"])

    def deliveries(
        self,
        account_id: str | None = None,
        *,
        states: Collection[str] = (),
        reference: str = "",
        endpoint_id: str | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 100,
    ) -> list[ListedDelivery]:
        """Deliveries, newest first; of one account or of all, in these states or in any, with ids that begin so.

        `after` is the making and the id of the last one of the page before.
        """
        statement = _DELIVERIES.limit(limit)
        if account_id is not None:
            statement = statement.where(col(DeliveryRow.account_id) == account_id)
        if states:
            statement = statement.where(col(DeliveryRow.state).in_(states))
        if endpoint_id is not None:
            statement = statement.where(col(DeliveryRow.endpoint_id) == endpoint_id)
        if after:
            made, last = col(DeliveryRow.created_at), after[1]
            statement = statement.where(or_(made < after[0], and_(made == after[0], col(DeliveryRow.id) > last)))
        if reference:
            statement = statement.where(col(DeliveryRow.id).startswith(reference, autoescape=True))
        with self._database.reading() as session:
            return [ListedDelivery(*row) for row in session.execute(statement)]

    def attempts(self, delivery_id: str) -> Sequence[AttemptRow]:
        """Every try at a delivery, in order."""
        statement = select(AttemptRow).where(col(AttemptRow.delivery_id) == delivery_id)
        with self._database.reading() as session:
            return session.scalars(statement.order_by(col(AttemptRow.n))).all()

    def replay(self, delivery_id: str, now: datetime) -> Standing | None:
        """Make a delivery due at once; None for an unknown id, IllegalMove where there is nothing to repeat.

        It keeps its id and its words, so a receiver knows it for the same.
        """
        with self._database.transaction() as session:
            row = session.scalars(
                select(DeliveryRow).where(col(DeliveryRow.id) == delivery_id).with_for_update()
            ).one_or_none()
            if row is None:
                return None
            if session.get_one(NoticeRow, row.notice_id).revision:
                raise IllegalMove("what it told was corrected or retracted since")
            standing = replayed(Standing(DeliveryState(row.state), row.due_at, row.reason), now)
            row.state, row.reason, row.due_at = standing.state.value, None, standing.due_at
            row.claims, row.settled_at = row.attempts, None
            session.add(row)
            revive_items(session, [row.id])
            return standing


def insert_endpoint(
    session: Session,
    account_id: str,
    channel: Channel,
    address: str,
    sealed_secret: str | None,
    now: datetime,
    *,
    state: EndpointState = EndpointState.ACTIVE,
) -> tuple[EndpointRow, bool]:
    """The endpoint at that address, and whether it is new; one that was there stays as it was.

    A mailbox that only got links that sign its reader in (`shared.db.identity.mailing`) is new where it is wanted.
    """
    values = {
        "id": new_id("ep"),
        "account_id": account_id,
        "kind": channel.value,
        "address": address,
        "secret": sealed_secret,
        "state": state.value,
        "created_at": now,
    }
    same = (
        col(EndpointRow.account_id) == account_id,
        col(EndpointRow.kind) == channel.value,
        col(EndpointRow.address) == address,
    )
    created = insert_missing(session, EndpointRow, values)
    row = session.scalars(select(EndpointRow).where(*same)).one()
    if not created and row.state == EndpointState.REMOVED and state is not EndpointState.REMOVED:
        row.state, row.secret, row.created_at = state.value, sealed_secret, now
        session.add(row)
        created = True
    return row, created


def let_go(session: Session, endpoint_id: str, now: datetime) -> int:
    """Make due what was held because its endpoint could not be told; how many deliveries that are."""
    released = session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.endpoint_id) == endpoint_id,
            col(DeliveryRow.state) == DeliveryState.HELD.value,
            or_(col(DeliveryRow.reason).startswith("endpoint-"), col(DeliveryRow.reason) == Reason.SUPPRESSED.value),
        )
        .values(state=DeliveryState.PENDING.value, reason=None, due_at=now)
    )
    return int(released.rowcount)  # type: ignore[attr-defined]
