"""What passes between the fetcher and its repository."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.captures import Redirect
from shared.domain.documents import Declaration


class LeaseLost(Exception):
    """Somebody else has claimed the document or the host since: nothing was written."""


@dataclass(frozen=True, slots=True)
class SeenPart:
    """What a part's URL last answered: the hash of its bytes, and the validators to ask conditionally by."""

    url: str
    final_url: str
    sha256: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class KeptRobots:
    """The robots.txt of one authority (host and port) as it was last read.

    `status` is None where it could not be read at all; `text` is None where there was none to obey.
    """

    authority: str
    status: int | None
    text: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to send requests to one host until a moment; `next_allowed_at` is when the next may go out."""

    host: str
    token: str
    until: datetime
    next_allowed_at: datetime
    robots: KeptRobots | None


@dataclass(frozen=True, slots=True)
class DueDocument:
    """A claimed document with all that a check needs to know."""

    id: str
    platform: str
    type: str
    declaration: Declaration
    check_every_s: float | None
    """A fixed interval; None where it adapts."""
    confirm_at: datetime | None
    interval_s: float
    failures: int
    first_failed_at: datetime | None
    last_changed_at: datetime | None
    created_at: datetime
    seen: tuple[SeenPart, ...]
    browser_needed: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A host's slot and the due documents leased with it, under one fencing token."""

    slot: Slot
    documents: tuple[DueDocument, ...]


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One URL of a snapshot, as it is stored; `reused` where a 304 stood for the bytes of the snapshot before."""

    url: str
    final_url: str
    status: int
    redirects: tuple[Redirect, ...]
    request_headers: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    media_type: str | None
    charset: str | None
    sha256: str
    size: int
    started_at: datetime
    finished_at: datetime
    reused: bool = False


@dataclass(frozen=True, slots=True)
class NewCapture:
    """A snapshot to be recorded and announced; its bodies are in the archive already."""

    id: str
    sha256: str
    captured_at: datetime
    fetcher_version: str
    parts: tuple[StoredPart, ...]


@dataclass(frozen=True, slots=True)
class HeldCapture:
    """A judged snapshot whose bodies are still kept, as retention weighs it.

    `text` is the hash of what it says. `begins_version`: it is the first capture of a version; `pinned`: it confirmed
    one, or is the candidate of the moment. `shows_version`: it says what some version of the document says.
    """

    id: str
    captured_at: datetime
    text: str | None
    unusable: bool
    begins_version: bool
    shows_version: bool
    pinned: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """When a document is looked at after this check; `retry_at` holds back whatever is due after a failure."""

    next_check_at: datetime | None
    """None leaves it as it stands."""
    interval_s: float
    retry_at: datetime | None
    failures: int
    first_failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One finished check with all that follows from it, written in one transaction.

    `confirmed` is the `confirm_at` that a confirming check has answered; `unreachable` says why the condition begins;
    `reachable` that a success may end one.
    """

    document_id: str
    at: datetime
    outcome: str
    duration_ms: int
    correlation_id: str
    planned: Planned
    confirming: bool = False
    confirmed: datetime | None = None
    failure: str | None = None
    detail: str | None = None
    status: int | None = None
    seen: tuple[SeenPart, ...] | None = None
    capture: NewCapture | None = None
    unreachable: str | None = None
    reachable: bool = False
