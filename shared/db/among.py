"""Conditions over many accounts at once, put so that both engines look up what is few.

Thousands of values are one parameter: binding each costs more than looking it up.
"""

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


def not_by_index(session: Session, wanted: Any) -> ColumnElement[str]:
    """The text column, for a condition by which SQLite is not to look rows up: it keeps no counts of our rows and takes
    any equality for a rare one. PostgreSQL counts them, and is given the column as it is."""
    as_it_is: ColumnElement[str] = wanted
    return as_it_is if session.get_bind().dialect.name == "postgresql" else as_it_is.concat("")
