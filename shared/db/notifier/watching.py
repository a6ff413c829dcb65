"""Who watches: the endpoints whose subscriptions an event meets, found by set-based SQL, some thousands at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from shared.db.tables import (
    AccountRow,
    EndpointRow,
    MuteRow,
    SubscriptionEndpointRow,
    SubscriptionRow,
    SubscriptionTermRow,
)
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.digests import QuietHours
from shared.domain.fanout import Match, Watcher
from shared.domain.subscriptions import Cadence, ChangeFacts, TermKind, severities_at_or_below, values_of

_CHANNELS = {str(channel): channel for channel in Channel}
_STATES = {str(state): state for state in EndpointState}
_CADENCES = {str(cadence): cadence for cadence in Cadence}
"""A look in a table instead of a call of the enumeration: there is one for every row."""

_INSIDE_DOCUMENTS = (TermKind.CATEGORY, TermKind.PROVISION)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document, as its watchers know it."""

    document_id: str
    document_type: str
    url: str
    platform_slug: str
    platform_name: str


def watchers_after(
    session: Session, audience: ChangeFacts | DocumentFacts, after: str, size: int
) -> tuple[list[Watcher], str | None]:
    """Who watches among the next `size` links of subscriptions to endpoints, in the order of endpoint ids.

    With them the last endpoint that was looked at, to go on after; None where there is nothing behind it. The range is
    fixed before anything is matched, so that every page is a small range of an index, whatever the planner knows.
    """
    endpoint = col(SubscriptionEndpointRow.endpoint_id)
    upto = session.scalar(select(endpoint).where(endpoint > after).order_by(endpoint).limit(1).offset(size - 1))
    statement = _matching(audience).where(endpoint > after).order_by(endpoint, col(SubscriptionRow.id))
    if upto is not None:
        statement = statement.where(endpoint <= upto)
    found = groupby(session.execute(statement), key=lambda row: row.endpoint_id)
    return [_watcher(list(rows)) for _, rows in found], upto


def _watcher(rows: list[Any]) -> Watcher:
    """An endpoint from its matches, one row each."""
    first = rows[0]
    return Watcher(
        endpoint_id=first.endpoint_id,
        account_id=first.account_id,
        channel=_CHANNELS[first.channel],
        state=_STATES[first.state],
        plan=first.plan,
        timezone=first.timezone,
        matches=tuple(Match(_CADENCES[row.cadence], bool(row.by_provision)) for row in rows),
        quiet=QuietHours.parse(first.quiet_hours) if first.quiet_hours else None,
    )


def _matching(audience: ChangeFacts | DocumentFacts) -> Select[Any]:
    """The SQL of `shared.domain.subscriptions.matches`; a condition asks for the document alone."""
    term = aliased(SubscriptionTermRow)
    inside = exists().where(
        col(term.subscription_id) == col(SubscriptionRow.id), col(term.kind).in_([k.value for k in _INSIDE_DOCUMENTS])
    )
    statement: Any = (
        select(
            col(SubscriptionEndpointRow.endpoint_id),
            col(SubscriptionEndpointRow.subscription_id),
            col(SubscriptionRow.cadence),
            col(EndpointRow.account_id),
            col(EndpointRow.kind).label("channel"),
            col(EndpointRow.state),
            col(AccountRow.plan),
            col(AccountRow.timezone),
            col(AccountRow.quiet_hours),
            inside.label("by_provision"),
        )
        .join(SubscriptionRow, col(SubscriptionRow.id) == col(SubscriptionEndpointRow.subscription_id))
        .join(EndpointRow, col(EndpointRow.id) == col(SubscriptionEndpointRow.endpoint_id))
        .join(AccountRow, col(AccountRow.id) == col(EndpointRow.account_id))
        .where(
            col(SubscriptionRow.state) == "active",
            ~exists().where(
                col(MuteRow.account_id) == col(AccountRow.id), col(MuteRow.document_id) == audience.document_id
            ),
        )
    )
    if isinstance(audience, ChangeFacts):
        grave_enough = col(SubscriptionRow.min_severity).in_(severities_at_or_below(audience.severity))
        matching: Select[Any] = statement.where(grave_enough, _meets(values_of(audience)))
        return matching
    asked: Select[Any] = statement.where(
        _meets(
            {
                TermKind.PLATFORM: [audience.platform_slug],
                TermKind.DOCUMENT: [audience.document_id],
                TermKind.TYPE: [audience.document_type],
            }
        )
    )
    return asked


def _meets(facts: Mapping[TermKind, Collection[str]]) -> ColumnElement[bool]:
    """That of every kind here which a subscription names, it names one of these values: as many kinds fit as it names.

    One look at its few terms; PostgreSQL makes no join over all terms of it, as it does of NOT EXISTS.
    """
    term = aliased(SubscriptionTermRow)
    fits = or_(
        false(), *(and_(col(term.kind) == kind.value, col(term.value).in_(values)) for kind, values in facts.items())
    )
    fitting: ColumnElement[str | None] = case((fits, col(term.kind)), else_=None)
    return (
        select(func.count(distinct(col(term.kind))) == func.count(distinct(fitting)))
        .where(
            col(term.subscription_id) == col(SubscriptionRow.id),
            col(term.kind).in_([kind.value for kind in facts]),
        )
        .scalar_subquery()
    )
