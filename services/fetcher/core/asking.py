"""What we say to a server: who asks, what we can read, and what we have already."""

from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]

PRODUCT = "Clausewatch"
"""The product token: begins the User-Agent, and is what robots.txt may name us by."""

_ACCEPT = "text/html,application/xhtml+xml,application/pdf,text/markdown,text/plain;q=0.9,*/*;q=0.5"
_ACCEPT_LANGUAGE = "en,*;q=0.5"


@dataclass(frozen=True, slots=True)
class Validators:
    """What the last answer of a URL can be asked by again.

    `final_url` is where it came from after redirects: a validator means something to the resource that gave it only.
    """

    etag: str | None = None
    last_modified: str | None = None
    final_url: str | None = None


def user_agent(version: str, contact_url: str) -> str:
    """An honest name with a way to reach whoever runs this installation."""
    return f"{PRODUCT}/{version} (+{contact_url})"


def request_headers(agent: str, validators: Validators | None, *, confirming: bool = False) -> Headers:
    """The headers of a check's request.

    A confirming check is unconditional: it must see the text anew. Else the entity tag is sent, and Last-Modified is
    echoed verbatim, since servers compare it as a string (RFC 9110, 13.1.2 and 13.1.3).
    """
    headers = [("User-Agent", agent), ("Accept", _ACCEPT), ("Accept-Language", _ACCEPT_LANGUAGE)]
    if validators is not None and not confirming:
        if _sendable(validators.etag):
            headers.append(("If-None-Match", str(validators.etag)))
        if _sendable(validators.last_modified):
            headers.append(("If-Modified-Since", str(validators.last_modified)))
    return tuple(headers)


def _sendable(value: str | None) -> bool:
    """Whether a stored value can stand in a header again; what a server sent once can, but a database may be edited."""
    return bool(value) and all(" " <= char <= "\xff" and char != "\x7f" for char in str(value))
