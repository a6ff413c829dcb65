"""What holds for every answer: a bounded request, and headers that let a page load, frame and leak nothing."""

import asyncio
import base64
import hashlib
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.v1.problems import Problem
from services.differ.core.render.page_style import STYLE

MOST_BYTES = 16_384
"""Of a request's body; our longest form has 2,000 characters to fill."""

BODY_S = 10.0
"""How long a body may take to come in."""

IN_FLIGHT = 64
"""Requests at once; more are refused, so that a flood meets a bound."""

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'self' 'sha256-{_STYLE_HASH}'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Of every answer that does not say otherwise itself."""

_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """An ASGI application around another (asgi.readthedocs.io, HTTP): reads the body whole before it is passed on."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        """`larger`: the bytes that a body may have at paths that take more than others."""
        self._app, self._larger = app, larger or {}
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        is_head = scope["method"] == "HEAD"
        if is_head:  # as GET without the content (RFC 9110, 9.3.2), which routes need not know of
            scope = {**scope, "method": "GET"}

        async def sealed(message: Message) -> None:
            if is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                said = {name.lower() for name, _value in given}
                ours = [(name, value) for name, value in _HEADERS if name not in said]
                message = {**message, "headers": [*given, *ours]}
            await send(message)

        if self._in_flight >= IN_FLIGHT:
            await _refusal(scope, _BUSY)(scope, receive, sealed)
            return
        self._in_flight += 1
        try:
            await self._answer(scope, receive, sealed)
        finally:
            self._in_flight -= 1

    async def _answer(self, scope: Scope, receive: Receive, sealed: Send) -> None:
        try:
            refusal, body = await _read(scope, receive, self._larger.get(scope["path"], MOST_BYTES))
        except ClientDisconnect:  # half a form may say something else than the whole
            return
        if refusal:
            await _refusal(scope, refusal)(scope, receive, sealed)
            return
        await self._app(scope, given_whole(body, receive), sealed)


_BUSY = Problem("busy", "too many ask at once: try again in a second", headers={"retry-after": "1"})
_SLOW = Problem("timeout", "the request took too long", headers={"connection": "close"})


def _refusal(scope: Scope, problem: Problem) -> Response:
    """As programs read it, and for people in plain words: no page can be made of a request that was not read."""
    if scope["path"].startswith("/api/"):
        return problem.response()
    said = f"{problem.detail[:1].upper()}{problem.detail[1:]}.\n"
    return PlainTextResponse(said, problem.status, problem.headers)


async def _read(scope: Scope, receive: Receive, most: int) -> tuple[Problem | None, bytes]:
    length = Headers(scope=scope).get("content-length", "0")
    if len(length) > len(str(most)) or (length.isdecimal() and int(length) > most):
        return _too_large(most), b""
    body = b""
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > most:
                    return _too_large(most), b""
                if not message.get("more_body", False):
                    return None, body
    except TimeoutError:
        return _SLOW, b""


def _too_large(most: int) -> Problem:
    said = f"a request may have {most:,} bytes: go back and shorten what is sent"
    return Problem("too-large", said, headers={"connection": "close"})


def given_whole(body: bytes, receive: Receive) -> Receive:
    """A channel that gives a body that was read already, then what else comes."""
    is_given = False

    async def give() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give
