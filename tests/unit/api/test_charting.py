"""Changes over time: which months are drawn, where the bars stand, and that the table says the same."""

from datetime import UTC, datetime

import pytest

from services.api.charting import BAR, LABELS, LANE, MONTHS, STEP, chart

NOW = datetime(2026, 4, 10, 8, tzinfo=UTC)


def day(year: int, month: int, number: int = 1) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "ends", "rows"),
    [
        ([(day(2026, 4), "high")], ("May 2024", "April 2026"), [("April 2026", [1, 0, 0])]),
        (
            [(day(2026, 4, 9), "low"), (day(2026, 4, 1), "low"), (day(2024, 5), "high"), (day(2024, 4, 30), "high")],
            ("May 2024", "April 2026"),
            [("April 2026", [0, 0, 2]), ("May 2024", [1, 0, 0])],
        ),
        ([(day(2020, 2), "medium")], ("March 2018", "February 2020"), [("February 2020", [0, 1, 0])]),
        ([(day(2026, 1), "medium"), (day(2025, 12, 31), "editorial")], None, [("January 2026", [0, 1, 0])]),
    ],
)
def test_the_months_up_to_now_or_to_the_newest_change(
    changes: list[tuple[datetime, str]], ends: tuple[str, str] | None, rows: list[tuple[str, list[int]]]
) -> None:
    drawn = chart(changes, NOW)
    assert drawn is not None
    assert list(drawn.rows) == rows
    assert ends is None or (drawn.first, drawn.last) == ends
    told = {(bar.month, bar.lane): bar.count for bar in drawn.bars}
    lanes = ("high", "medium", "low")
    assert told == {
        (month, lane): count for month, counts in rows for lane, count in zip(lanes, counts, strict=True) if count
    }


@pytest.mark.parametrize("changes", [[], [(day(2026, 4), "editorial")]])
def test_without_a_change_of_meaning_nothing_is_drawn(changes: list[tuple[datetime, str]]) -> None:
    assert chart(changes, NOW) is None


def test_what_came_before_the_drawing_is_counted() -> None:
    drawn = chart([(NOW, "low"), (day(2024, 4, 30), "high"), (day(2023, 1), "low")], NOW)
    assert drawn is not None
    assert (drawn.first, drawn.before, drawn.earlier) == ("May 2024", "2024-04-30", 2)


def test_a_bar_is_as_high_as_those_beside_it_allow() -> None:
    drawn = chart([(NOW, "low"), *[(day(2023, 1), "low")] * 9], NOW)
    assert drawn is not None
    assert drawn.bars[0].height > LANE // 2


def test_no_year_is_written_over_another() -> None:
    drawn = chart([(day(2024, 11), "low")], datetime(2024, 11, 10, tzinfo=UTC))
    assert drawn is not None
    assert [year for _, year in drawn.years] == [2023, 2024]


def test_bars_stand_in_their_lane_and_month_and_are_as_high_as_they_are_many() -> None:
    drawn = chart([(NOW, "high")] * 40 + [(NOW, "low")] * 20 + [(day(2024, 5), "low")], NOW)
    assert drawn is not None
    many, first, half = drawn.bars
    assert (many.lane, many.x, many.y + many.height) == ("high", LABELS + (MONTHS - 1) * STEP + (STEP - BAR) // 2, LANE)
    assert (first.lane, first.x, first.y + first.height) == ("low", LABELS + (STEP - BAR) // 2, 3 * LANE)
    assert many.height == 2 * half.height > 10 * first.height > 0
    assert many.y >= 0
    assert [year for _, year in drawn.years] == [2024, 2025, 2026]
