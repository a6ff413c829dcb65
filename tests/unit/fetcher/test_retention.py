from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.core.retention import releasable
from shared.db.fetcher.values import HeldCapture

DAY0 = datetime(2026, 3, 1, tzinfo=UTC)
AFTER_ALL = DAY0 + timedelta(days=100)


def history(pattern: str) -> list[HeldCapture]:
    """A capture a day, each written as its text and marks.

    Upper-case texts are those of versions. `*` begins a version, `+` is pinned, `!` is unusable.
    """
    return [
        HeldCapture(
            id=f"{day}{word}",
            captured_at=DAY0 + timedelta(days=day),
            text=word[0],
            unusable="!" in word,
            begins_version="*" in word,
            shows_version=word[0].isupper(),
            pinned="+" in word,
        )
        for day, word in enumerate(pattern.split())
    ]


@pytest.mark.parametrize(
    ("pattern", "goes"),
    [
        ("", ""),
        ("A*", ""),
        ("A* A+ A A A", "2A 3A"),
        ("A* A+ A A B* B+", "2A"),
        ("A* A+ A x A B* B+ B B", "2A 3x 7B"),
        ("A* A+ B* B+ A* A+", ""),
        ("A* A+ A x! x! y! A", "2A 4x!"),
        ("A* A+ A x! x!", ""),
        ("x x x", "0x 1x"),
        ("A* A+ c d c+", "2c 3d"),
    ],
)
def test_what_begins_confirms_or_ends_a_version_stays(pattern: str, goes: str) -> None:
    assert releasable(history(pattern), AFTER_ALL) == goes.split()


def test_what_is_young_stays() -> None:
    captures = history("A* A+ A A A")

    assert releasable(captures, captures[3].captured_at) == ["2A"]
