"""Whose request it is, by address: behind proxies, what the outermost one that we trust was asked from."""

from collections.abc import Sequence
from ipaddress import AddressValueError, IPv6Address, ip_address, ip_network

from starlette.requests import Request

NOWHERE = "unknown"
"""Of connections that have no address, such as those over a unix socket."""

_IPV6_PREFIX = 64
"""Bits of an IPv6 address that name one subscriber's network (RFC 6177): who has one has all addresses in it."""


def client_of(request: Request, trusted_proxies: int) -> str:
    """The network address that this request counts for; see `counted_for`."""
    peer = request.client.host if request.client else NOWHERE
    return counted_for(peer, request.headers.getlist("x-forwarded-for"), trusted_proxies)


def counted_for(peer: str, forwarded: Sequence[str], trusted_proxies: int) -> str:
    """The client's address as text, an IPv6 one as its /64 network.

    Each proxy appends whom it was asked by to X-Forwarded-For, so of n trusted ones the n-th entry from the end is
    theirs and what stands before it is anybody's claim. With fewer entries the request came around them, and counts
    for the connection itself.
    """
    entries = [entry.strip() for line in forwarded for entry in line.split(",")]
    if 0 < trusted_proxies <= len(entries):
        return _network(entries[-trusted_proxies]) or _network(peer) or NOWHERE
    return _network(peer) or NOWHERE


def _network(address: str) -> str | None:
    try:
        found = ip_address(address.partition("%")[0])
    except (AddressValueError, ValueError):
        return None
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _IPV6_PREFIX), strict=False))
