"""What was read is read again as soon as anybody committed, and not before; on both engines."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from shared.db.remembering import Remembered
from shared.db.session import Database
from shared.db.tables import DocumentRow
from tests.factories.accounts import add_document


class Counting:
    """Counts documents, and how often it was asked to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(DocumentRow)) or 0

    def was_asked(self, times: int) -> bool:
        """So often; on PostgreSQL, where what is committed in other databases counts too, at least so often."""
        return self.asked == times if self._database.is_sqlite else self.asked >= times


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def neighbour(database_url: str) -> Iterator[Database]:
    """Another process's connections, as far as a database can tell."""
    opened = Database(database_url)
    yield opened
    opened.close()


def test_what_anybody_commits_shows_at_once(database: Database, neighbour: Database) -> None:
    counting, remembered = Counting(database), Remembered[int](database, most=1)
    seen = []
    for number, writer in enumerate((database, neighbour, database, neighbour)):
        add_document(writer, number=number)
        seen += [remembered.of("documents", counting), remembered.of("documents", counting)]
    assert seen == [1, 1, 2, 2, 3, 3, 4, 4]
    assert counting.was_asked(4)


def test_what_is_not_committed_counts_for_nothing(database: Database, neighbour: Database) -> None:
    counting, remembered = Counting(database), Remembered[int](database, most=1)
    add_document(database)
    with neighbour.transaction() as session:
        assert remembered.of("documents", counting) == 1
        found = session.get(DocumentRow, "doc_acme_1")
        session.delete(found)
        session.flush()
        assert remembered.of("documents", counting) == 1
    assert remembered.of("documents", counting) == 0


def test_only_what_was_asked_for_last_is_kept(database: Database) -> None:
    counting, remembered = Counting(database), Remembered[int](database, most=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        remembered.of(key, counting)
    assert counting.was_asked(4)  # a, b, c, and b again, which c drove out


def test_of_several_who_ask_at_once_one_reads(database: Database) -> None:
    counting, remembered, together = Counting(database), Remembered[int](database, most=1), Barrier(8)

    def ask(_: int) -> int:
        together.wait(30)
        return remembered.of("documents", counting)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [0] * 8
    assert counting.was_asked(1)


def test_what_fails_is_not_remembered(database: Database) -> None:
    remembered = Remembered[int](database, most=1)

    def fail() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        remembered.of("documents", fail)
    assert remembered.of("documents", lambda: 7) == 7
