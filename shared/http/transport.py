"""httpx's transport over a guarded httpcore pool; whatever goes wrong there becomes a FetchFailed."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from shared.domain.captures import FailureKind, FetchFailed
from shared.http.backend import GuardedBackend

_MOST_CONNECTIONS = 200
_MOST_IDLE = 40
_IDLE_S = 15.0


class GuardedTransport(httpx.BaseTransport):
    """HTTP/1.1 over checked connections; reads no environment and knows no proxy."""

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_IDLE,
            keepalive_expiry=_IDLE_S,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        with typed_failures():
            response = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=None,
                    extensions=request.extensions,
                )
            )
        assert isinstance(response.stream, Iterable)
        return httpx.Response(
            status_code=response.status, headers=response.headers, stream=_TypedStream(response, response.stream)
        )

    def close(self) -> None:
        self._pool.close()


class _TypedStream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, pieces: Iterable[bytes]) -> None:
        self._response = response
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        with typed_failures():
            yield from self._pieces

    def close(self) -> None:
        self._response.close()


@contextmanager
def typed_failures() -> Iterator[None]:
    """Turn httpcore's exceptions into FetchFailed."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise FetchFailed(FailureKind.TIMEOUT, "no complete answer before the deadline") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise FetchFailed(_kind_of(error), _in_words(error)) from error


def _kind_of(error: Exception) -> FailureKind:
    if isinstance(_origin(error), ssl.SSLError):
        return FailureKind.TLS
    return FailureKind.CONNECT if isinstance(error, httpcore.NetworkError) else FailureKind.PROTOCOL


def _in_words(error: Exception) -> str:
    origin = _origin(error)
    if isinstance(origin, ssl.SSLCertVerificationError):
        return f"certificate: {origin.verify_message}"
    return str(error)[:300] or type(origin or error).__name__


def _origin(error: Exception) -> BaseException | None:
    """The operating system's exception; the pool raises on with `from None`, which leaves it as the context."""
    return error.__cause__ or error.__context__
