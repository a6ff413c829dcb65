"""The migrations are what builds every database: they must say what the tables say, and go both ways."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

import shared.db.tables  # noqa: F401  fills the metadata
from shared.db.migrate import current_and_head, downgrade, is_in_tables, upgrade
from shared.db.session import Database


def test_the_migrations_say_what_the_tables_say(database_url: str) -> None:
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            opts = {"compare_type": True, "include_name": is_in_tables}
            context = MigrationContext.configure(connection, opts=opts)
            assert compare_metadata(context, SQLModel.metadata) == []
    finally:
        database.close()


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    downgrade(database_url, "base")
    assert _tables(database_url) == set()
    upgrade(database_url)
    assert _tables(database_url) == set(SQLModel.metadata.tables)
    current, head = current_and_head(database_url)
    assert current == head


def _tables(url: str) -> set[str]:
    database = Database(url)
    try:
        names = inspect(database.engine).get_table_names()
        return {name for name in names if is_in_tables(name, "table", {})} - {"alembic_version"}
    finally:
        database.close()
