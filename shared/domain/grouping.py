"""Alerts of one platform that come close together: the first goes at once, the others in one message after it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.subscriptions import SEVERITIES


@dataclass(frozen=True, slots=True)
class Lead:
    """A change that an endpoint was told of by a message of its own, or is about to be."""

    begun_at: datetime
    severity: str


def held_until(
    leads: Iterable[Lead],
    told_at: Callable[[datetime], datetime],
    severity: str,
    now: datetime,
    window: timedelta,
) -> datetime | None:
    """When a change that comes now goes out with the others of its platform; None where it goes by itself.

    A window begins when its first change is told, which `told_at` gives for the moment a change came (later than that
    in quiet hours). Whatever is told within it waits for its end, unless it is graver than all that went by itself
    before: what matters most is never held behind what matters less, and there are only so many severities.
    """
    end, gravest = None, -1
    for lead in sorted(leads, key=lambda lead: lead.begun_at):
        told = told_at(lead.begun_at)
        if end is None or told >= end:
            end, gravest = told + window, -1
        gravest = max(gravest, SEVERITIES.index(lead.severity))
    if end is None or told_at(now) >= end or SEVERITIES.index(severity) > gravest:
        return None
    return end
