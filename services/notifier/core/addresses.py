"""Addresses, checked when they are entered: the words of a refusal go to whoever typed them."""

import ipaddress
import re
from urllib.parse import urlsplit

from shared.domain.deliveries import Channel

_MAILBOX = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\Z"
)


class UnusableAddress(ValueError):
    """An address that nothing can be sent to: why."""


def check_address(channel: Channel, address: str, *, allow_http: bool = False) -> str:
    """The address, trimmed; UnusableAddress says what is wrong with it.

    Where a name leads is checked when it is connected to, not here: it may lead somewhere else by then.
    """
    address = address.strip()
    if channel is Channel.EMAIL:
        if not _MAILBOX.match(address) or ".." in address:
            raise UnusableAddress(f"{address!r} is no email address")
        return address
    if not address.isascii() or not address.isprintable() or " " in address:
        raise UnusableAddress("a URL is written in ASCII, without spaces")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise UnusableAddress(f"{address!r} is no URL: {error}") from None
    if parts.scheme not in ({"https", "http"} if allow_http else {"https"}) or not parts.hostname:
        raise UnusableAddress(f"{address!r} must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise UnusableAddress("a URL with a user name or password is not accepted")
    if port == 0:
        raise UnusableAddress("port 0 cannot be reached")
    if not allow_http and _is_private(parts.hostname):
        raise UnusableAddress(f"{parts.hostname} is not a public address")
    return address


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
