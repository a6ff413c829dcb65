"""The fetcher's HTTP client: synchronous, guarded at every hop, bounded in time and in memory."""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from shared.clock import Clock
from shared.domain.addresses import EgressPolicy, check_url
from shared.domain.captures import SECRET_HEADERS, FailureKind, FetchFailed, Redirect, Response
from shared.http.backend import Budget, GuardedBackend
from shared.http.decoding import ACCEPT_ENCODING, decoded
from shared.http.resolving import Lookup, system_lookup
from shared.http.tls import verified_context
from shared.http.transport import GuardedTransport

Headers = Sequence[tuple[str, str]]
OnHop = Callable[[str], None]
"""Called with each URL before it is asked for; may wait, or ask for something else; raises FetchFailed to stop."""

MOST_REDIRECTS = 10
MAX_BYTES = 20_000_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SMALL_BODY = 16 * 1024
_MOST_STALE_CONNECTIONS = 3
"""A server may close idle connections just as we use them; this many are passed over before an error counts."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One hop's answer; `location` is set where it redirects, and its body is then not kept."""

    status: int
    location: str | None
    request_headers: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes


class GuardedClient:
    """GETs web pages. Threads may share one; make it after forking, and close it.

    Nothing is kept between two calls but idle connections: cookies live for one chain of redirects.
    """

    def __init__(
        self,
        policy: EgressPolicy,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._budget = Budget(clock)
        backend = GuardedBackend(policy, self._budget, lookup)
        transport = GuardedTransport(backend, tls or verified_context())
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx.Client(transport=transport, trust_env=False, follow_redirects=False, cookies=no_cookies)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(
        self,
        url: str,
        *,
        headers: Headers = (),
        deadline_s: float = 60.0,
        max_bytes: int = MAX_BYTES,
        on_hop: OnHop | None = None,
    ) -> Response:
        """The answer at the end of the redirects, whatever its status, with its body decoded.

        `deadline_s` covers everything from the first name resolution to the last byte, all hops together, but not the
        time that `on_hop` takes; that is called before each request, the first included. `max_bytes` is counted after
        decoding. Raises FetchFailed: blocked-address, dns,
        connect, tls, timeout, too-large, too-many-redirects, protocol, or what `on_hop` raises.
        """
        started_at = self._clock.now()
        redirects: list[Redirect] = []
        cookies = httpx.Cookies()
        target = url
        with self._budget.of(deadline_s):
            while True:
                answer = self._hop(target, headers, cookies, max_bytes, on_hop)
                if answer.location is None:
                    break
                if len(redirects) == MOST_REDIRECTS:
                    detail = f"more than {MOST_REDIRECTS} redirects, the last to {answer.location[:200]}"
                    raise FetchFailed(FailureKind.TOO_MANY_REDIRECTS, detail, status=answer.status)
                redirects.append(Redirect(target, answer.status, answer.location))
                target = answer.location
        return Response(
            url=url,
            final_url=target,
            status=answer.status,
            redirects=tuple(redirects),
            request_headers=answer.request_headers,
            headers=answer.headers,
            body=answer.body,
            started_at=started_at,
            finished_at=self._clock.now(),
        )

    def _hop(self, url: str, headers: Headers, cookies: httpx.Cookies, max_bytes: int, on_hop: OnHop | None) -> _Answer:
        verdict = check_url(url, self._policy)
        if not verdict.allowed:
            raise FetchFailed(FailureKind.BLOCKED_ADDRESS, f"{url[:200]}: {verdict.why}")
        if on_hop is not None:
            with self._budget.paused():
                on_hop(url)
        for _ in range(_MOST_STALE_CONNECTIONS):
            self._budget.connected = False
            try:
                return self._exchange(url, headers, cookies, max_bytes)
            except FetchFailed as failed:
                if self._budget.connected or failed.kind not in {FailureKind.CONNECT, FailureKind.PROTOCOL}:
                    raise
        return self._exchange(url, headers, cookies, max_bytes)

    def _exchange(self, url: str, headers: Headers, cookies: httpx.Cookies, max_bytes: int) -> _Answer:
        request = self._request(url, headers, cookies)
        response = self._send(request)
        try:
            location = _location(response)
            if location is None:
                body = self._body(response, max_bytes)
            else:
                body = b""
                cookies.extract_cookies(response)
                _drain(response)
        finally:
            response.close()
        return _Answer(response.status_code, location, _plain(request.headers), _plain(response.headers), body)

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:  # httpx parses a Location it won't follow
            raise FetchFailed(FailureKind.PROTOCOL, str(error)[:300]) from error

    def _request(self, url: str, headers: Headers, cookies: httpx.Cookies) -> httpx.Request:
        left = self._budget.left()
        try:
            request = httpx.Request(
                "GET",
                url,
                headers=[("Accept-Encoding", ACCEPT_ENCODING), *headers],
                extensions={"timeout": {"pool": left, "connect": left, "read": left, "write": left}},
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchFailed(FailureKind.PROTOCOL, f"{url[:200]} cannot be asked for: {error}") from error
        if cookies:
            cookies.set_cookie_header(request)
        return request

    def _body(self, response: httpx.Response, max_bytes: int) -> bytes:
        if response.status_code != 304 and (size := _announced_size(response)) is not None and size > max_bytes:
            raise FetchFailed(FailureKind.TOO_LARGE, f"the body is announced with {size:,} bytes")
        encoding = response.headers.get("content-encoding", "")
        return b"".join(decoded(_stream(response), encoding, max_bytes=max_bytes, tick=self._budget.left))


def _stream(response: httpx.Response) -> httpx.SyncByteStream:
    assert isinstance(response.stream, httpx.SyncByteStream)
    return response.stream


def _announced_size(response: httpx.Response) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _location(response: httpx.Response) -> str | None:
    """Where a redirect points, absolute and without fragment; None where the answer is none."""
    if response.status_code not in _REDIRECTS or "location" not in response.headers:
        return None
    raw = next(value for name, value in response.headers.raw if name.lower() == b"location")
    try:
        return str(response.request.url.join(raw.decode("utf-8", "replace").strip()).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError) as error:
        detail = f"redirected to {raw[:200]!r}, which is no URL"
        raise FetchFailed(FailureKind.PROTOCOL, detail, status=response.status_code) from error


def _drain(response: httpx.Response) -> None:
    """Read a redirect's small body, so that its connection serves the next hop too."""
    size = _announced_size(response)
    if size is not None and size <= _SMALL_BODY:
        for _ in _stream(response):
            pass


def _plain(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    """Headers as text, byte for byte: what a server said in any charset can be echoed verbatim. Without secrets."""
    named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers.raw)
    return tuple((name, value) for name, value in named if name not in SECRET_HEADERS)
