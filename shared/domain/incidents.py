"""When an endpoint's owner is told that it fails, that it was disabled, and that it recovered: once each an episode.

An episode begins with the first failure after a success. It is told of as failing once every attempt since has failed
for a day, however few they were, or eight in a row and for an hour: a receiver that restarts may turn away a hundred
deliveries in a second, and nobody need know. It ends with a success, which is told where something was told before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FAILURES = 8
"""Attempts in a row, of whatever deliveries."""
AT_LEAST = timedelta(hours=1)
AT_MOST = timedelta(hours=24)


class Phase(StrEnum):
    """What of an episode its owner is told."""

    FAILING = "failing"
    DISABLED = "disabled"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint has been doing since its last success.

    `told` and `told_since`: the last phase that its owner was told, and when the episode began that it was told of.
    Enabling an endpoint begins a new episode but forgets nothing of that, so that the first success is told.
    """

    failing_since: datetime | None = None
    failures: int = 0
    told: Phase | None = None
    told_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A phase to tell of the episode that began at `since`."""

    phase: Phase
    since: datetime


def after_success(health: Health) -> tuple[Health, Told | None]:
    """The health after an attempt that succeeded, and what is to be told."""
    told = Told(Phase.RECOVERED, health.told_since) if health.told and health.told_since else None
    return Health(), told


def after_failures(health: Health, count: int, *, disabled: bool, now: datetime) -> tuple[Health, Told | None]:
    """The health after `count` more failures, and what is to be told; `disabled`: the last one disabled it."""
    since = health.failing_since or now
    health = replace(health, failing_since=since, failures=health.failures + count)
    if disabled:
        phase = Phase.DISABLED
    elif is_failing(health, now) and health.told_since != since:
        phase = Phase.FAILING
    else:
        return health, None
    return replace(health, told=phase, told_since=since), Told(phase, since)


def is_failing(health: Health, now: datetime) -> bool:
    """Whether it has failed for long enough that its owner should know."""
    if health.failing_since is None:
        return False
    lasted = now - health.failing_since
    return lasted >= AT_MOST or (lasted >= AT_LEAST and health.failures >= FAILURES)
