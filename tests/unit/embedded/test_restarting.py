"""When a dead process is started again."""

import pytest

from services.cli.embedded.restarting import MAX_EARLY_DEATHS, Deaths


@pytest.mark.parametrize(
    ("runs_s", "delay_s"),
    [
        ([0.1], 0.2),
        ([0.1, 0.1], 0.4),
        ([0.1, 0.1, 0.1], 0.8),
        ([0.1] * 20, 10.0),
        ([0.1, 0.1, 31], 0.2),
    ],
)
def test_the_wait_doubles_until_it_ran_steadily(runs_s: list[float], delay_s: float) -> None:
    deaths = Deaths()
    for ran_for_s in runs_s:
        deaths = deaths.after(ran_for_s)
    assert deaths.delay_s == pytest.approx(delay_s)


def test_a_process_that_never_ran_steadily_is_hopeless_after_some_deaths() -> None:
    deaths = Deaths()
    for _ in range(MAX_EARLY_DEATHS - 1):
        deaths = deaths.after(0.1)
        assert not deaths.is_hopeless
    assert deaths.after(0.1).is_hopeless


def test_one_that_ran_steadily_once_is_never_hopeless() -> None:
    deaths = Deaths().after(31)
    for _ in range(2 * MAX_EARLY_DEATHS):
        deaths = deaths.after(0.1)
    assert not deaths.is_hopeless
