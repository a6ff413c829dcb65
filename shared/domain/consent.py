"""Links in mails that ask: how long an address has to say yes or to sign in, and how often it may be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CONFIRM_WITHIN = timedelta(hours=48)
"""From when a confirmation mail was made until its link runs out."""

SIGN_IN_WITHIN = timedelta(minutes=20)
"""From when a link that signs in was asked for until it runs out."""

_LIMITS = ((timedelta(hours=1), 1), (timedelta(days=1), 5))
"""In any span of this length, how many confirmation mails an address may get, whichever account asks."""

REMEMBERED = max(span for span, _ in _LIMITS)
"""How far back what an address was asked still counts."""


class Outcome(StrEnum):
    """What came of the wish to ask an address."""

    SENT = "sent"
    TOO_SOON = "too-soon"
    SUPPRESSED = "suppressed"
    """Nothing may be mailed to it: it bounces, or its reader wanted no more."""
    NO_PUBLIC_URL = "no-public-url"
    """The link in the mail would lead nowhere."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The outcome; `again_at`, where it was too soon, is when the address may be asked next."""

    outcome: Outcome
    again_at: datetime | None = None


def may_ask_at(asked: Sequence[datetime], now: datetime) -> datetime:
    """When an address may be asked next, having been asked at these times: `now`, or later."""
    newest_first = sorted(asked, reverse=True)
    bounds = [newest_first[most - 1] + span for span, most in _LIMITS if len(newest_first) >= most]
    return max([now, *bounds])
