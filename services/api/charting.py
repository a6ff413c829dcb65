"""Changes over time as a drawing: a lane for each severity and a bar for each month, so that nothing is told by colour
alone; and the same as rows of a table."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MONTHS = 24
LANES = ("high", "medium", "low")

STEP, BAR, LANE, LABELS, AXIS = 28, 20, 56, 76, 22
"""In the drawing's own units: from month to month, a bar's width, a lane's height, the room for names on the left and
for years below."""

_TALLEST = LANE - 18
"""A number stands above each bar."""

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """So many changes of a severity in a month; the rectangle's place from the top left."""

    lane: str
    month: str
    count: int
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, and its rows: month and numbers by lane, of those months that have any."""

    bars: Sequence[Bar]
    years: Sequence[tuple[int, int]]
    """Where each year begins, and which."""
    rows: Sequence[tuple[str, Sequence[int]]]
    first: str
    last: str
    before: str
    """The last day that is not drawn any more (ISO 8601)."""
    earlier: int
    """How many changes there were up to it."""
    width: int = LABELS + MONTHS * STEP
    height: int = len(LANES) * LANE + AXIS
    bar: int = BAR
    lanes: Sequence[tuple[str, int]] = tuple((name, (place + 1) * LANE) for place, name in enumerate(LANES))
    """Each lane's name and where its ground is."""


def chart(changes: Iterable[tuple[datetime, str]], now: datetime) -> Chart | None:
    """The 24 months up to now, or up to the newest change where that is older; None without a change in them."""
    counted = Counter(((at.year, at.month), severity) for at, severity in changes if severity in LANES)
    if not counted:
        return None
    newest = max(month for month, _ in counted)
    months = _months((now.year, now.month))
    if newest < months[0]:
        months = _months(newest)
    tallest = max(count for (month, _), count in counted.items() if month >= months[0])
    bars = [
        _bar(place, month, lane, counted[month, lane], tallest)
        for lane in LANES
        for place, month in enumerate(months)
        if counted[month, lane]
    ]
    rows = [(_named(month), [counted[month, lane] for lane in LANES]) for month in reversed(months)]
    return Chart(
        bars,
        years=[(LABELS + place * STEP, year) for place, (year, month) in enumerate(months) if _is_named(place, month)],
        rows=[(month, counts) for month, counts in rows if any(counts)],
        first=_named(months[0]),
        last=_named(months[-1]),
        before=(datetime(*months[0], 1) - timedelta(days=1)).date().isoformat(),
        earlier=sum(count for (month, _), count in counted.items() if month < months[0]),
    )


def _months(last: Month) -> list[Month]:
    """As many as are drawn, oldest first."""
    end = last[0] * 12 + last[1] - 1
    return [(number // 12, number % 12 + 1) for number in range(end - MONTHS + 1, end + 1)]


def _is_named(place: int, month: int) -> bool:
    """Whether the year is written there: at its beginning, and at the drawing's unless the next stands too near."""
    return month == 1 or (place == 0 and month < 12)


def _bar(place: int, month: Month, lane: str, count: int, tallest: int) -> Bar:
    height = max(2, round(_TALLEST * count / tallest))
    ground = (LANES.index(lane) + 1) * LANE
    return Bar(lane, _named(month), count, LABELS + place * STEP + (STEP - BAR) // 2, ground - height, height)


def _named(month: Month) -> str:
    return f"{datetime(*month, 1):%B} {month[0]}"
