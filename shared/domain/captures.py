"""What one look at a URL brings: bytes with their circumstances, or a typed failure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SECRET_HEADERS = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authenticate",
        "proxy-authorization",
        "set-cookie",
        "set-cookie2",
        "www-authenticate",
    }
)
"""Headers that let somebody in. They are not kept: captures are shown, and bundles of evidence handed on."""


class FailureKind(StrEnum):
    """Why a request brought no usable answer."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_STATUS = "http-status"
    ROBOTS = "robots"
    TOO_LARGE = "too-large"
    UNSUPPORTED_TYPE = "unsupported-type"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    BLOCKED_ADDRESS = "blocked-address"
    PROTOCOL = "protocol"
    HOST_BUSY = "host-busy"
    INTERNAL = "internal"
    """No fault of the server's: an error of ours that nobody foresaw."""


class FetchFailed(Exception):
    """A request that failed, in words its operator can act on.

    `retry_after` is what the server asked for, in seconds; `status` the last HTTP status, where there was one.
    """

    def __init__(
        self, kind: FailureKind, detail: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: the URL that answered, its status, and where it pointed."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. `body` is content-decoded; header names are lower-case, in the order received.

    Headers are without `SECRET_HEADERS`.
    """

    url: str
    final_url: str
    status: int
    redirects: tuple[Redirect, ...]
    request_headers: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    started_at: datetime
    finished_at: datetime

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if key == name), None)
