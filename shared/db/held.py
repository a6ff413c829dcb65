"""One connection for all that a request reads.

A pool asks each connection that it gives out whether it still stands, and resets it when it comes back: on a page that
reads ten times, that is half of what reading costs.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection, Engine

_current: ContextVar["Held | None"] = ContextVar("held", default=None)


class Held:
    """The connection of a context's readings, which come one after the other or one within another.

    It is taken when the first begins. A context has one connection at a time: whoever waited for a second would keep
    the first from others, who may wait likewise.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_over = False
        self._connection: Connection | None = None
        self._readings = 0
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """For one reading. After one that failed no more is held, since the connection may be broken."""
        connection = self._begin()
        is_good = False
        try:
            yield connection
            is_good = True
        finally:
            self._ended(connection, is_good)

    def give_back(self) -> None:
        """To the pool, where nothing is being read; the next reading takes one anew."""
        with self._lock:
            self._close()

    def end(self) -> None:
        """Hold no more; what is being read is read to its end. From any thread, as often as one likes."""
        with self._lock:
            self.is_over = True
            self._close()

    def _begin(self) -> Connection:
        with self._lock:
            if self._connection is not None:
                self._readings += 1
                return self._connection
        taken = self.engine.connect()  # may wait for a free one; whoever calls `end` must not
        with self._lock:
            self._connection, self._readings = taken, 1
        return taken

    def _ended(self, connection: Connection, is_good: bool) -> None:
        try:
            if is_good and self._readings == 1 and connection.in_transaction():
                connection.rollback()  # so that the next reading sees what is committed by then
        finally:
            with self._lock:
                self._readings -= 1
                self.is_over |= not is_good
                if self.is_over:
                    self._close()

    def _close(self) -> None:
        if self._connection is not None and not self._readings:
            self._connection.close()
            self._connection = None


def hold(engine: Engine) -> Held:
    """From now on what is held in this context."""
    held = Held(engine)
    _current.set(held)
    return held


def held(engine: Engine) -> Held | None:
    """What this context holds of an engine's connections."""
    one = _current.get()
    return one if one is not None and one.engine is engine and not one.is_over else None
