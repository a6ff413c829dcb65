"""What attempts mean for their endpoint: it fails, recovers or is disabled, and its owner is told of each once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from shared.db.notifier.owners import tell_owner
from shared.db.notifier.records import NewNotice, Result
from shared.db.tables import DeliveryRow, EndpointRow
from shared.domain.deliveries import DeliveryState, EndpointState, Reason
from shared.domain.incidents import Health, Phase, Told, after_failures, after_success
from shared.domain.notices import NoticeKind, incident_subject

_WAITING = [DeliveryState.PENDING.value, DeliveryState.FAILED.value, DeliveryState.AMBIGUOUS.value]
_OUR_FAULT = frozenset({"not-composable", "local"})
"""Outcomes of attempts that never reached the endpoint, and say nothing of it."""

_SILENT = [state.value for state in (EndpointState.DISABLED, EndpointState.REMOVED, EndpointState.UNCONFIRMED)]


def settle_endpoints(session: Session, results: Sequence[Result], now: datetime) -> None:
    """Bring the endpoints of these results up to date; they are locked in one order, so that no two workers deadlock.

    Where some attempts of an endpoint succeeded and some failed, it works.
    """
    by_endpoint: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.outcome not in _OUR_FAULT:
            by_endpoint[result.claim.endpoint_id].append(result)
    reached = {endpoint_id for endpoint_id, own in by_endpoint.items() if any(_arrived(one) for one in own)}
    for endpoint in _concerned(session, reached, by_endpoint.keys() - reached):
        own = by_endpoint[endpoint.id]
        health = _health(endpoint)
        disabling = None if endpoint.id in reached else next((one for one in own if one.disable), None)
        if endpoint.id in reached:
            health, told = after_success(health)
        else:
            health, told = after_failures(health, len(own), disabled=disabling is not None, now=now)
        if disabling:
            _disable(session, endpoint, disabling.disable or Reason.ENDPOINT_DISABLED, now)
        _set_health(endpoint, health)
        session.add(endpoint)
        session.flush()
        if told:
            tell_owner(session, endpoint.account_id, _notice(endpoint, told, own[-1]), now, besides=endpoint.id)


def _arrived(result: Result) -> bool:
    return result.standing.state is DeliveryState.DELIVERED


def _concerned(session: Session, reached: set[str], failed: set[str]) -> Sequence[EndpointRow]:
    """The endpoints that something changes for, locked: any that failed, and those that work again.

    One that is disabled or removed is left as it is: what was in flight then says nothing new. So is an unconfirmed
    one, which nobody hears of, and which must not become one that its owner may enable.
    """
    troubled = or_(col(EndpointRow.failing_since).is_not(None), col(EndpointRow.incident).is_not(None))
    statement = (
        select(EndpointRow)
        .where(
            or_(col(EndpointRow.id).in_(failed), and_(col(EndpointRow.id).in_(reached), troubled)),
            col(EndpointRow.state).not_in(_SILENT),
        )
        .order_by(col(EndpointRow.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).all()


def _health(endpoint: EndpointRow) -> Health:
    told = Phase(endpoint.incident) if endpoint.incident else None
    return Health(endpoint.failing_since, endpoint.failures, told, endpoint.incident_since)


def _set_health(endpoint: EndpointRow, health: Health) -> None:
    endpoint.failing_since, endpoint.failures = health.failing_since, health.failures
    endpoint.incident, endpoint.incident_since = (health.told.value if health.told else None), health.told_since


def _disable(session: Session, endpoint: EndpointRow, reason: Reason, now: datetime) -> None:
    """Disable it, and hold what waits for it."""
    endpoint.state, endpoint.reason = EndpointState.DISABLED.value, reason.value
    session.execute(
        update(DeliveryRow)
        .where(col(DeliveryRow.endpoint_id) == endpoint.id, col(DeliveryRow.state).in_(_WAITING))
        .values(state=DeliveryState.HELD.value, reason=Reason.ENDPOINT_DISABLED.value, due_at=now)
    )


def _notice(endpoint: EndpointRow, told: Told, last: Result) -> NewNotice:
    since = told.since.isoformat()
    return NewNotice(
        kind=NoticeKind.ENDPOINT_INCIDENT,
        subject=incident_subject(endpoint.id, told.phase, since),
        correlation_id=last.claim.notice.correlation_id,
        data={
            "phase": told.phase.value,
            "reason": endpoint.reason if told.phase is Phase.DISABLED else None,
            "since": since,
            "detail": last.error or "",
            "endpoint": {"id": endpoint.id, "kind": endpoint.kind, "address": endpoint.address},
        },
    )
