"""What the fetcher's use cases need; the adapters and `shared.db.fetcher` provide it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.fetcher.core.asking import Validators
from services.fetcher.core.robots import RobotsFile
from shared.db.fetcher.values import CheckRecord, Claim, HeldCapture, KeptRobots, Slot, StoredPart
from shared.domain.captures import Response

OnHop = Callable[[str], None]


class Web(Protocol):
    """Asks servers; see `services.fetcher.adapters.http_capture.HttpCapture`."""

    def capture(
        self, url: str, validators: Validators | None, *, confirming: bool = False, on_hop: OnHop | None = None
    ) -> Response: ...


class Robots(Protocol):
    """Reads a robots.txt; see `services.fetcher.adapters.robots_reader.RobotsReader`."""

    def read(self, authority: str, on_hop: OnHop) -> RobotsFile: ...


class Browser(Protocol):
    """Renders a page whose text a script writes; every request it makes goes through `on_hop`. FetchFailed as Web."""

    def render(self, url: str, *, on_hop: OnHop) -> Response: ...


class BlobWriter(Protocol):
    """The archive, as far as a check needs it."""

    def put(self, data: bytes) -> str: ...


class BlobRemover(Protocol):
    """The archive, as far as retention needs it."""

    def delete(self, sha: str) -> None: ...


class Slots(Protocol):
    """See `shared.db.fetcher.hosts.HostSlots`."""

    def take(self, host: str, now: datetime, lease: timedelta) -> Slot | None: ...

    def renew(self, slot: Slot, until: datetime) -> None: ...

    def keep_robots(self, slot: Slot, robots: KeptRobots) -> None: ...

    def release(self, slots: Sequence[tuple[Slot, datetime]]) -> None: ...


class Claims(Protocol):
    """See `shared.db.fetcher.claims.Claims`."""

    def claim_host(self, now: datetime, batch: Callable[[str], int]) -> Claim | None: ...


class Records(Protocol):
    """See `shared.db.fetcher.records.Records`."""

    def record(self, check: CheckRecord, token: str) -> None: ...

    def newest_parts(self, document_id: str) -> tuple[StoredPart, ...]: ...


class Holdings(Protocol):
    """See `shared.db.fetcher.retention.Holdings`."""

    def documents(self, after: str, limit: int) -> list[str]: ...

    def captures(self, document_id: str) -> list[HeldCapture]: ...

    def let_go(self, snapshot_ids: Collection[str]) -> list[str]: ...

    def needed(self, hashes: Sequence[str]) -> set[str]: ...


@dataclass(frozen=True, slots=True)
class Manners:
    """How hosts are treated. `lease` outlasts the longest request by a margin, and is renewed before it runs out."""

    host_delay: timedelta
    exempt_hosts: tuple[str, ...]
    lease: timedelta
    longest_request: timedelta
    longest_wait_for_a_slot: timedelta = timedelta(seconds=10)
    longest_delay_within_a_check: timedelta = timedelta(seconds=30)
    """A Crawl-delay beyond this holds between checks; the parts of one document would else never be read together."""
    batch: int = 25
    """Documents of a host that needs no delay, taken at once."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often documents are looked at, and again after a failure."""

    shortest: timedelta
    longest: timedelta
    retry_base: timedelta
    unreachable_after: int
