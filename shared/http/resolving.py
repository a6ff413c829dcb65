"""From a host name to addresses that may be connected to: resolved once, refused if any answer is bad."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from shared.domain.addresses import EgressPolicy, IpAddress, check_address, is_localhost_name, literal_address

Lookup = Callable[[str], Sequence[str]]
"""Addresses of a host name as text; OSError (such as socket.gaierror) or UnicodeError where there are none."""

_LOOPBACK = ("127.0.0.1", "::1")


class BlockedAddress(OSError):
    """A target that the egress policy refuses; `why` is the policy's reason."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host} may not be connected to: {why}")
        self.host = host
        self.why = why


def system_lookup(host: str) -> list[str]:
    """The addresses that this machine's resolver gives, in its order of preference."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def known_addresses(host: str) -> Sequence[str] | None:
    """The addresses of a host that needs no lookup: a literal address, or a localhost name; None for others."""
    if is_localhost_name(host):
        return _LOOPBACK
    address = literal_address(host)
    return None if address is None else (str(address),)


def start_lookup(lookup: Lookup, host: str, done: Callable[[Sequence[str] | Exception], object]) -> None:
    """Look a name up in a thread of its own and hand the answer, or the exception, to `done` there.

    The system's resolver cannot be interrupted: a caller that stops waiting leaves the thread to end by itself, and a
    daemon thread holds up neither a pool nor the end of the process.
    """

    def run() -> None:
        answer: Sequence[str] | Exception
        try:
            answer = lookup(host)
        except (OSError, UnicodeError) as error:
            answer = error
        done(answer)

    threading.Thread(target=run, name=f"lookup {host}", daemon=True).start()


def checked(host: str, port: int, answers: Sequence[str], policy: EgressPolicy) -> list[IpAddress]:
    """The answers as addresses, in order; BlockedAddress if any is bad, so that no mixed answer gets through."""
    addresses = list(dict.fromkeys(ip_address(answer) for answer in answers))
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, f"{host} has no address")
    for address in addresses:
        verdict = check_address(address, port, policy)
        if not verdict.allowed:
            raise BlockedAddress(host, f"{address} ({verdict.why})" if str(address) != host else verdict.why)
    return addresses


def resolve(host: str, port: int, policy: EgressPolicy, *, timeout_s: float, lookup: Lookup) -> list[IpAddress]:
    """The checked addresses of a host, waiting at most `timeout_s`.

    Raises BlockedAddress, TimeoutError, or socket.gaierror where the name has no address.
    """
    answers: Sequence[str] | Exception | None = known_addresses(host)
    if answers is None:
        box: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()
        start_lookup(lookup, host, box.put)
        try:
            answers = box.get(timeout=max(timeout_s, 0))
        except queue.Empty:
            raise TimeoutError(f"no answer for {host} from the name servers in time") from None
    if isinstance(answers, UnicodeError):
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is no name that can be looked up")
    if isinstance(answers, Exception):
        raise answers
    return checked(host, port, answers, policy)
