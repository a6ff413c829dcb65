"""When a process that died is started again."""

import pytest

from services.cli.embedded.restarting import MAX_EARLY_DEATHS, Deaths


def _after(*runs: float, killed: bool = False) -> Deaths:
    deaths = Deaths()
    for ran_for_s in runs:
        deaths = deaths.after(ran_for_s, killed=killed)
    return deaths


def test_the_delay_doubles_with_each_death_up_to_ten_seconds() -> None:
    assert [_after(*[0.1] * n).delay_s for n in range(1, 9)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_process_that_dies_for_weeks_is_still_started_every_ten_seconds() -> None:
    assert _after(60.0, *[0.1] * 5000).delay_s == 10.0


def test_a_steady_run_starts_the_count_afresh() -> None:
    assert _after(0.1, 0.1, 0.1, 30.0).delay_s == 0.2
    assert _after(0.1, 0.1, 0.1, 29.9).delay_s == 1.6


@pytest.mark.parametrize(
    ("deaths", "hopeless"),
    [
        (_after(*[0.1] * (MAX_EARLY_DEATHS - 1)), False),
        (_after(*[0.1] * MAX_EARLY_DEATHS), True),
        (_after(30.0, *[0.1] * 20), False),
        (_after(*[0.1] * 20, killed=True), False),
        (_after(*[0.1] * 20, killed=True).after(0.1), False),
    ],
    ids=["four", "five", "ran steadily once", "killed by others", "killed by others, then once by itself"],
)
def test_only_a_process_that_cannot_even_start_is_given_up(deaths: Deaths, hopeless: bool) -> None:
    assert deaths.is_hopeless is hopeless
