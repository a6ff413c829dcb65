"""Which addresses and URLs we may connect to: the rules against server-side request forgery.

A URL is checked before it is asked for; the address it resolves to is checked again when the connection is made, and
that second check is the one that counts.
"""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

IpAddress = IPv4Address | IPv6Address

WEB_PORTS = frozenset({80, 443, 8080, 8443})
SLACK_HOSTS = ("hooks.slack.com",)
MAX_URL_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a target may be reached; `why` says in a few words why not, and is empty where it may."""

    allowed: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What an installation lets its processes connect to.

    `allow_loopback` lets them reach 127.0.0.0/8, ::1 and `*.localhost`, by plain http too (the sample platform and
    tests), at `loopback_ports` alone where they are given.
    `allowed_ports` holds for every other address; None means any.
    """

    allow_http: bool = True
    allow_loopback: bool = False
    loopback_ports: frozenset[int] | None = None
    allowed_ports: frozenset[int] | None = WEB_PORTS


_YES = Verdict(True)

# The first match gives the reason, so what is narrower stands first.
# IANA special-purpose address registries (RFC 6890 and its updates), and the metadata services of clouds.
_NOT_PUBLIC: tuple[tuple[str, str], ...] = (
    ("169.254.169.254/32", "cloud metadata"),
    ("169.254.170.2/32", "cloud metadata"),
    ("168.63.129.16/32", "cloud metadata"),
    ("100.100.100.200/32", "cloud metadata"),
    ("192.0.0.192/32", "cloud metadata"),
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "protocol assignments"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("240.0.0.0/4", "reserved"),
    ("fd00:ec2::254/128", "cloud metadata"),
    ("fd20:ce::254/128", "cloud metadata"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("::ffff:0:0:0/96", "IPv4-translated"),
    ("::/96", "IPv4-compatible"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "NAT64"),
    ("100::/64", "discard-only"),
    ("2001::/32", "Teredo"),
    ("2001::/23", "protocol assignments"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "segment routing"),
    ("fc00::/7", "unique local"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)


def _rows(version: int) -> tuple[tuple[int, int, str], ...]:
    """The table of one IP version as (network, mask, reason) integers: a check is then plain arithmetic."""
    networks = [(ip_network(text), why) for text, why in _NOT_PUBLIC]
    return tuple((int(n.network_address), int(n.netmask), why) for n, why in networks if n.version == version)


_V4_ROWS, _V6_ROWS = _rows(4), _rows(6)
_GLOBAL_UNICAST = ip_network("2000::/3")
_ISATAP_IDENTIFIERS = (0x00005EFE, 0x02005EFE)


def public_address(ip: IpAddress) -> Verdict:
    """Whether an address is one of the public internet, reachable without any tunnel or translation of ours.

    IPv6 forms that carry an IPv4 address (mapped, translated, NAT64, 6to4, Teredo, ISATAP) are refused whatever they
    carry: no public web server is announced under one.
    """
    number = int(ip)
    for network, mask, why in _V4_ROWS if ip.version == 4 else _V6_ROWS:
        if number & mask == network:
            return Verdict(False, why)
    if isinstance(ip, IPv6Address):
        if ip not in _GLOBAL_UNICAST:
            return Verdict(False, "not global unicast")
        if (number >> 32) & 0xFFFFFFFF in _ISATAP_IDENTIFIERS:
            return Verdict(False, "ISATAP")
    return _YES


def check_address(ip: IpAddress, port: int, policy: EgressPolicy) -> Verdict:
    """Whether the policy allows a connection to this address and port: the check made when connecting."""
    verdict = public_address(ip)
    if verdict.why == "loopback":
        return _check_loopback(port, policy)
    if not verdict.allowed:
        return verdict
    return _check_port(port, policy)


def _check_loopback(port: int, policy: EgressPolicy) -> Verdict:
    if not policy.allow_loopback:
        return Verdict(False, "loopback")
    if policy.loopback_ports is not None and port not in policy.loopback_ports:
        return Verdict(False, f"loopback, port {port}")
    return _YES


def _check_port(port: int, policy: EgressPolicy) -> Verdict:
    if policy.allowed_ports is None or port in policy.allowed_ports:
        return _YES
    return Verdict(False, f"port {port} is not allowed")


def is_localhost_name(host: str) -> bool:
    """`localhost` or a name below it: always loopback, never asked of a name server (RFC 6761, 6.3)."""
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def literal_address(host: str) -> IpAddress | None:
    """The address a host is written as, in canonical form, with or without brackets; None for a name."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f\\]")
_NUMERIC_LABEL = re.compile(r"(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)


def check_url(url: str, policy: EgressPolicy) -> Verdict:
    """Whether a URL may be asked for: scheme, port, no credentials, and no address in a disguise.

    A host whose last label is a number is an IPv4 address to some parsers (`2130706433`, `0177.0.0.1`, `0x7f.1`,
    `127.1`; WHATWG URL, "ends in a number"): only the canonical dotted form is accepted, and judged.
    """
    if len(url) > MAX_URL_LENGTH:
        return Verdict(False, f"longer than {MAX_URL_LENGTH} characters")
    if _NOT_IN_A_URL.search(url):
        return Verdict(False, "white space, a control character or a backslash in the URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Verdict(False, "not a URL")
    if parts.scheme not in {"http", "https"}:
        return Verdict(False, f"scheme {parts.scheme[:20]!r} is not allowed")
    if "@" in parts.netloc:
        return Verdict(False, "credentials in the URL")
    if port == 0:
        return Verdict(False, "port 0")
    if not parts.hostname:
        return Verdict(False, "no host")
    if parts.scheme == "http" and not (policy.allow_http or (policy.allow_loopback and _is_loopback(parts.hostname))):
        return Verdict(False, "only https is allowed")
    return _check_host(parts.hostname, port or (443 if parts.scheme == "https" else 80), policy)


def host_of(url: str) -> str:
    """The host of a URL in lower case, without the dot that may end it; empty where it names none."""
    return (urlsplit(url).hostname or "").rstrip(".")


def _is_loopback(host: str) -> bool:
    address = literal_address(host)
    return is_localhost_name(host) or (address is not None and public_address(address).why == "loopback")


def _check_host(host: str, port: int, policy: EgressPolicy) -> Verdict:
    name = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".")
    if is_localhost_name(name):
        return _check_loopback(port, policy)
    address = literal_address(name)
    if address is not None:
        return check_address(address, port, policy)
    if _NUMERIC_LABEL.fullmatch(name.rpartition(".")[2]):
        return Verdict(False, "an IPv4 address in an unusual form")
    if not name or any(not label or len(label) > 63 for label in name.split(".")) or len(name) > 253:
        return Verdict(False, "not a host name")
    return _check_port(port, policy)
