"""How often each endpoint is sent to: a token bucket for each that was sent to lately."""

from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Pacer:
    """Counts sends by endpoint. Times are seconds of one monotonic clock.

    `per_second` is the lasting rate, `burst` how many may go at once after a rest. A batch may overdraw a bucket; what
    it took too much is waited for afterwards, so that the lasting rate holds.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._rate, self._burst = per_second, burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, endpoint_id: str, now: float) -> None:
        """One more is sent to this endpoint."""
        bucket = self._buckets.setdefault(endpoint_id, _Bucket(self._burst, now))
        bucket.tokens = self._tokens(bucket, now) - 1
        bucket.at = now

    def waiting(self, now: float) -> list[str]:
        """Endpoints that nothing may be sent to yet; those that have rested long enough are forgotten."""
        rested = [key for key, bucket in self._buckets.items() if self._tokens(bucket, now) >= self._burst]
        for key in rested:
            del self._buckets[key]
        return [key for key, bucket in self._buckets.items() if self._tokens(bucket, now) < 1]

    def next_ready(self, now: float) -> float | None:
        """Seconds until the first of those that wait may be sent to again; None where none waits."""
        missing = [1 - self._tokens(bucket, now) for bucket in self._buckets.values()]
        waits = [tokens / self._rate for tokens in missing if tokens > 0]
        return min(waits, default=None)

    def _tokens(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
