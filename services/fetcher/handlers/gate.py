"""The gate that every request passes: slot, delay and robots.txt of its host, at the first hop and at each redirect."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from services.fetcher.core.kept_robots import robots_key, to_obey
from services.fetcher.core.politeness import authority_of, needs_no_delay, next_allowed_at
from services.fetcher.core.robots import RobotsFile, may_fetch, robots_lifetime
from services.fetcher.handlers.ports import Manners, Robots, Slots
from shared.clock import Clock
from shared.db.fetcher.values import KeptRobots, Slot
from shared.domain.addresses import host_of
from shared.domain.captures import FailureKind, FetchFailed

_POLL_S = 0.1


@dataclass(slots=True)
class _Held:
    slot: Slot
    asked: bool = False
    crawl_delay: timedelta | None = None
    retry_after_s: float | None = None


class HostGate:
    """Holds the slots of one claim. Call it with each URL before it is asked for; it waits, or raises FetchFailed.

    Nothing but its thread uses it. LeaseLost where a slot expired and went to another worker.
    """

    def __init__(
        self,
        claimed: Slot,
        slots: Slots,
        robots: Robots,
        clock: Clock,
        manners: Manners,
        pause: Callable[[float], None],
    ) -> None:
        self._slots, self._reader, self._clock, self._manners, self._pause = slots, robots, clock, manners, pause
        self._claimed = claimed.host
        self._held = {claimed.host: _Held(claimed)}
        self._current = claimed.host

    def __call__(self, url: str) -> None:
        """Return when the URL may be asked for. FetchFailed: robots, host-busy, or what its robots.txt failed with."""
        held = self._hold(host_of(url))
        verdict = may_fetch(self._robots(held, url), url)
        held.crawl_delay = verdict.crawl_delay
        if not verdict.allowed:
            raise FetchFailed(FailureKind.ROBOTS, f"{url[:200]}: {verdict.why}")
        self._wait_turn(held)

    def failed(self, failed: FetchFailed) -> None:
        """Remember a Retry-After for the host that was asked last."""
        if failed.retry_after is not None:
            self._held[self._current].retry_after_s = failed.retry_after

    @property
    def must_rest(self) -> bool:
        """Whether the claimed host may not be asked again at once."""
        held = self._held[self._claimed]
        return bool(self._delay(held) or held.crawl_delay or held.retry_after_s)

    def release_others(self) -> None:
        """Give back the slots of all hosts but the claimed one: the document that needed them is done."""
        others = [held for host, held in self._held.items() if host != self._claimed]
        if others:
            self._held = {self._claimed: self._held[self._claimed]}
            self._release(others)

    def release(self) -> None:
        """Give everything back."""
        self._release(list(self._held.values()))

    def _release(self, held: list[_Held]) -> None:
        now = self._clock.now()
        self._slots.release(
            [
                (
                    one.slot,
                    next_allowed_at(
                        now,
                        delay=self._delay(one),
                        crawl_delay=one.crawl_delay,
                        retry_after_s=one.retry_after_s,
                    ),
                )
                for one in held
            ]
        )

    def _hold(self, host: str) -> _Held:
        held = self._held.get(host)
        if held is None:
            held = self._held[host] = _Held(self._take(host))
        self._current = host
        manners = self._manners
        now = self._clock.now()
        if held.slot.until - now < manners.longest_request + 2 * manners.longest_delay_within_a_check:
            until = now + manners.lease
            self._slots.renew(held.slot, until)
            held.slot = Slot(host, held.slot.token, until, held.slot.next_allowed_at, held.slot.robots)
        return held

    def _take(self, host: str) -> Slot:
        give_up_at = self._clock.monotonic() + self._manners.longest_wait_for_a_slot.total_seconds()
        while (slot := self._slots.take(host, self._clock.now(), self._manners.lease)) is None:
            if self._clock.monotonic() >= give_up_at:
                raise FetchFailed(FailureKind.HOST_BUSY, f"{host} is being asked by another check")
            self._pause(_POLL_S)
        return slot

    def _wait_turn(self, held: _Held) -> None:
        """Wait out the delay since our last request to the host; the first of a slot comes after it already."""
        if held.asked:
            delay = max(self._delay(held), held.crawl_delay or timedelta(0))
            if delay:
                self._pause(min(delay, self._manners.longest_delay_within_a_check).total_seconds())
        held.asked = True

    def _delay(self, held: _Held) -> timedelta:
        exempt = needs_no_delay(held.slot.host, self._manners.exempt_hosts)
        return timedelta(0) if exempt else self._manners.host_delay

    def _robots(self, held: _Held, url: str) -> RobotsFile:
        key, now, kept = robots_key(url), self._clock.now(), held.slot.robots
        if kept is not None and kept.authority != key:
            kept = None
        old = RobotsFile(kept.status, kept.text) if kept else None
        if kept and old and kept.expires_at > now:
            return old
        new = self._read_robots(url, old)
        robots = to_obey(new, old)
        kept = KeptRobots(key, robots.status, robots.text, self._clock.now() + robots_lifetime(new))
        self._slots.keep_robots(held.slot, kept)
        held.slot = Slot(held.slot.host, held.slot.token, held.slot.until, held.slot.next_allowed_at, kept)
        self._current = held.slot.host
        return robots

    def _read_robots(self, url: str, old: RobotsFile | None) -> RobotsFile:
        """What robots.txt answers. Where nothing answers and no older copy will do, that is the check's own failure."""
        try:
            return self._reader.read(authority_of(url), self._for_robots)
        except FetchFailed as failed:
            if old is None or failed.kind is FailureKind.HOST_BUSY:
                raise
            return RobotsFile(None)

    def _for_robots(self, url: str) -> None:
        """The gate of a robots.txt itself, which its own rules do not govern."""
        self._wait_turn(self._hold(host_of(url)))
