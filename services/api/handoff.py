"""Connections of one listener, each handed to the process that has the fewest.

Processes that all accept at one listener get what chance gives them: whoever wakes first may have seven of eight, whose
requests wait for one another while the other processes rest. So the parent accepts, and passes each connection on
(SCM_RIGHTS, unix(7)).
"""

import errno
import mmap
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from shared.logging import get_logger

log = get_logger()

AGAIN_S = 1.0
"""After so long a connection is accepted again where none could be: no file was left to open, or no memory."""

MOST_WAITING = 2048
"""Connections that nobody accepted yet."""

_COUNTER_BYTES = 8
_CLOSED = (errno.EBADF, errno.EINVAL)
"""What a listener says that was closed or shut down."""


@dataclass(frozen=True, slots=True)
class Given:
    """A child's end: connections come at its channel, and it says when one has ended."""

    channel: socket.socket
    ended: Callable[[], None]

    def take(self) -> socket.socket | None:
        """The next connection; None where none waits. EOFError when there will be none again."""
        try:
            said, files, _, _ = socket.recv_fds(self.channel, 1, 1)
        except BlockingIOError:
            return None
        if not said:
            raise EOFError
        if not files:  # this process has no file left to open, and the connection was closed
            self.ended()
            return None
        return socket.socket(fileno=files[0])


@dataclass(frozen=True, slots=True)
class Listening:
    """The same for a process that answers alone, and accepts for itself."""

    channel: socket.socket

    def take(self) -> socket.socket | None:
        """The next connection; None where none waits. OSError where it cannot be accepted."""
        try:
            return self.channel.accept()[0]
        except (BlockingIOError, ConnectionAbortedError):
            return None

    def ended(self) -> None:
        """Nobody counts."""


class Handoff:
    """Made before the children are, who share it: the parent gives, each child takes at its place."""

    def __init__(self, count: int) -> None:
        self._channels = [socket.socketpair() for _ in range(count)]
        self._given = [0] * count
        self._ended = memoryview(mmap.mmap(-1, count * _COUNTER_BYTES)).cast("Q")
        """Shared memory; of each counter one child is the only writer."""

    def give(self, listener: socket.socket) -> None:
        """Accept and hand over until the listener is closed or shut down; the parent's, in a thread of its own."""
        for _, taking in self._channels:
            taking.close()
        while True:
            try:
                connection, _ = listener.accept()
            except ConnectionAbortedError:
                continue
            except OSError as error:
                if error.errno in _CLOSED:
                    return
                log.warning("api.cannot-accept", error=str(error))
                time.sleep(AGAIN_S)
                continue
            with connection:
                self._hand_over(connection)

    def given(self, place: int) -> Given:
        """What comes to the child at this place; the child's, which lets go of all else."""
        _, channel = self._channels[place]
        for giving, taking in self._channels:
            giving.close()
            if taking is not channel:
                taking.close()
        channel.setblocking(False)

        def ended() -> None:
            self._ended[place] += 1

        return Given(channel, ended)

    def _hand_over(self, connection: socket.socket) -> None:
        place = min(range(len(self._channels)), key=self._open)
        giving, _ = self._channels[place]
        with suppress(OSError):  # that child ended, and all of them will with it; or too many wait to be taken
            socket.send_fds(giving, [b"."], [connection.fileno()])
            self._given[place] += 1

    def _open(self, place: int) -> int:
        return self._given[place] - self._ended[place]
