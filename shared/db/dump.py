"""Every row of a database as JSON lines, and back again, into either engine.

The tables are read from the database itself, so that a dump of an older revision loads into a database brought to that
revision. Moments are ISO 8601 in UTC, bytes base 64.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)

from shared.db.migrate import is_in_tables

_VERSION_TABLE = "alembic_version"
_BATCH = 500


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the whole database as it is at one moment, and keeps nobody from writing.

    REPEATABLE READ on PostgreSQL; on SQLite a deferred transaction, which reads one snapshot of the WAL.
    """
    if engine.dialect.name == "postgresql":
        reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    else:
        reading = engine.execution_options(clausewatch_reading=True)
    with reading.connect() as connection:
        yield connection


def tables_of(connection: Connection) -> list[Table]:
    """The tables as the database has them, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _metadata: is_in_tables(name, "table", {}))
    tables = [table for table in metadata.sorted_tables if table.name != _VERSION_TABLE]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True
    return tables


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """A JSON object a line for each row, by primary key."""
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execution_options(yield_per=_BATCH).execute(query) as rows:
        for row in rows.mappings():
            yield json.dumps({name: _plain(value) for name, value in row.items()}).encode() + b"\n"


def load(connection: Connection, table: Table, rows: Iterable[bytes]) -> int:
    """Insert dumped lines in the caller's transaction; how many. KeyError or ValueError where they do not fit."""
    count, pending = 0, iter(rows)
    naive = connection.dialect.name == "sqlite"
    while batch := [_row(table, line, naive=naive) for line in islice(pending, _BATCH)]:
        connection.execute(insert(table), batch)
        count += len(batch)
    if connection.dialect.name == "postgresql":
        _advance_sequences(connection, table)
    return count


def is_empty(connection: Connection) -> bool:
    """Whether no table holds a row."""
    return not any(
        connection.execute(select(text("1")).select_from(table).limit(1)).first() for table in tables_of(connection)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(value).decode()
    return value


def _row(table: Table, line: bytes, *, naive: bool) -> dict[str, Any]:
    return {name: _typed(table.columns[name].type, value, naive=naive) for name, value in json.loads(line).items()}


def _typed(column_type: Any, value: Any, *, naive: bool) -> Any:
    if value is None:
        return None
    if isinstance(column_type, DateTime):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=None) if naive else moment
    if isinstance(column_type, Date):
        return date.fromisoformat(value)
    if isinstance(column_type, LargeBinary):
        return base64.b64decode(value, validate=True)
    return value


def _advance_sequences(connection: Connection, table: Table) -> None:
    """Numbers that the database gives out continue after those loaded."""
    for column in table.primary_key.columns:
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        highest = connection.scalar(select(func.max(column))) if sequence else None
        if highest is not None:
            connection.execute(select(func.setval(sequence, highest)))
