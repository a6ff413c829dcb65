"""An endpoint's incident: what its owner is told of a run of failures, and what not."""

from datetime import timedelta

import pytest

from shared.domain.incidents import Health, Phase, Told, after_failures, after_success
from tests.factories.accounts import START

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
EARLIER = START - timedelta(days=30)


@pytest.mark.parametrize(
    ("lasted", "failures", "told"),
    [
        (timedelta(0), 1, False),
        (timedelta(0), 100, False),  # a restart that turns everything away at once
        (HOUR - SECOND, 8, False),
        (HOUR, 7, False),
        (HOUR, 8, True),
        (HOUR, 100, True),
        (timedelta(hours=24) - SECOND, 7, False),
        (timedelta(hours=24), 2, True),
    ],
)
def test_failing_is_told_after_eight_in_a_row_for_an_hour_or_after_a_day(
    lasted: timedelta, failures: int, told: bool
) -> None:
    health = Health(START - lasted, failures - 1) if lasted else Health()
    count = 1 if lasted else failures
    after, said = after_failures(health, count, disabled=False, now=START)
    since = START - lasted
    assert said == (Told(Phase.FAILING, since) if told else None)
    assert (after.failing_since, after.failures) == (since, failures)
    assert (after.told, after.told_since) == ((Phase.FAILING, since) if told else (None, None))


@pytest.mark.parametrize(
    ("health", "disabled", "said"),
    [
        (Health(), True, Told(Phase.DISABLED, START)),  # 410 at the first attempt
        (Health(START - 2 * HOUR, 9, Phase.FAILING, START - 2 * HOUR), False, None),
        (Health(START - 2 * HOUR, 9, Phase.FAILING, START - 2 * HOUR), True, Told(Phase.DISABLED, START - 2 * HOUR)),
        # disabled before, and enabled again: a new episode, told of like any other
        (Health(None, 0, Phase.DISABLED, EARLIER), False, None),
        (Health(START - HOUR, 7, Phase.DISABLED, EARLIER), False, Told(Phase.FAILING, START - HOUR)),
        (Health(START - HOUR, 7, Phase.DISABLED, EARLIER), True, Told(Phase.DISABLED, START - HOUR)),
    ],
)
def test_each_phase_is_told_once_an_episode(health: Health, disabled: bool, said: Told | None) -> None:
    after, told = after_failures(health, 1, disabled=disabled, now=START)
    assert told == said
    assert after_failures(after, 1, disabled=False, now=START + SECOND)[1] is None


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (Health(), None),
        (Health(START - HOUR, 3), None),  # nobody had heard of it
        (Health(EARLIER, 9, Phase.FAILING, EARLIER), Told(Phase.RECOVERED, EARLIER)),
        (Health(None, 0, Phase.DISABLED, EARLIER), Told(Phase.RECOVERED, EARLIER)),  # enabled, then reached
        (Health(START, 2, Phase.DISABLED, EARLIER), Told(Phase.RECOVERED, EARLIER)),
    ],
)
def test_a_success_ends_an_episode_and_is_told_where_the_episode_was(health: Health, said: Told | None) -> None:
    assert after_success(health) == (Health(), said)
