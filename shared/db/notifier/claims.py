"""Which due deliveries may go out: endpoint, channel, interruptions and quota, each refusal with its reason."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session

from shared.db.notifier.due_rows import Due
from shared.db.notifier.quotas import charge
from shared.db.notifier.records import Claim
from shared.db.notifier.suppressions import suppressed_among
from shared.domain.deliveries import (
    INTERRUPTIONS_ALLOWED,
    INTERRUPTIONS_DOUBTED,
    Channel,
    DeliveryState,
    EndpointState,
    Reason,
    endpoint_hold,
)
from shared.domain.notices import NoticeKind
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
    # Who wanted no more alerts and now asks to be let in wants that one mail.
    asking = {one.endpoint.address for one in due if one.notice.kind is NoticeKind.SIGN_IN}
    unwilling = suppressed_among(session, asking, but_for=Reason.MAIL_UNSUBSCRIBED)
    for one in due:
        refusal = _refusal(one, channels, unwilling if one.notice.kind is NoticeKind.SIGN_IN else suppressed)
        if refusal:
            turned_away[refusal].append(one.delivery_id)
        else:
            able.append(one)
    rooms = charge(session, Counter(one.account_id for one in able if not one.counted), now)
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
        is_doubted=one.claims - one.attempts >= INTERRUPTIONS_DOUBTED,
    )


def _refusal(one: Due, channels: Collection[Channel], suppressed: Collection[str]) -> Settlement | None:
    hold = endpoint_hold(one.endpoint.state)
    if one.revision:
        return DeliveryState.CANCELLED, Reason(one.revision), None
    if one.endpoint.channel is Channel.EMAIL and one.endpoint.address in suppressed:
        return DeliveryState.HELD, Reason.SUPPRESSED, None
    if hold and not _goes_all_the_same(one):
        return DeliveryState.HELD, hold, None
    if one.endpoint.channel not in channels:
        return DeliveryState.HELD, Reason.NO_CHANNEL, None
    if one.claims - one.attempts >= INTERRUPTIONS_ALLOWED:
        return DeliveryState.DEAD, Reason.INTERRUPTED, None
    return None


def _goes_all_the_same(one: Due) -> bool:
    """What an unconfirmed endpoint gets, and what a member gets who asks to be let in."""
    if one.notice.kind is NoticeKind.SIGN_IN:
        return True
    return one.notice.kind is NoticeKind.ENDPOINT_CONFIRMATION and one.endpoint.state is EndpointState.UNCONFIRMED
