"""Who may be sent to: so much at once, so much of one endpoint and so often, and little of what fails already."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from services.notifier.core.pacing import Pacer
from shared.db.notifier.records import Claim
from shared.domain.deliveries import Channel


@dataclass(frozen=True, slots=True)
class Limits:
    """How much at once. The lease outlasts a whole batch of sends that all run into their deadline."""

    batch: int = 256
    """Claims in hand, sent or waiting for a free place."""
    in_flight: int = 64
    failing: int = 16
    """Of those in flight, to endpoints that fail already: they may all hang, and others must not wait for them."""
    per_endpoint: int = 8
    per_second: float = 50.0
    """Sends to one endpoint in the long run, by this courier; as many may go at once after a rest."""
    slack_per_second: float = 1.0
    """The same for Slack, which refuses more than one a second (docs.slack.dev, "Rate limits")."""
    lease: timedelta = timedelta(seconds=120)
    attempt: timedelta = timedelta(seconds=20)
    """More than any sender's own deadline: a claim with less of its lease left is given back unsent."""

    @property
    def per_claim(self) -> int:
        """Deliveries of one endpoint taken at a time: half its places, so that the rest can follow as some end."""
        return max(1, self.per_endpoint // 2)

    def pace(self, channel: Channel) -> float:
        """Sends a second to one endpoint of a channel."""
        return self.slack_per_second if channel is Channel.SLACK else self.per_second


class Places:
    """What one courier has in hand. Times are seconds of the running loop's clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._at_once = asyncio.Semaphore(limits.in_flight)
        self._failing_at_once = asyncio.Semaphore(limits.failing)
        self._load: Counter[str] = Counter()
        self._failing: set[str] = set()
        self._pacer = Pacer()

    def take(self, claim: Claim) -> float:
        """The claim is in hand from now on, until `give_back`; in how many seconds it is its endpoint's turn."""
        self._load[claim.endpoint_id] += 1
        if claim.failing_since is not None:
            self._failing.add(claim.endpoint_id)
        return self._pacer.take(claim.endpoint_id, self._limits.pace(claim.channel), _now())

    def give_back(self, claim: Claim) -> None:
        """The claim is in hand no more."""
        self._load[claim.endpoint_id] -= 1
        if not self._load[claim.endpoint_id]:
            del self._load[claim.endpoint_id]
            self._failing.discard(claim.endpoint_id)

    @asynccontextmanager
    async def of(self, claim: Claim) -> AsyncIterator[None]:
        """A place to send from, waited for where there is none."""
        if claim.failing_since is None:
            async with self._at_once:
                yield
        else:
            async with self._failing_at_once, self._at_once:
                yield

    def busy(self) -> list[str]:
        """Endpoints that have as much in hand as they may, or were sent to as often as they may."""
        full = self._limits.per_endpoint - self._limits.per_claim
        loaded = (one for one, load in self._load.items() if load > full or one in self._failing)
        return [*loaded, *self._pacer.waiting(_now())]

    def next_ready(self) -> float | None:
        """Seconds until an endpoint that was sent to often enough may be sent to again; None where there is none."""
        return self._pacer.next_ready(_now())


def _now() -> float:
    """The loop's own time, in which its timers count."""
    return asyncio.get_running_loop().time()
