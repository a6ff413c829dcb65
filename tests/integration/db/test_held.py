"""The readings of a request share a connection, see what was committed last, keep nobody waiting; on both engines."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from shared.db.held import Held
from shared.db.session import Database
from shared.db.tables import DocumentRow
from tests.factories.accounts import add_document


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, pool_size=1)
    yield opened
    opened.close()


@pytest.fixture
def held(database: Database) -> Iterator[Held]:
    holding = database.hold()
    yield holding
    holding.end()


@pytest.fixture
def neighbour(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def connection_of(database: Database) -> Any:
    """What the driver calls the connection that a reading has."""
    with database.reading() as session:
        return session.connection().connection.driver_connection


def documents(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def taken(database: Database) -> int:
    """Connections that are not in the pool."""
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_one_connection_is_taken_once_and_given_back(database: Database, held: Held) -> None:
    assert taken(database) == 0
    first = connection_of(database)
    assert taken(database) == 1
    assert connection_of(database) is first
    held.end()
    held.end()
    assert taken(database) == 0
    assert documents(database) == 0
    assert taken(database) == 0


def test_each_reading_sees_what_was_committed_before_it(database: Database, held: Held, neighbour: Database) -> None:
    counted = []
    for number, writer in enumerate((neighbour, database, neighbour)):
        counted.append(documents(database))
        add_document(writer, number=number)
    assert [*counted, documents(database)] == [0, 1, 2, 3]


def test_a_reading_within_another_has_its_connection(database: Database, held: Held) -> None:
    with database.reading() as session:
        assert connection_of(database) is session.connection().connection.driver_connection
        assert session.scalar(select(func.count()).select_from(DocumentRow)) == 0
    assert taken(database) == 1


def test_who_writes_has_no_second_connection(database: Database, held: Held) -> None:
    assert documents(database) == 0
    with database.transaction() as session:
        session.connection()
        assert taken(database) == 1
    assert taken(database) == 0


def test_what_failed_is_not_held(database: Database, held: Held) -> None:
    assert documents(database) == 0
    with pytest.raises(DatabaseError), database.reading() as session:
        session.execute(text("SELECT nothing FROM nowhere"))
    assert taken(database) == 0
    assert documents(database) == 0
    assert taken(database) == 0


def test_what_is_being_read_when_it_ends_is_read_to_its_end(database: Database, held: Held) -> None:
    begun, ended = threading.Event(), threading.Event()

    def read() -> int:
        with database.reading() as session:
            session.scalar(select(1))
            begun.set()
            assert ended.wait(30)
            return session.scalar(select(func.count()).select_from(DocumentRow)) or 0

    add_document(database)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(copy_context().run, read)
        assert begun.wait(30)
        held.end()
        assert taken(database) == 1
        ended.set()
        assert reading.result(30) == 1
    assert taken(database) == 0


def test_other_contexts_and_other_databases_are_not_concerned(
    database: Database, held: Held, neighbour: Database
) -> None:
    first = connection_of(database)
    assert connection_of(neighbour) is not first
    assert taken(neighbour) == 0
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(connection_of, database).result(30) is not first
    assert taken(database) == 1
