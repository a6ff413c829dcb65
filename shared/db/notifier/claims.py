"""Which due deliveries may go out: endpoint, channel, interruptions and quota, each refusal with its reason."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.db.notifier.limits import tell_of_quota
from shared.db.notifier.records import Claim, Notice
from shared.db.notifier.suppressions import suppressed_among
from shared.db.tables import AccountRow, DeliveryRow, EndpointRow, NoticeRow, QuotaRow
from shared.db.upsert import insert_missing
from shared.domain.deliveries import (
    INTERRUPTIONS_ALLOWED,
    Channel,
    DeliveryState,
    EndpointState,
    Reason,
    endpoint_hold,
)
from shared.domain.notices import NoticeKind
from shared.domain.plans import plan_named
from shared.domain.subscriptions import Cadence

Settlement = tuple[DeliveryState, Reason, str | None]
"""State, reason, and the cadence of the digest it goes into, where it does."""


@dataclass(frozen=True, slots=True)
class Due:
    """A due delivery with what decides about it."""

    delivery: DeliveryRow
    endpoint: EndpointRow
    notice: NoticeRow
    ambiguous_before: bool


def admitted(
    session: Session, due: Sequence[Due], channels: Collection[Channel], now: datetime
) -> tuple[list[Due], dict[Settlement, list[str]]]:
    """Those that may go out now, their quota charged, and the ids of the others by how they are settled."""
    turned_away: dict[Settlement, list[str]] = defaultdict(list)
    able: list[Due] = []
    mailboxes = {one.endpoint.address for one in due if one.endpoint.kind == Channel.EMAIL}
    suppressed = suppressed_among(session, mailboxes)
    for one in due:
        refusal = _refusal(one, channels, suppressed)
        if refusal:
            turned_away[refusal].append(one.delivery.id)
        else:
            able.append(one)
    rooms = _charge(session, Counter(one.delivery.account_id for one in able if not one.delivery.counted), now)
    granted = []
    for one in able:
        if not one.delivery.counted:
            if rooms[one.delivery.account_id] == 0:
                over = (DeliveryState.HELD, Reason.QUOTA, Cadence.DAILY.value)
                turned_away[over].append(one.delivery.id)
                continue
            rooms[one.delivery.account_id] -= 1
        granted.append(one)
    return granted, turned_away


def claim_of(one: Due, token: str, lease_until: datetime, now: datetime) -> Claim:
    """What the worker needs to send it."""
    endpoint, notice = one.endpoint, one.notice
    rotating = endpoint.old_secret_until is not None and now < endpoint.old_secret_until
    secrets = (endpoint.secret, endpoint.old_secret if rotating else None)
    return Claim(
        delivery_id=one.delivery.id,
        token=token,
        lease_until=lease_until,
        notice=Notice(
            notice.id,
            NoticeKind(notice.kind),
            notice.subject,
            notice.document_id,
            notice.data,
            notice.correlation_id,
            notice.created_at,
        ),
        endpoint_id=endpoint.id,
        channel=Channel(endpoint.kind),
        address=endpoint.address,
        secrets=tuple(secret for secret in secrets if secret),
        failing_since=endpoint.failing_since,
        attempts=one.delivery.attempts,
        ambiguous_before=one.ambiguous_before,
        body_sha256=one.delivery.body_sha256,
    )


def _refusal(one: Due, channels: Collection[Channel], suppressed: Collection[str]) -> Settlement | None:
    hold = endpoint_hold(EndpointState(one.endpoint.state))
    if one.notice.revision:
        return DeliveryState.CANCELLED, Reason(one.notice.revision), None
    if one.endpoint.kind == Channel.EMAIL and one.endpoint.address in suppressed:
        return DeliveryState.HELD, Reason.SUPPRESSED, None
    if hold:
        return DeliveryState.HELD, hold, None
    if Channel(one.endpoint.kind) not in channels:
        return DeliveryState.HELD, Reason.NO_CHANNEL, None
    if one.delivery.claims - one.delivery.attempts >= INTERRUPTIONS_ALLOWED:
        return DeliveryState.DEAD, Reason.INTERRUPTED, None
    return None


def _charge(session: Session, wanted: Counter[str], now: datetime) -> dict[str, int]:
    """For each account, how many of the wanted deliveries its day still has room for; they are charged.

    Accounts are taken in one order, so that two claims never wait for each other.
    """
    if not wanted:
        return {}
    day = now.astimezone(UTC).date()
    plans = select(col(AccountRow.id), col(AccountRow.plan)).where(col(AccountRow.id).in_(wanted))
    limits = {account: plan_named(plan).deliveries_per_day for account, plan in session.execute(plans)}
    return {account: _take(session, account, day, wanted[account], limits[account], now) for account in sorted(wanted)}


def _take(session: Session, account_id: str, day: date, wanted: int, limit: int, now: datetime) -> int:
    insert_missing(session, QuotaRow, {"account_id": account_id, "day": day, "used": 0})
    mine = (col(QuotaRow.account_id) == account_id, col(QuotaRow.day) == day)
    used = session.scalars(select(col(QuotaRow.used)).where(*mine).with_for_update()).one()
    room = max(0, min(wanted, limit - used))
    charged = session.execute(
        update(QuotaRow).where(*mine, col(QuotaRow.used) + room <= limit).values(used=col(QuotaRow.used) + room),
        execution_options={"synchronize_session": False},
    )
    if charged.rowcount != 1:  # type: ignore[attr-defined]
        return 0
    tell_of_quota(session, account_id, day, used=used + room, refused=wanted - room, limit=limit, now=now)
    return room
