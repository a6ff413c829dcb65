"""Counting within windows of time: in the Valkey of the broker for all processes, else in this process alone."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

import redis

from shared.clock import Clock
from shared.logging import get_logger

log = get_logger()

_PREFIX = "clausewatch:requests:"
_ANSWER_S = 0.25
"""How long a request waits for the count of it."""
_AWAY_S = 5.0
"""How long a store that did not answer is left alone."""
_MOST_KEPT = 50_000

# One atomic step: add one, begin a window with the first, and say how many there were and how many ms are left.
_TAKE = """
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {count, left}
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there were in the window, this one among them, and how many seconds of it are left."""

    count: int
    left_s: float


class Counts(Protocol):
    """Counts under a name. A window begins with the first that is counted and ends `window_s` later."""

    def take(self, name: str, window_s: float) -> Counted: ...


class LocalCounts:
    """This process's own."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic, self._lock = monotonic, Lock()
        self._windows: dict[str, tuple[int, float]] = {}

    def take(self, name: str, window_s: float) -> Counted:
        """See `Counts`."""
        now = self._monotonic()
        with self._lock:
            count, ends_at = self._windows.get(name, (0, now + window_s))
            if ends_at <= now:
                count, ends_at = 0, now + window_s
            self._make_room(now)
            self._windows[name] = (count + 1, ends_at)
        return Counted(count + 1, ends_at - now)

    def _make_room(self, now: float) -> None:
        if len(self._windows) < _MOST_KEPT:
            return
        # Should all of them still run, as in a flood from many addresses, all begin anew.
        self._windows = {name: window for name, window in self._windows.items() if window[1] > now}
        if len(self._windows) >= _MOST_KEPT:
            self._windows = {}


class SharedCounts:
    """All processes', in the broker. While it does not answer each process counts for itself, and nobody waits."""

    def __init__(self, url: str, clock: Clock) -> None:
        """`url` as REDIS_URL has it; nothing is connected yet."""
        client = redis.Redis.from_url(
            url.replace("redis+socket://", "unix://"),
            socket_connect_timeout=_ANSWER_S,
            socket_timeout=_ANSWER_S,
            retry=None,
        )
        self._take = client.register_script(_TAKE)
        self._monotonic, self._alone = clock.monotonic, LocalCounts(clock.monotonic)
        self._away_until = 0.0

    def take(self, name: str, window_s: float) -> Counted:
        """See `Counts`."""
        if self._monotonic() >= self._away_until:
            try:
                count, left_ms = self._take(keys=[_PREFIX + name], args=[int(window_s * 1000)])
            except redis.RedisError as error:
                self._away_until = self._monotonic() + _AWAY_S
                log.warning("api.counting-alone", error=str(error))
            else:
                return Counted(int(count), int(left_ms) / 1000)
        return self._alone.take(name, window_s)


def counts_in(broker_url: str, clock: Clock) -> Counts:
    """Shared ones where the broker is a Redis; another broker (RabbitMQ) counts nothing."""
    is_redis = broker_url.startswith(("redis://", "rediss://", "redis+socket://", "unix://"))
    return SharedCounts(broker_url, clock) if is_redis else LocalCounts(clock.monotonic)
