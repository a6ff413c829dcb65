"""How often each endpoint is sent to: a token bucket for each that was sent to lately."""

from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    rate: float

    @property
    def burst(self) -> int:
        """How many may go at once after a rest: a second's worth, but never none."""
        return max(1, round(self.rate))

    def tokens_at(self, now: float) -> float:
        return min(self.burst, self.tokens + (now - self.at) * self.rate)


class Pacer:
    """Counts sends by endpoint. Times are seconds of one monotonic clock.

    A batch may overdraw a bucket: what it takes too much has to wait for its turn, and whatever follows after it.
    """

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def take(self, endpoint_id: str, per_second: float, now: float) -> float:
        """One more is to be sent to this endpoint, `per_second` of them in the long run; in how many seconds."""
        bucket = self._buckets.get(endpoint_id)
        if bucket is None:
            bucket = self._buckets[endpoint_id] = _Bucket(0, now, per_second)
            bucket.tokens = bucket.burst
        bucket.tokens = bucket.tokens_at(now) - 1
        bucket.at = now
        return max(0.0, -bucket.tokens / bucket.rate)

    def waiting(self, now: float) -> list[str]:
        """Endpoints that nothing may be sent to yet; those that have rested long enough are forgotten."""
        rested = [key for key, bucket in self._buckets.items() if bucket.tokens_at(now) >= bucket.burst]
        for key in rested:
            del self._buckets[key]
        return [key for key, bucket in self._buckets.items() if bucket.tokens_at(now) < 1]

    def next_ready(self, now: float) -> float | None:
        """Seconds until the first of those that wait may be sent to again; None where none waits."""
        waits = [(1 - bucket.tokens_at(now)) / bucket.rate for bucket in self._buckets.values()]
        return min((wait for wait in waits if wait > 0), default=None)
