"""The pace of sends to one endpoint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.core.pacing import Pacer


def test_after_a_burst_an_endpoint_waits_and_no_other_does() -> None:
    pacer = Pacer(per_second=2, burst=3)
    for _ in range(3):
        pacer.take("slow", 10.0)
    pacer.take("other", 10.0)
    assert pacer.waiting(10.0) == ["slow"]
    assert pacer.next_ready(10.0) == pytest.approx(0.5)
    assert pacer.waiting(10.5) == []
    assert pacer.next_ready(10.5) is None


def test_what_a_batch_took_too_much_is_waited_for() -> None:
    pacer = Pacer(per_second=2, burst=1)
    for _ in range(4):
        pacer.take("ep", 0.0)
    assert pacer.next_ready(0.0) == pytest.approx(2.0)


def test_a_rest_saves_up_no_more_than_a_burst() -> None:
    pacer = Pacer(per_second=100, burst=2)
    pacer.take("ep", 0.0)
    for _ in range(2):
        pacer.take("ep", 1_000.0)
    assert pacer.waiting(1_000.0) == ["ep"]


@given(st.lists(st.floats(0, 0.5), max_size=200), st.floats(0.5, 50), st.integers(1, 10))
def test_the_lasting_rate_holds(pauses: list[float], rate: float, burst: int) -> None:
    pacer, now, sent = Pacer(rate, burst), 0.0, 0
    for pause in pauses:
        now += pause
        if "ep" not in pacer.waiting(now):
            pacer.take("ep", now)
            sent += 1
    assert sent <= burst + rate * now + 1e-6
