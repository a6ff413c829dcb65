"""Migrations, run from code: the project has no alembic.ini for people to lose."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

_SCRIPTS = Path(__file__).parent / "migrations"

_ENGINES_OWN = "search_index"
"""How the tables begin that each engine's full-text index is made of (migration 0015); SQLModel knows none of them."""


def is_in_tables(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic should hold that thing of a database against our tables."""
    return kind != "table" or name is None or not name.startswith(_ENGINES_OWN)


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at a SQLAlchemy URL up to a revision."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to an earlier revision; `base` empties it."""
    command.downgrade(_config(url), revision)


def current_and_head(url: str) -> tuple[str | None, str | None]:
    """The revision a database is at, and the newest there is."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return current, ScriptDirectory.from_config(_config(url)).get_current_head()
