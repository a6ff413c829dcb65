"""Which robots.txt to go by when a new one was read, or could not be."""

from urllib.parse import urlsplit

from services.fetcher.core.politeness import authority_of
from services.fetcher.core.robots import RobotsFile


def robots_key(url: str) -> str:
    """What a robots.txt is kept under: host, and port where it is not the scheme's own.

    http and https on their own ports share one, since a site that redirects the one to the other would else be asked
    for its robots.txt twice at every check.
    """
    authority = authority_of(url)
    return authority if urlsplit(authority).port else authority.partition("://")[2]


def to_obey(new: RobotsFile, old: RobotsFile | None) -> RobotsFile:
    """The new file, or the one before where the new cannot be had (RFC 9309, 2.4: a cached copy may then serve on)."""
    return old if old is not None and _cannot_be_had(new) and not _cannot_be_had(old) else new


def _cannot_be_had(robots: RobotsFile) -> bool:
    return robots.status is None or robots.status >= 500 or robots.status == 429
