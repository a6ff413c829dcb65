"""Many rows in one go, alike on both engines."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_missing_many(session: Session, row: type[SQLModel], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving out those that a unique key stands in the way of. All name the same columns."""
    if not values:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.connection().execute(insert(row).on_conflict_do_nothing(), [dict(v) for v in values])
