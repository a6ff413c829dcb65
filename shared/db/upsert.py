"""Insert-if-missing in one statement, alike on both engines."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_missing(session: Session, row: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique key stands in the way; whether it was inserted."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(row).values(**values).on_conflict_do_nothing().returning(literal(1))
    return session.execute(statement).first() is not None  # drivers disagree on the row count of what was skipped
