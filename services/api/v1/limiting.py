"""Requests over the limit are answered 429 before any work is done; every answer says where its asker stands."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.addresses import client_of
from services.api.principals import ANYBODY, BadCredentials, Identity
from services.api.v1.limits import WINDOW_S, Limits, Standing, policy_for, standing
from services.api.v1.problems import Problem, bad_credentials


class Limiting:
    """An ASGI application around the REST routes."""

    def __init__(self, app: ASGIApp, limits: Limits, identity: Identity) -> None:
        self._app, self._limits, self._identity = app, limits, identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        now, is_good = await run_in_threadpool(self._count, Request(scope))

        async def saying(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(now.headers)
            await send(message)

        if now.is_over:
            await _refusal(now).response()(scope, receive, saying)
        elif not is_good:
            await bad_credentials().response()(scope, receive, saying)
        else:
            await self._app(scope, receive, saying)

    def _count(self, request: Request) -> tuple[Standing, bool]:
        """Where the asker stands, and whether what they prove themselves by is good. Guesses count for the address."""
        try:
            principal, is_good = self._identity.identify(request), True
        except BadCredentials:
            principal, is_good = ANYBODY, False
        address = client_of(request, self._limits.trusted_proxies)
        policy = policy_for(principal, address, self._limits.anonymous_per_minute)
        return standing(policy, self._limits.counts.take(policy.counted_as, WINDOW_S)), is_good


def _refusal(now: Standing) -> Problem:
    more = (
        "an API key of an account has a limit of its own" if now.policy.name == "address" else "a larger plan has more"
    )
    said = f"more than {now.policy.quota} requests in a minute: wait {now.reset_s} s; {more}"
    return Problem("too-many-requests", said)
