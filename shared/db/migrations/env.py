"""Alembic's entry: runs the migrations on the URL that `shared.db.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import shared.db.tables  # noqa: F401  fills the metadata
from shared.db.migrate import is_in_tables
from shared.db.session import Database
from shared.db.tables.columns import BigKey, Json, UtcDateTime


def _rendered(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Our own column types by name, so that a migration reads as the tables do."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    if isinstance(item, AutoString):
        return "sa.String()"
    return "Json" if item is Json else "BigKey" if item is BigKey else False


def run() -> None:
    database = Database(context.config.attributes["url"])
    try:
        with database.engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=SQLModel.metadata,
                render_as_batch=database.is_sqlite,
                compare_type=True,
                render_item=_rendered,
                include_name=is_in_tables,
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        database.close()


run()
