"""What becomes of a mail after its provider took it, by the events that the provider reports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.deliveries import Reason


class MailEventKind(StrEnum):
    """What SendGrid reports and we keep (its Event Webhook reference); opens and clicks are not asked for."""

    PROCESSED = "processed"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCE = "bounce"
    BLOCKED = "blocked"
    """A bounce of type `blocked`: refused this time, by a mailbox that is there."""
    DROPPED = "dropped"
    SPAM_REPORT = "spamreport"
    UNSUBSCRIBE = "unsubscribe"
    GROUP_UNSUBSCRIBE = "group_unsubscribe"


class MailFate(StrEnum):
    """What became of a mail as far as is known, each outweighing those before it, in whatever order events come."""

    ACCEPTED = "accepted"
    SOFT = "soft"
    """Put off or blocked by the recipient's server, and not known to have arrived."""
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One report about one mail. `id` tells a repeat; `delivery_id` is what we gave the mail along, if it came back."""

    id: str
    kind: MailEventKind
    address: str
    at: datetime
    delivery_id: str | None = None
    detail: str = ""


IN_THE_PROVIDER_S_HANDS = frozenset(
    {MailEventKind.PROCESSED, MailEventKind.DEFERRED, MailEventKind.DELIVERED, MailEventKind.BLOCKED}
)
"""Events after which a mail must not be sent again: it is there, or the provider has done what it could."""

_FATES = {
    MailEventKind.PROCESSED: MailFate.ACCEPTED,
    MailEventKind.DEFERRED: MailFate.SOFT,
    MailEventKind.BLOCKED: MailFate.SOFT,
    MailEventKind.DELIVERED: MailFate.DELIVERED,
    MailEventKind.UNSUBSCRIBE: MailFate.DELIVERED,
    MailEventKind.GROUP_UNSUBSCRIBE: MailFate.DELIVERED,
    MailEventKind.BOUNCE: MailFate.BOUNCED,
    MailEventKind.DROPPED: MailFate.BOUNCED,
    MailEventKind.SPAM_REPORT: MailFate.COMPLAINED,
}
_WEIGHTS = {fate: weight for weight, fate in enumerate(MailFate)}
_SUPPRESSING = {
    MailEventKind.BOUNCE: Reason.MAIL_BOUNCED,
    MailEventKind.SPAM_REPORT: Reason.MAIL_COMPLAINED,
    MailEventKind.UNSUBSCRIBE: Reason.MAIL_UNSUBSCRIBED,
    MailEventKind.GROUP_UNSUBSCRIBE: Reason.MAIL_UNSUBSCRIBED,
}
_DROPPED_FOR = {
    "bounced address": Reason.MAIL_BOUNCED,
    "invalid": Reason.MAIL_BOUNCED,
    "spam reporting address": Reason.MAIL_COMPLAINED,
    "unsubscribed address": Reason.MAIL_UNSUBSCRIBED,
}
"""SendGrid's reasons for a drop that are the address's; the others (spam content, over quota) are ours."""

_GRAVITY = {Reason.MAIL_BOUNCED: 0, Reason.MAIL_UNSUBSCRIBED: 1, Reason.MAIL_COMPLAINED: 2}
LIFTED_BY_OWNER = frozenset({Reason.MAIL_BOUNCED})
"""What an endpoint's owner may lift; what its reader asked for, only the reader takes back."""


def fate_of(kinds: Iterable[MailEventKind]) -> MailFate | None:
    """What these events make of a mail; None where there are none."""
    return max((_FATES[kind] for kind in kinds), key=_WEIGHTS.__getitem__, default=None)


def suppressed_by(event: MailEvent) -> Reason | None:
    """Why nothing more may be sent to the event's address; None where it may."""
    if event.kind is MailEventKind.DROPPED:
        return _DROPPED_FOR.get(event.detail.strip().lower())
    return _SUPPRESSING.get(event.kind)


def outweighs(reason: Reason, other: Reason) -> bool:
    """Whether an address that is suppressed for `other` is, from now on, suppressed for `reason`."""
    return _GRAVITY[reason] > _GRAVITY[other]
