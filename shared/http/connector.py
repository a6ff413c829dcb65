"""aiohttp's connector under the same guard, for the notifier's webhooks."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from shared.domain.addresses import EgressPolicy, check_address
from shared.http.resolving import BlockedAddress, Lookup, checked, known_addresses, start_lookup, system_lookup
from shared.http.tls import verified_context

AddrInfo = tuple[socket.AddressFamily | int, socket.SocketKind | int, int, str, tuple[Any, ...]]


class GuardedResolver(AbstractResolver):
    """Resolves a name once and refuses it if any answer is bad."""

    def __init__(self, policy: EgressPolicy, lookup: Lookup) -> None:
        self._policy = policy
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises BlockedAddress (an OSError), or socket.gaierror where the name has no address."""
        answers = known_addresses(host) or await self._ask(host)
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in checked(host, port, answers, self._policy)
        ]

    async def _ask(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Sequence[str] | Exception] = loop.create_future()

        def done(answer: Sequence[str] | Exception) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, answer)

        start_lookup(self._lookup, host, done)
        answer = await future
        if isinstance(answer, UnicodeError):
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is no name that can be looked up")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing is held."""


def _settle(future: "asyncio.Future[Sequence[str] | Exception]", answer: Sequence[str] | Exception) -> None:
    if not future.done():
        future.set_result(answer)


def _checked_socket(policy: EgressPolicy, info: AddrInfo) -> socket.socket:
    """The socket for one connection attempt: the last look at its target, literal addresses included."""
    family, kind, protocol, _, target = info
    verdict = check_address(ip_address(target[0]), target[1], policy)
    if not verdict.allowed:
        raise BlockedAddress(str(target[0]), verdict.why)
    return socket.socket(family=family, type=kind, proto=protocol)


def guarded_connector(
    policy: EgressPolicy,
    *,
    tls: ssl.SSLContext | None = None,
    lookup: Lookup = system_lookup,
    connections: int = 256,
    per_host: int = 0,
) -> aiohttp.TCPConnector:
    """A connector that connects to checked addresses only; make it inside the running loop.

    A refused target surfaces as aiohttp.ClientConnectorError whose `os_error` is a BlockedAddress. Schemes, credentials
    and redirects are the caller's to refuse (`check_url`, `allow_redirects=False`). `per_host` 0 means no limit.
    """
    return aiohttp.TCPConnector(
        resolver=GuardedResolver(policy, lookup),
        socket_factory=partial(_checked_socket, policy),
        ssl=tls or verified_context(),
        limit=connections,
        limit_per_host=per_host,
    )
