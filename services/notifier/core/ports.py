"""The one port through which messages leave."""

from typing import Protocol

from services.notifier.core.messages import Accepted, Message


class Sender(Protocol):
    """Takes one message out, within a deadline of its own."""

    async def send(self, message: Message) -> Accepted:
        """Returns once the receiver has taken the message; raises SendFailed otherwise, and nothing else."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
