"""How long a host is left alone between two requests."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from shared.domain.addresses import host_of

_DEFAULT_PORTS = {"http": 80, "https": 443}


def authority_of(url: str) -> str:
    """Scheme, host and port: what a robots.txt holds for (RFC 9309, 2.3), as `https://example.com`."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme) else ""
    host = host_of(url)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def needs_no_delay(host: str, exempt: Iterable[str]) -> bool:
    """Whether a host is one of ours: named in the setting, or below a name there; never guessed from its address."""
    return any(host == name or host.endswith("." + name) for name in exempt)


def next_allowed_at(
    answered_at: datetime, *, delay: timedelta, crawl_delay: timedelta | None = None, retry_after_s: float | None = None
) -> datetime:
    """When a host may be asked again: the longest of our delay, its Crawl-delay and its Retry-After.

    Counted from the end of the last answer, so that a slow server is not pressed harder than a fast one.
    """
    waits = [delay, crawl_delay or timedelta(0), timedelta(seconds=retry_after_s or 0)]
    return answered_at + max(waits)
