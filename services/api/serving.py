"""How the API meets the network: one uvicorn server, many connections, none of which may say nothing for long."""

import asyncio
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.api.handoff import AGAIN_S, Given, Listening
from shared.logging import get_logger

log = get_logger()

HEAD_S = 10.0
"""How long a connection may take to say what it asks, the first time and after each answer."""

TAKE_S = 60.0
"""How long one may take nothing of an answer that waits for it."""

_MOST_CONNECTIONS = 900
"""Below the 1,024 files that a process commonly may have open, so that what a request opens has room; requests at once
are bounded by `Guard`."""

_GRACE_S = 10


class Impatient(H11Protocol):
    """uvicorn's HTTP/1.1, which by itself waits for ever for a first request, for the rest of any begun head, and for
    whoever does not read what they asked for."""

    ended: Callable[[], None] = staticmethod(lambda: None)
    """Told when the connection is closed."""

    _waiting: asyncio.TimerHandle | None = None
    _untaken = 0
    """Bytes that waited to be taken when we looked last; 0 where we did not look yet."""

    @property
    def silent_since(self) -> float | None:
        """The moment (of its loop) since which nothing was asked or taken; None while anything is to be."""
        is_asked = self.cycle is not None and not self.cycle.response_complete
        if is_asked or self._waiting is None or self.transport.get_write_buffer_size() or self.transport.is_closing():
            return None
        return self._waiting.when() - HEAD_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio asks this of sockets that name TCP (their proto), which those of socket.create_server do not. Without
        # it an answer's body waits 40 ms for its asker to acknowledge the head (Nagle's algorithm, RFC 896).
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete and not self.flow.write_paused:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        self._wait_no_more()
        super().on_response_complete()
        self._wait()

    def handle_events(self) -> None:
        """Begin no request while answers before it wait to be taken: it would keep a place that others could have."""
        if self.flow.write_paused:
            self.flow.pause_reading()
        else:
            super().handle_events()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._waiting is None:
            self._wait()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self.flow.resume_reading()
            self.handle_events()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)
        self.ended()

    def _wait(self) -> None:
        self._untaken = 0
        self._waiting = self.loop.call_later(HEAD_S, self._look)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _look(self) -> None:
        """Close what neither asks nor takes anything; what is being answered may go on."""
        before, self._untaken = self._untaken, self.transport.get_write_buffer_size()
        self._waiting = None
        if self._untaken and (not before or self._untaken < before):
            self._waiting = self.loop.call_later(TAKE_S, self._look)
        elif self._untaken or self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


class Handed(uvicorn.Server):
    """A server that takes one connection after the other, as they are given to it."""

    def __init__(self, config: uvicorn.Config, given: Given | Listening) -> None:
        super().__init__(config)
        self._given = given
        self._beginning: set[asyncio.Task[None]] = set()
        self._open = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take."""
        await super().startup([])
        self._given.channel.setblocking(False)
        self._listen()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more, and finish what is under way."""
        asyncio.get_running_loop().remove_reader(self._given.channel)
        self._given.channel.close()
        await super().shutdown([])

    def _listen(self) -> None:
        if not self.should_exit:
            asyncio.get_running_loop().add_reader(self._given.channel, self._take)

    def _take(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection = self._given.take()
        except EOFError:  # our parent is gone, and we shall be told to end
            loop.remove_reader(self._given.channel)
            return
        except OSError as error:
            log.warning("api.cannot-accept", error=str(error))
            loop.remove_reader(self._given.channel)
            loop.call_later(AGAIN_S, self._listen)
            return
        if connection and self._open >= _MOST_CONNECTIONS and not self._make_room():
            connection.close()
            self._given.ended()
        elif connection:
            self._open += 1
            task = asyncio.create_task(self._begin(connection))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)

    def _make_room(self) -> bool:
        """Close the connection that has been silent the longest; False where none is."""
        since = {one.silent_since: one for one in self.server_state.connections if isinstance(one, Impatient)}
        longest = min((moment for moment in since if moment is not None), default=None)
        if longest is None:
            return False
        since[longest].transport.abort()
        return True

    async def _begin(self, connection: socket.socket) -> None:
        def protocol() -> Impatient:
            made = Impatient(self.config, self.server_state, self.lifespan.state)
            made.ended = self._ended
            return made

        connection.setblocking(False)
        await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)

    def _ended(self) -> None:
        self._open -= 1
        self._given.ended()


def config_of(app: ASGIApp) -> uvicorn.Config:
    """What uvicorn is told."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=Impatient,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # the tokens stand in the paths
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )


def serve(app: ASGIApp, source: socket.socket | Given) -> None:
    """Answer until SIGTERM or SIGINT, then finish the requests under way."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # uvicorn raises the signal once more when it has ended
    given = source if isinstance(source, Given) else Listening(source)
    asyncio.run(Handed(config_of(app), given).serve())
