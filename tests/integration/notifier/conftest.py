"""A database with Acme's terms, and the stores on it."""

from collections.abc import Iterator

import pytest

from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from tests.factories.accounts import START, add_change, add_document


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def accounts(database: Database) -> AccountStore:
    return AccountStore(database)


@pytest.fixture
def change_id(database: Database) -> str:
    """A change of Acme's terms, which is document doc_acme_1."""
    return add_change(database, add_document(database))
