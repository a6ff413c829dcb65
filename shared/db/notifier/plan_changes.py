"""An account's plan is changed: what is over it is paused, what fits again comes back, and its owner is told once."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.db.notifier.accounts import let_go
from shared.db.notifier.owners import tell_owner
from shared.db.notifier.records import NewNotice
from shared.db.session import Database
from shared.db.tables import (
    AccountRow,
    DocumentRow,
    EndpointRow,
    PlatformRow,
    SubscriptionEndpointRow,
    SubscriptionRow,
    SubscriptionTermRow,
)
from shared.domain.deliveries import Channel, EndpointState, Reason
from shared.domain.downgrades import Fitting, Holdings, OwnedEndpoint, OwnedSubscription, fitted, over_limit
from shared.domain.notices import NoticeKind, plan_subject
from shared.domain.plans import plan_named
from shared.domain.subscriptions import Cadence, TermKind
from shared.ids import new_id

_PUSH = [channel.value for channel in Channel if channel.is_push]


class PlanStore:
    """Changes plans, and lets back what a plan has room for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, account_id: str, plan: str, now: datetime) -> Fitting | None:
        """Put an account on a plan and bring what it has into that plan's limits; None for an unknown account.

        Its owner is told where something was paused or slowed.
        """
        with self._database.transaction() as session:
            account = session.get(AccountRow, account_id, with_for_update={"key_share": True})
            if account is None:
                return None
            was, account.plan = account.plan, plan
            session.add(account)
            session.flush()
            fitting = fitted(plan_named(plan), _holdings(session, account_id))
            _carry_out(session, fitting, now)
            counts = Counter(reason.value for reason in fitting.paused.values())
            if fitting.slowed and was != plan:
                counts[Reason.PLAN_CADENCE.value] = len(fitting.slowed)
            if counts:
                data = {"phase": "changed", "plan": plan, "was": was, "counts": dict(counts)}
                subject = plan_subject(account_id, now.isoformat())
                tell_owner(session, account_id, NewNotice(NoticeKind.PLAN, subject, new_id("cor"), data=data), now)
            return fitting

    def resume(self, account_id: str, subscription_id: str) -> Reason | None:
        """Make a subscription active again, unless the plan has no room for it: then why not."""
        with self._database.transaction() as session:
            account = session.get_one(AccountRow, account_id, with_for_update={"key_share": True})
            _set_subscriptions(session, {subscription_id: None})
            refused = over_limit(plan_named(account.plan), _holdings(session, account_id)).get(subscription_id)
            if refused:
                _set_subscriptions(session, {subscription_id: refused})
            return refused


def _carry_out(session: Session, fitting: Fitting, now: datetime) -> None:
    changed: dict[str, Reason | None] = {**dict.fromkeys(fitting.resumed), **fitting.paused}
    _set_subscriptions(session, changed)
    paused, active = EndpointState.PAUSED.value, EndpointState.ACTIVE.value
    for endpoint_id, reason in sorted(changed.items()):
        found = session.execute(
            update(EndpointRow)
            .where(col(EndpointRow.id) == endpoint_id)
            .values(state=paused if reason else active, reason=reason.value if reason else None)
        )
        if found.rowcount and not reason:  # type: ignore[attr-defined]
            let_go(session, endpoint_id, now)


def _set_subscriptions(session: Session, changed: Mapping[str, Reason | None]) -> None:
    """Pause them for these reasons; active again for none."""
    for subscription_id, reason in sorted(changed.items()):
        values = {"state": "paused" if reason else "active", "reason": reason.value if reason else None}
        session.execute(update(SubscriptionRow).where(col(SubscriptionRow.id) == subscription_id).values(**values))


def _holdings(session: Session, account_id: str) -> Holdings:
    mine = col(SubscriptionRow.account_id) == account_id
    rows = session.scalars(select(SubscriptionRow).where(mine).execution_options(populate_existing=True)).all()
    platforms, inside, channels = _terms(session, account_id), set[str](), defaultdict[str, set[Channel]](set)
    by_provision = select(col(SubscriptionTermRow.subscription_id)).where(
        col(SubscriptionTermRow.kind).in_([TermKind.CATEGORY.value, TermKind.PROVISION.value])
    )
    inside.update(session.scalars(by_provision.join(SubscriptionRow).where(mine)))
    told = (
        select(col(SubscriptionEndpointRow.subscription_id), col(EndpointRow.kind))
        .join(EndpointRow, col(EndpointRow.id) == col(SubscriptionEndpointRow.endpoint_id))
        .where(col(EndpointRow.account_id) == account_id)
    )
    for subscription_id, kind in session.execute(told):
        channels[subscription_id].add(Channel(kind))
    subscriptions = [
        OwnedSubscription(
            id=row.id,
            platforms=frozenset(platforms[row.id]),
            by_provision=row.id in inside,
            cadence=Cadence(row.cadence),
            channels=frozenset(channels[row.id]),
            state=row.state,
            reason=row.reason,
            created_at=row.created_at,
        )
        for row in rows
    ]
    return Holdings(subscriptions, _endpoints(session, account_id))


def _terms(session: Session, account_id: str) -> dict[str, set[str]]:
    """For each subscription, the slugs of the platforms that it names, itself or by a document."""
    named = select(col(SubscriptionTermRow.subscription_id)).join(
        SubscriptionRow, col(SubscriptionRow.id) == col(SubscriptionTermRow.subscription_id)
    )
    named = named.where(col(SubscriptionRow.account_id) == account_id)
    kind, value = col(SubscriptionTermRow.kind), col(SubscriptionTermRow.value)
    direct = named.add_columns(value).where(kind == TermKind.PLATFORM.value)
    by_document = (
        named.join(DocumentRow, col(DocumentRow.id) == value)
        .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
        .add_columns(col(PlatformRow.slug))
        .where(kind == TermKind.DOCUMENT.value)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for statement in (direct, by_document):
        for subscription_id, slug in session.execute(statement):
            found[subscription_id].add(slug)
    return found


def _endpoints(session: Session, account_id: str) -> list[OwnedEndpoint]:
    statement = (
        select(EndpointRow)
        .where(
            col(EndpointRow.account_id) == account_id,
            col(EndpointRow.kind).in_(_PUSH),
            col(EndpointRow.state) != EndpointState.REMOVED.value,
        )
        .order_by(col(EndpointRow.created_at), col(EndpointRow.id))
        .execution_options(populate_existing=True)
    )
    return [OwnedEndpoint(row.id, row.state, row.reason) for row in session.scalars(statement)]
