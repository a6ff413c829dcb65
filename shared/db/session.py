"""The engine, and the only place that begins and commits.

One unit of work is one short transaction: `with db.transaction() as session: …`; it commits at the end of the block
or rolls back. Readers that never write use `db.reading()`. On SQLite a writing transaction begins with BEGIN IMMEDIATE,
so that two writers queue for the busy timeout instead of failing half way (sqlite.org/lang_transaction.html).
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVarTuple

from sqlalchemy import Connection, Engine, Row, Select, String, cast, create_engine, event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from shared.db.held import Held, held, hold

_BUSY_TIMEOUT_MS = 30_000

Ts = TypeVarTuple("Ts")


class Database:
    """One process's connection pool. Make it after forking."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.engine = _engine(url, pool_size)
        self._readers = self.engine.execution_options(**_READING[self.engine.dialect.name])
        self._turns = _Turns() if self.is_sqlite else nullcontext()
        self._watching = _Watching(str(self.engine.url.database)) if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing unit of work: commits when the block ends, rolls back when it raises."""
        if readings := held(self._readers):
            readings.give_back()
        with self._turns, Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: it never queues behind writers.

        On SQLite one moment for all that it reads. On PostgreSQL a moment for each statement, as under its READ
        COMMITTED, and without the two messages that would begin and end a transaction.
        """
        with self._connection() as connection, Session(connection, expire_on_commit=False) as session:
            yield session

    def rows(self, query: Select[*Ts], values: Mapping[str, Any] | None = None) -> Sequence[Row[*Ts]]:
        """What one query of columns finds. Without a session, which takes half of the time and is of use to objects."""
        with self._connection() as connection:
            return connection.execute(query, values).all()

    def hold(self) -> Held:
        """Let all readings of this context share a connection, until `Held.end`."""
        return hold(self._readers)

    def _connection(self) -> AbstractContextManager[Connection]:
        readings = held(self._readers)
        return readings.connection() if readings else self._readers.connect()

    def answers(self) -> bool:
        """Whether a question is answered, and by when the pool gives up (30 s) at the latest."""
        try:
            with self.reading() as session:
                return bool(session.scalar(select(1)))
        except (OperationalError, PoolTimeoutError):
            return False

    def clock_offset(self) -> timedelta:
        """How far the database's clock is ahead of ours; nothing where both are one machine's (SQLite)."""
        if self.is_sqlite:
            return timedelta(0)
        with self.engine.connect() as connection:
            before = datetime.now(UTC)  # noqa: TID251  the two clocks are being compared
            theirs = connection.scalar(select(func.clock_timestamp()))
            after = datetime.now(UTC)  # noqa: TID251
        if not isinstance(theirs, datetime):
            raise TypeError(f"the database gave {theirs!r} for the time")
        return theirs - (before + (after - before) / 2)

    def moment(self) -> str:
        """The name of what is committed: while it is the same, so is all that can be read. Only this object's compare.

        On PostgreSQL the snapshot, which says what transactions count as committed (postgresql.org, "System Information
        Functions"); on SQLite the version of the data for a connection that never writes itself.
        """
        if self._watching is not None:
            return self._watching.version()
        with self.reading() as session:
            return str(session.scalar(_SNAPSHOT))

    def close(self) -> None:
        if self._watching is not None:
            self._watching.close()
        self.engine.dispose()


_READING: dict[str, dict[str, Any]] = {
    "sqlite": {"clausewatch_reading": True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}
_SNAPSHOT = select(cast(func.pg_current_snapshot(), String))


class _Watching:
    """A connection that sees what all others commit (sqlite.org/pragma.html#pragma_data_version)."""

    def __init__(self, path: str) -> None:
        self._path, self._lock = path, threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def version(self) -> str:
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, check_same_thread=False)
            return str(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class _Turns:
    """Lets the writers of one process in, in the order in which they came.

    SQLite lets in whoever asks at the right moment, and who waits asks ever more seldom: of two threads, one that
    writes without a pause would keep the other out.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


def answers(url: str) -> bool:
    """Whether the database does, by a connection of its own: a pool's parent must not hold one that children share."""
    database = Database(url, pool_size=1)
    try:
        return database.answers()
    finally:
        database.close()


def _engine(url: str, pool_size: int) -> Engine:
    if url.startswith("sqlite"):
        path = url.split("///", 1)[-1]
        if path and path != ":memory:":
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, connect_args={"check_same_thread": False}
        )
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    return create_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)


def _sqlite_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (f"busy_timeout={_BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    if connection.get_execution_options().get("clausewatch_reading", False):
        # Locks nothing, so it cannot fail, and by the driver it takes 2 µs of a page's query instead of 60.
        connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
