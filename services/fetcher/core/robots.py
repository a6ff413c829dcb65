"""What robots.txt allows us (RFC 9309), read by protego."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from protego import Protego

from services.fetcher.core.asking import PRODUCT

MOST_BYTES = 512 * 1024
"""Of a robots.txt that are read; RFC 9309, 2.5 asks for at least 500 KiB."""
LONGEST_CRAWL_DELAY = timedelta(hours=1)

_KEPT = timedelta(hours=24)
_KEPT_UNAVAILABLE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """A robots.txt as it was answered: `status` None where it could not be read at all, `text` for 2xx only."""

    status: int | None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class RobotsVerdict:
    """Whether a URL may be fetched, the delay its site asks for between requests, and why it may not."""

    allowed: bool
    crawl_delay: timedelta | None = None
    why: str = ""


def robots_file(status: int | None, body: bytes = b"") -> RobotsFile:
    """What is worth keeping of an answer: text for 2xx (UTF-8, at most 512 KiB), nothing else.

    NUL is left out, since databases cannot hold it.
    """
    if status is None or not 200 <= status < 300:
        return RobotsFile(status)
    return RobotsFile(status, body[:MOST_BYTES].decode("utf-8-sig", "replace").replace("\x00", ""))


def robots_lifetime(robots: RobotsFile) -> timedelta:
    """How long to go by it: a day (RFC 9309, 2.4), but an hour where it was unavailable, so that we see it recover."""
    return _KEPT_UNAVAILABLE if _unavailable(robots) else _KEPT


def may_fetch(robots: RobotsFile, url: str) -> RobotsVerdict:
    """The verdict for a URL of the site.

    2xx: by its rules for our product token. 5xx, 429 or no answer: nothing may be fetched until it recovers (RFC 9309,
    2.3.1.4; 429 is an overloaded server too). Any other status: there are no rules (2.3.1.3).
    """
    if _unavailable(robots):
        said = "did not answer" if robots.status is None else f"answered {robots.status}"
        return RobotsVerdict(False, why=f"robots.txt {said}; nothing is fetched until it recovers")
    if not robots.text:
        return RobotsVerdict(True)
    rules = _parsed(robots.text)
    delay = rules.crawl_delay(PRODUCT)
    crawl_delay = None if not delay else min(timedelta(seconds=min(delay, 1e6)), LONGEST_CRAWL_DELAY)
    if rules.can_fetch(url, PRODUCT):
        return RobotsVerdict(True, crawl_delay)
    return RobotsVerdict(False, crawl_delay, "robots.txt disallows it")


def _unavailable(robots: RobotsFile) -> bool:
    return robots.status is None or robots.status >= 500 or robots.status == 429


@lru_cache(maxsize=64)
def _parsed(text: str) -> Protego:
    """Kept, since a long file takes some 10 ms to parse and is asked at every check of its host."""
    return Protego.parse(text)
