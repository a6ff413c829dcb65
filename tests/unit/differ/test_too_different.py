"""A comparison that somebody waits for is bounded before it begins."""

import pytest

from services.differ.core.comparison import TooDifferent, compare_versions
from tests.factories.differ import version

OLD = "\n\n".join(
    f"## {n}. Part\n\nYou keep item number {n} and {'all that belongs to it ' * n} for good." for n in range(1, 9)
)
REWRITTEN = OLD.replace("You keep", "We take")
ONE_EDIT = OLD.replace("item number 4", "item number 40")
LONG = OLD.replace("item number 4", f"item number 4 {'and so on ' * 500}")
RENUMBERED = f"## 1. New\n\nThis stands first.\n\n{OLD}"
for number in range(8, 0, -1):
    RENUMBERED = RENUMBERED.replace(f"## {number}. Part", f"## {number + 1}. Part")


@pytest.mark.parametrize(
    ("new", "most", "is_done"),
    [
        (ONE_EDIT, 2, True),
        (ONE_EDIT, 1, False),
        (REWRITTEN, 5, False),
        (REWRITTEN, 40, True),
        (LONG, 5, False),
        (LONG, 7, True),
        (OLD, 0, True),
    ],
)
def test_what_differs_in_more_than_there_is_time_for_is_refused(new: str, most: int, is_done: bool) -> None:
    old, other = version(OLD), version(new, seed="new")
    if is_done:
        assert compare_versions(old, other, most=most) == compare_versions(old, other)
        return
    with pytest.raises(TooDifferent) as refused:
        compare_versions(old, other, most=most)
    assert refused.value.count > 0


def test_what_only_moved_counts_too() -> None:
    old, new = version(OLD), version(RENUMBERED, seed="new")
    changes = len(compare_versions(old, new).changes)
    assert changes > 4
    with pytest.raises(TooDifferent):
        compare_versions(old, new, most=changes - 1)
