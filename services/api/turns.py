"""Requests one after the other, in the order in which they came."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONG_S = 0.05
"""After so long a request waits for something else than this process, or is one of the few that work for long."""


class Holding(Protocol):
    """What a request has for the time of its turn."""

    def end(self) -> None:
        """Give it up."""


class Turns:
    """An ASGI application around another (asgi.readthedocs.io, HTTP) which so many requests at a time may work in.

    Python runs the code of one request at a time. Begun together, eight requests take turns of 5 ms, hold up the loop
    that sends their answers, and all end late; one after the other, the first ends after an eighth of the time and
    only the last as late as before. A turn ends when the answer is ready, not when it is read; and after `LONG_S`,
    so that nobody waits behind an export or a receiver who does not answer.
    """

    def __init__(self, app: ASGIApp, at_once: int, hold: Callable[[], Holding]) -> None:
        """`hold` is called when a turn begins, in its request's context."""
        self._app, self._hold = app, hold
        self._turns = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._turns.acquire()
        turn = _Turn(self._turns, self._hold())

        async def ready(message: Message) -> None:
            turn.end()
            await send(message)

        try:
            await self._app(scope, receive, ready)
        finally:
            turn.end()


class _Turn:
    """Given up once, by whoever comes first."""

    def __init__(self, turns: asyncio.Semaphore, held: Holding) -> None:
        self._turns, self._held = turns, held
        self._at_latest: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(LONG_S, self.end)

    def end(self) -> None:
        if self._at_latest is not None:
            self._at_latest.cancel()
            self._at_latest = None
            self._held.end()
            self._turns.release()
