"""A sender that keeps what it is given, and fails as it is told to."""

import asyncio
from collections.abc import Callable

from services.notifier.core.messages import Accepted, Message, SendFailed

Answer = Accepted | SendFailed | Callable[[Message], Accepted | SendFailed]


class FakeSender:
    """Accepts everything until told otherwise. `gate`, where it is set, is waited for before each answer."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.answers: list[Answer] = []
        self.default: Answer = Accepted(200, "ok")
        self.gate: asyncio.Event | None = None
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False

    async def send(self, message: Message) -> Accepted:
        self.received.append(message)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.gate:
                await self.gate.wait()
            else:
                await asyncio.sleep(0)
        finally:
            self.in_flight -= 1
        answer = self.answers.pop(0) if self.answers else self.default
        if callable(answer):
            answer = answer(message)
        if isinstance(answer, SendFailed):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True
