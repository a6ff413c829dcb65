"""The network under httpcore: connects to checked addresses only, and lets no operation outlive its request."""

import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from shared.clock import Clock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed
from shared.http.resolving import BlockedAddress, Lookup, resolve

_MOST_FOR_ONE_ADDRESS_S = 10.0


class Budget(threading.local):
    """What the request of the calling thread may still spend, and whether it had to open a connection.

    httpcore hands its network backend a timeout for each operation; a server that sends one byte in time, again and
    again, would outlive any of them. So the end of the whole request is kept here and looked up at each operation.
    """

    ends_at: float = 0.0
    connected: bool = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Give the calling thread so many seconds."""
        outer, self.ends_at = self.ends_at, self._clock.monotonic() + seconds
        try:
            yield
        finally:
            self.ends_at = outer

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let time pass that is not the request's own, such as a wait for its turn; a request made within is apart."""
        left, self.ends_at = self.left(), 0.0
        try:
            yield
        finally:
            self.ends_at = self._clock.monotonic() + left

    def left(self) -> float:
        """Seconds left; FetchFailed(timeout) where none are."""
        left = self.ends_at - self._clock.monotonic()
        if left <= 0:
            raise FetchFailed(FailureKind.TIMEOUT, "no complete answer before the deadline")
        return left


class BudgetedStream(httpcore.NetworkStream):
    """A connection whose operations end with the budget of the thread that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._budget.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._budget.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return BudgetedStream(self._stream.start_tls(ssl_context, server_hostname, self._budget.left()), self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections. The name is resolved here, once, and what was checked is what is connected to.

    Host header, server name and certificate check keep using the name of the URL.
    """

    def __init__(self, policy: EgressPolicy, budget: Budget, lookup: Lookup) -> None:
        self._policy = policy
        self._budget = budget
        self._lookup = lookup
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self._budget.connected = True
        addresses = self._resolve(host, port)
        for tries_left in range(len(addresses), 1, -1):
            share = min(self._budget.left() / tries_left, _MOST_FOR_ONE_ADDRESS_S)
            try:
                return self._connect(str(addresses[-tries_left]), port, share, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(str(addresses[-1]), port, self._budget.left(), socket_options)

    def _connect(
        self, address: str, port: int, timeout: float, options: Iterable[httpcore.SOCKET_OPTION] | None
    ) -> httpcore.NetworkStream:
        stream = self._tcp.connect_tcp(address, port, timeout=timeout, socket_options=options)
        return BudgetedStream(stream, self._budget)

    def _resolve(self, host: str, port: int) -> list[Any]:
        try:
            return list(resolve(host, port, self._policy, timeout_s=self._budget.left(), lookup=self._lookup))
        except BlockedAddress as error:
            raise FetchFailed(FailureKind.BLOCKED_ADDRESS, str(error)) from None
        except TimeoutError as error:
            raise FetchFailed(FailureKind.TIMEOUT, str(error)) from None
        except OSError as error:
            raise FetchFailed(FailureKind.DNS, f"{host}: {error.strerror or error}") from error
