"""Whether a column's value is one of many, as one parameter: thousands of them cost more to bind than to look up."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, any_, column, func, literal, select
from sqlmodel import Session


def among(session: Session, values: Collection[str], wanted: Any) -> ColumnElement[bool]:
    """That the text column `wanted` holds one of the values; an array on PostgreSQL, json_each on SQLite."""
    if session.get_bind().dialect.name == "postgresql":
        is_one: ColumnElement[bool] = wanted == any_(literal(list(values), ARRAY(String)))
        return is_one
    entries = func.json_each(literal(json.dumps(list(values)))).table_valued(column("value", String))
    among_them: ColumnElement[bool] = wanted.in_(select(entries.c.value))
    return among_them
