"""Many rows in one go, alike on both engines."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

_MANY = 100
"""Rows from which on PostgreSQL is given one document instead of a statement for each."""


def insert_missing_many(session: Session, row: type[SQLModel], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving out those that a unique key stands in the way of. All name the same columns."""
    if not values:
        return
    table: Table = row.__table__  # type: ignore[attr-defined]
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(row).on_conflict_do_nothing(), [dict(v) for v in values])
    elif len(values) < _MANY or any(isinstance(table.c[name].type, LargeBinary) for name in values[0]):
        connection.execute(postgresql.insert(row).on_conflict_do_nothing(), [dict(v) for v in values])
    else:
        _insert_document(connection, table, values)


def _insert_document(connection: Connection, table: Table, values: Sequence[Mapping[str, Any]]) -> None:
    """The rows as one JSON document: a tenth of what binding each of their values costs."""
    names = ", ".join(values[0])
    typed = ", ".join(f"{name} {table.c[name].type.compile(connection.dialect)}" for name in values[0])
    statement = text(
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "  # noqa: S608
        f"AS given({typed}) ON CONFLICT DO NOTHING"
    )  # the names are those of our own columns
    connection.execute(statement, {"rows": json.dumps([dict(v) for v in values], default=_plain)})


def _plain(value: object) -> str:
    """Moments and days, aware ones with their offset (ISO 8601)."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
