"""Queries: whatever is typed becomes words, phrases and what to leave out, and no operator of an engine."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.searching import Query, Term, for_postgresql, for_sqlite, parse_query


@pytest.mark.parametrize(
    ("typed", "sqlite", "postgresql"),
    [
        ("termination notice", '"termination" AND "notice"', '"termination" "notice"'),
        ('"binding arbitration" -class', '"binding arbitration" NOT "class"', '"binding arbitration" -"class"'),
        ('say "unclosed phrase', '"say" AND "unclosed phrase"', '"say" "unclosed phrase"'),
        ("don't AI-training", '"don\'t" AND "AI training"', '"don\'t" "AI training"'),
        ("NEAR(a b) OR title:x*", '"NEAR a" AND "b" AND "OR" AND "title x"', '"NEAR a" "b" "OR" "title x"'),
    ],
)
def test_a_query_in_the_language_of_each_engine(typed: str, sqlite: str, postgresql: str) -> None:
    query = parse_query(typed)
    assert (for_sqlite(query), for_postgresql(query)) == (sqlite, postgresql)


@pytest.mark.parametrize("typed", ["", "  ", '"', "- -", "***", "-only -excluded", "_", "§"])
def test_without_a_word_to_find_it_is_empty(typed: str) -> None:
    assert parse_query(typed).is_empty


def test_a_long_query_is_cut() -> None:
    assert parse_query("a " * 500) == Query((Term(("a",)),) * 12)


@given(st.text(max_size=250))
def test_fts5_takes_whatever_was_typed(typed: str) -> None:
    query = parse_query(typed)
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE found USING fts5(body)")
    if not query.is_empty:
        database.execute("SELECT * FROM found WHERE found MATCH ?", (for_sqlite(query),)).fetchall()
    database.close()
