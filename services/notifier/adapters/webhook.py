"""Webhooks over aiohttp: one deadline for everything, no redirects, little of the answer read."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial

import aiohttp

from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind, excerpt
from shared.domain.addresses import EgressPolicy, check_url
from shared.domain.retry_after import parse_retry_after
from shared.http.resolving import BlockedAddress

DEADLINE_S = 15.0
"""From name resolution to the last byte of the answer that is read."""
ANSWER_BYTES = 64 * 1024
_USER_AGENT = "Clausewatch-Webhooks/1"
_THROTTLED = {429, 502, 503, 504}
_JUDGED = 4_096
"""URLs whose verdict is remembered; the addresses behind them are looked at anew for every connection."""


class WebhookSender:
    """Posts signed bodies. Make it inside the running loop; `close()` it there.

    The connector decides which addresses may be reached, `policy` which URLs are asked for at all. Answers are not
    decompressed, so that none can be a bomb. `connect_s` is how much of the deadline a connection may take to be made;
    one that is not made in it fails as CONNECT and not as TIMEOUT, so that nothing can have gone out.
    """

    def __init__(
        self,
        connector: aiohttp.BaseConnector,
        policy: EgressPolicy,
        *,
        now: Callable[[], datetime],
        deadline_s: float = DEADLINE_S,
        connect_s: float | None = None,
    ) -> None:
        self._now, self._connect_s = now, connect_s
        self._judged = lru_cache(_JUDGED)(partial(check_url, policy=policy))
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=deadline_s, connect=connect_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={"User-Agent": _USER_AGENT, "Content-Type": "application/json", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """End every connection."""
        await self._session.close()

    async def send(self, message: Message) -> Accepted:
        """Post the body to the address; SendFailed for anything but a 2xx answer."""
        verdict = self._judged(message.address)
        if not verdict.allowed:
            raise SendFailed(SendFailureKind.INVALID_ADDRESS, verdict.why, permanent=True)
        try:
            return await self._post(message)
        except aiohttp.ConnectionTimeoutError as error:
            raise SendFailed(SendFailureKind.CONNECT, f"no connection within {self._connect_s} s") from error
        except TimeoutError as error:
            raise SendFailed(SendFailureKind.TIMEOUT, "no complete answer before the deadline") from error
        except aiohttp.InvalidURL as error:
            raise SendFailed(SendFailureKind.INVALID_ADDRESS, "not a usable URL", permanent=True) from error
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            raise SendFailed(SendFailureKind.TLS, str(error)) from error
        except aiohttp.ClientConnectorError as error:
            raise _unreached(error) from error
        except (aiohttp.ClientError, ConnectionError, asyncio.IncompleteReadError) as error:
            raise SendFailed(SendFailureKind.PROTOCOL, f"{type(error).__name__}: {error}") from error

    async def _post(self, message: Message) -> Accepted:
        async with self._session.post(
            message.address, data=message.body, headers=message.headers, allow_redirects=False
        ) as response:
            answer = await _beginning(response)
            if not response.content.at_eof():
                response.close()  # the rest is not worth reading, so the connection is not kept
            if 200 <= response.status < 300:
                return Accepted(response.status, excerpt(answer))
            raise self._failure(response, answer)

    def _failure(self, response: aiohttp.ClientResponse, answer: bytes) -> SendFailed:
        status = response.status
        if status == 410:
            return SendFailed(SendFailureKind.GONE, "the endpoint is gone", status=status, answer=excerpt(answer))
        if 300 <= status < 400:
            detail = f"redirects are not followed (to {response.headers.get('Location', 'nowhere')[:200]})"
            return SendFailed(SendFailureKind.REDIRECT, detail, status=status, answer=excerpt(answer))
        wait = parse_retry_after(response.headers.get("Retry-After"), self._now()) if status in _THROTTLED else None
        return SendFailed(
            SendFailureKind.STATUS, f"HTTP {status}", retry_after=wait, status=status, answer=excerpt(answer)
        )


def _unreached(error: aiohttp.ClientConnectorError) -> SendFailed:
    cause = error.os_error
    if isinstance(cause, BlockedAddress):
        return SendFailed(SendFailureKind.BLOCKED_ADDRESS, str(cause), permanent=True)
    unresolved = isinstance(error, aiohttp.ClientConnectorDNSError)
    return SendFailed(SendFailureKind.DNS if unresolved else SendFailureKind.CONNECT, str(cause))


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    answer = bytearray()
    while len(answer) < ANSWER_BYTES:
        chunk = await response.content.read(ANSWER_BYTES - len(answer))
        if not chunk:
            break
        answer += chunk
    return bytes(answer)
