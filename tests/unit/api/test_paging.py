"""Cursors: what a list gave is taken back, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from services.api.v1.paging import Key, cursor_of, key_of, page_of, place_in
from services.api.v1.problems import Problem


class Entry(BaseModel):
    name: str


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60), st.integers(0, 2**31 - 1)
)
def test_a_cursor_comes_back_as_its_key(name: str, number: int) -> None:
    assert key_of(cursor_of((name, number)), str, int) == (name, number)


def test_no_cursor_is_no_key() -> None:
    assert key_of(None, str) is None


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "é", "W10", "bnVsbA", "W" * 400, "WzFd" * 20),
        *(cursor_of((1,)), cursor_of(("a", "b")), cursor_of(("a\0",)), cursor_of(("\ud800",))),
    ],
)
def test_what_is_no_cursor_of_the_list_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(Problem, match=r"query\.cursor") as refused:
        key_of(cursor, str)
    assert refused.value.status == 422


def test_a_place_is_taken_back_by_its_list_alone() -> None:
    assert place_in("doc_1/versions", None, int) is None
    assert place_in("doc_1/versions", cursor_of(("doc_1/versions", 3)), int) == (3,)
    for other in (("doc_2/versions", 3), ("doc_1/snapshots", 3), (3,), ("doc_1/versions", "3")):
        with pytest.raises(Problem, match=r"query\.cursor"):
            place_in("doc_1/versions", cursor_of(other), int)


@pytest.mark.parametrize("number", [-1, 2**31])
def test_a_number_that_no_column_holds_is_refused(number: int) -> None:
    with pytest.raises(Problem, match=r"query\.cursor"):
        key_of(cursor_of((number,)), int)


@pytest.mark.parametrize(
    ("found", "limit", "items", "next_key"),
    [
        ([], 2, [], None),
        (["a"], 2, ["a"], None),
        (["a", "b"], 2, ["a", "b"], None),
        (["a", "b", "c"], 2, ["a", "b"], "b"),
    ],
)
def test_a_page_has_a_next_only_where_more_was_found(
    found: list[str], limit: int, items: list[str], next_key: str | None
) -> None:
    keys: list[Key] = [(name,) for name in found]
    page = page_of([Entry(name=name) for name in found], keys, limit)
    assert [entry.name for entry in page.items] == items
    assert page.next == (cursor_of((next_key,)) if next_key else None)
