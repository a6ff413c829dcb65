"""Installations to run commands against: the embedded default, and databases of their own on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.db.session import Database
from tests.factories.commands import Commands


@pytest.fixture
def commands(database_url: str, tmp_path: Path) -> Commands:
    """An installation on each engine in turn."""
    return Commands(tmp_path / "data", DATABASE_URL=database_url)


@pytest.fixture
def embedded(tmp_path: Path) -> Commands:
    """An installation with nothing set but its folder, which does not exist yet."""
    return Commands(tmp_path / "new" / "data")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()
