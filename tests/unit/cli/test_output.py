"""Words for times, and text that is safe to print."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.output import ago, duration, printable

NOW = datetime(2026, 5, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=1), "1 second ago"),
        (timedelta(seconds=119), "1 minute ago"),
        (timedelta(hours=30), "1 day ago"),
        (timedelta(minutes=-90), "in 1 hour"),
        (timedelta(days=-2), "in 2 days"),
    ],
)
def test_a_moment_is_told_from_now(before: timedelta, words: str) -> None:
    assert ago(NOW - before, NOW) == words


def test_a_moment_that_never_was_is_none() -> None:
    assert ago(None, NOW) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 seconds"), (0.5, "0 seconds"), (59, "59 seconds"), (3600, "1 hour")]
)
def test_a_duration_is_told_in_its_largest_unit(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize("steering", ["\x1b[2J", "\x07", "\u202e", "\x9b1m", "\r", "\ud800"])
def test_nothing_that_steers_a_terminal_is_printed(steering: str) -> None:
    assert printable(f"a{steering[0]}b") == "a b"


def test_words_of_any_script_are_printed() -> None:
    assert printable("Nutzungsbedingungen § 5 — 利用規約 \n") == "Nutzungsbedingungen § 5 — 利用規約 \n"
