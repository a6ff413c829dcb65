"""Which due deliveries may go out: endpoint, channel, interruptions and quota, each refusal with its reason."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.db.notifier.due_rows import Due
from shared.db.notifier.limits import tell_of_quota
from shared.db.notifier.records import Claim
from shared.db.notifier.suppressions import suppressed_among
from shared.db.tables import AccountRow, QuotaRow
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


def admitted(
    session: Session, due: Sequence[Due], channels: Collection[Channel], now: datetime
) -> tuple[list[Due], dict[Settlement, list[str]]]:
    """Those that may go out now, their quota charged, and the ids of the others by how they are settled."""
    turned_away: dict[Settlement, list[str]] = defaultdict(list)
    able: list[Due] = []
    mailboxes = {one.endpoint.address for one in due if one.endpoint.channel is Channel.EMAIL}
    suppressed = suppressed_among(session, mailboxes)
    for one in due:
        refusal = _refusal(one, channels, suppressed)
        if refusal:
            turned_away[refusal].append(one.delivery_id)
        else:
            able.append(one)
    rooms = _charge(session, Counter(one.account_id for one in able if not one.counted), now)
    granted = []
    for one in able:
        if not one.counted:
            if rooms[one.account_id] == 0:
                over = (DeliveryState.HELD, Reason.QUOTA, Cadence.DAILY.value)
                turned_away[over].append(one.delivery_id)
                continue
            rooms[one.account_id] -= 1
        granted.append(one)
    return granted, turned_away


def claim_of(one: Due, token: str, lease_until: datetime, now: datetime) -> Claim:
    """What the worker needs to send it."""
    endpoint = one.endpoint
    rotating = endpoint.old_secret_until is not None and now < endpoint.old_secret_until
    secrets = (endpoint.secret, endpoint.old_secret if rotating else None)
    return Claim(
        delivery_id=one.delivery_id,
        token=token,
        lease_until=lease_until,
        notice=one.notice,
        endpoint_id=endpoint.id,
        channel=endpoint.channel,
        address=endpoint.address,
        secrets=tuple(secret for secret in secrets if secret),
        failing_since=endpoint.failing_since,
        attempts=one.attempts,
        ambiguous_before=one.ambiguous_before,
        body_sha256=one.body_sha256,
    )


def _refusal(one: Due, channels: Collection[Channel], suppressed: Collection[str]) -> Settlement | None:
    hold = endpoint_hold(one.endpoint.state)
    if one.revision:
        return DeliveryState.CANCELLED, Reason(one.revision), None
    if one.endpoint.channel is Channel.EMAIL and one.endpoint.address in suppressed:
        return DeliveryState.HELD, Reason.SUPPRESSED, None
    if hold and not _asks_consent(one):
        return DeliveryState.HELD, hold, None
    if one.endpoint.channel not in channels:
        return DeliveryState.HELD, Reason.NO_CHANNEL, None
    if one.claims - one.attempts >= INTERRUPTIONS_ALLOWED:
        return DeliveryState.DEAD, Reason.INTERRUPTED, None
    return None


def _asks_consent(one: Due) -> bool:
    """The one thing that an unconfirmed endpoint gets."""
    return one.notice.kind is NoticeKind.ENDPOINT_CONFIRMATION and one.endpoint.state is EndpointState.UNCONFIRMED


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
