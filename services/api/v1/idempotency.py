"""A POST with an `Idempotency-Key` is done once (draft-ietf-httpapi-idempotency-key-header-07).

The answer is stored before it is sent: who has read it can rely on it. A process that dies between the work and the
storing leaves a key without an answer, and nobody then claims to know what became of its request.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.guard import given_whole
from services.api.principals import Principal, remembered
from services.api.v1.answers import LOCATION
from services.api.v1.problems import Fault, Problem
from shared.clock import Clock
from shared.db.identity.idempotency import Earlier, KeptAnswer
from shared.secrets import Unsealable

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
PATTERN = r"^[!-~]{1,255}$"
"""Visible ASCII. The draft's quotes (a structured field's string) may be there or not."""

LONGEST = timedelta(seconds=60)
"""How long a request may take; one that has no answer by then ended without any."""

_RETRY_AFTER_S = 1


class Keys(Protocol):
    """See `shared.db.identity.idempotency.IdempotencyKeys`."""

    def begin(self, account_id: str, key: str, request_sha256: str, now: datetime) -> Earlier | None: ...

    def finish(self, account_id: str, key: str, answer: KeptAnswer) -> None: ...

    def release(self, account_id: str, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A key of an account."""

    account_id: str
    key: str


class Idempotent:
    """An ASGI application around the REST routes, within the one that says who asks."""

    def __init__(self, app: ASGIApp, keys: Keys, clock: Clock) -> None:
        self._app, self._keys, self._clock = app, keys, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal = remembered(scope)
        given = Headers(scope=scope).get(HEADER) if scope["type"] == "http" and scope["method"] == "POST" else None
        if given is None or principal is None or principal.account_id is None:
            await self._app(scope, receive, send)
            return
        key = given.strip().removeprefix('"').removesuffix('"')
        if not re.fullmatch(PATTERN, key):
            await _bad_key().response()(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        taken = Taken(principal.account_id, key)
        earlier = await run_in_threadpool(self._begin, taken, fingerprint(principal, scope, body))
        if earlier is None:
            await self._once(taken, scope, given_whole(body, receive), send)
        else:
            await earlier(scope, receive, send)

    def _begin(self, taken: Taken, request_sha256: str) -> Response | None:
        """None where the request is to be done; else its answer."""
        now = self._clock.now()
        try:
            earlier = self._keys.begin(taken.account_id, taken.key, request_sha256, now)
        except Unsealable:
            return _lost().response()
        return None if earlier is None else answered(earlier, request_sha256, now)

    async def _once(self, taken: Taken, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def collected(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, collected)
        status = int(messages[0]["status"])
        if 200 <= status < 300:
            await run_in_threadpool(self._keys.finish, taken.account_id, taken.key, _kept(messages))
        elif status < 500:  # a refusal: nothing was done
            await run_in_threadpool(self._keys.release, taken.account_id, taken.key)
        for message in messages:
            await send(message)


def fingerprint(principal: Principal, scope: Scope, body: bytes) -> str:
    """SHA-256 (hex) of what makes two requests the same: who asks, the address, the body and its kind.

    By whom, so that an answer with a secret is not read by another key or member of the account.
    """
    kind = Headers(scope=scope).get("content-type", "")
    who = principal.key_id or principal.member_id or ""
    parts = (who.encode(), scope["path"].encode(), scope["query_string"], kind.encode(), hashlib.sha256(body).digest())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def answered(earlier: Earlier, request_sha256: str, now: datetime) -> Response:
    """What a request is answered whose key was taken before."""
    if earlier.request_sha256 != request_sha256:
        said = "this key came with another request, or from another key or member of the account: take a new one"
        return Problem("idempotency-key-reused", said).response()
    if earlier.answer is None:
        is_under_way = now - earlier.began_at < LONGEST
        return (_under_way() if is_under_way else _lost()).response()
    kept = earlier.answer
    place = {LOCATION: kept.location} if kept.location else {}
    return Response(kept.body, kept.status, {REPLAYED: "true", **place}, kept.media_type)


def _kept(messages: list[Message]) -> KeptAnswer:
    body = b"".join(message.get("body", b"") for message in messages[1:])
    headers = Headers(raw=messages[0]["headers"])
    return KeptAnswer(int(messages[0]["status"]), headers.get("content-type"), body.decode(), headers.get(LOCATION))


def _bad_key() -> Problem:
    said = f"{HEADER}: 1 to 255 visible ASCII characters, such as a UUID"
    return Problem("invalid", said, faults=[Fault(where=f"header.{HEADER}", why=said)])


def _under_way() -> Problem:
    said = "the first request with this key is still under way: ask again"
    return Problem("still-under-way", said, headers={"Retry-After": str(_RETRY_AFTER_S)})


def _lost() -> Problem:
    said = "the first request with this key ended without an answer that we could keep: see whether it was done, and "
    return Problem("outcome-unknown", said + "take a new key if it was not")
