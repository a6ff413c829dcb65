"""What accounts use of their plans."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union_all
from sqlmodel import Session, col

from shared.db.among import among, not_by_index
from shared.db.tables import DocumentRow, EndpointRow, PlatformRow, SubscriptionRow, SubscriptionTermRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.plans import Usage
from shared.domain.subscriptions import TermKind

_PUSH = [channel.value for channel in Channel if channel.is_push]


def usage_of(
    session: Session, account_ids: Collection[str], *, unlimited: Collection[str] = (), besides: str = ""
) -> dict[str, Usage]:
    """For each account, the platforms that its active subscriptions name and its push endpoints, oldest first.

    Nobody counts the platforms of `unlimited` accounts: theirs are left empty. Nor what
    the subscription `besides` names.
    """
    counted = set(account_ids).difference(unlimited)
    platforms, endpoints = _platforms(session, counted, besides), _endpoints(session, account_ids)
    return {account_id: Usage(tuple(platforms[account_id]), tuple(endpoints[account_id])) for account_id in account_ids}


def usage_of_one(session: Session, account_id: str, *, besides: str = "") -> Usage:
    """The same of one account, by statements that are put together once: pages ask for it."""
    values = {"account_id": account_id, "besides": besides}
    platforms = [slug for _, slug in session.execute(_PLATFORMS_OF_ONE, values)]
    return Usage(tuple(platforms), tuple(endpoint_id for _, endpoint_id in session.execute(_ENDPOINTS_OF_ONE, values)))


def _platforms(session: Session, account_ids: Collection[str], besides: str) -> dict[str, list[str]]:
    kind = not_by_index(session, col(SubscriptionTermRow.kind))  # which would give the terms of all accounts
    statement = _platforms_named(among(session, account_ids, col(SubscriptionRow.account_id)), kind)
    found: dict[str, list[str]] = defaultdict(list)
    for account_id, slug in session.execute(statement, {"besides": besides}):
        found[account_id].append(slug)
    return found


def _endpoints(session: Session, account_ids: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for account_id, endpoint_id in session.execute(
        _push_endpoints(among(session, account_ids, col(EndpointRow.account_id)))
    ):
        found[account_id].append(endpoint_id)
    return found


def _platforms_named(theirs: ColumnElement[bool], kind: ColumnElement[str]) -> Select[str, str]:
    """A platform counts as named where a subscription names it or one of its documents."""
    term = (
        select(col(SubscriptionRow.account_id), col(SubscriptionRow.created_at))
        .join(SubscriptionTermRow, col(SubscriptionTermRow.subscription_id) == col(SubscriptionRow.id))
        .where(col(SubscriptionRow.state) == "active", col(SubscriptionRow.id) != bindparam("besides"), theirs)
    )
    by_platform = term.add_columns(col(SubscriptionTermRow.value).label("slug")).where(kind == TermKind.PLATFORM.value)
    by_document = (
        term.add_columns(col(PlatformRow.slug).label("slug"))
        .join(DocumentRow, col(DocumentRow.id) == col(SubscriptionTermRow.value))
        .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
        .where(kind == TermKind.DOCUMENT.value)
    )
    named = union_all(by_platform, by_document).subquery()
    since = func.min(named.c.created_at)
    return (
        select(named.c.account_id, named.c.slug)
        .group_by(named.c.account_id, named.c.slug)
        .order_by(since, named.c.slug)
    )


def _push_endpoints(theirs: ColumnElement[bool]) -> Select[str, str]:
    return (
        select(col(EndpointRow.account_id), col(EndpointRow.id))
        .where(col(EndpointRow.kind).in_(_PUSH), col(EndpointRow.state) != EndpointState.REMOVED.value, theirs)
        .order_by(col(EndpointRow.created_at), col(EndpointRow.id))
    )


_PLATFORMS_OF_ONE = _platforms_named(
    col(SubscriptionRow.account_id) == bindparam("account_id"), col(SubscriptionTermRow.kind).concat("")
)
_ENDPOINTS_OF_ONE = _push_endpoints(col(EndpointRow.account_id) == bindparam("account_id"))
