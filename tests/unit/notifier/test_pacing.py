"""The pace of sends to one endpoint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.core.pacing import Pacer
from services.notifier.handlers.places import Limits
from shared.domain.deliveries import Channel


def test_after_a_burst_an_endpoint_waits_and_no_other_does() -> None:
    pacer = Pacer()
    assert [pacer.take("slow", 3, 10.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    pacer.take("other", 3, 10.0)
    assert pacer.waiting(10.0) == ["slow"]
    assert pacer.next_ready(10.0) == pytest.approx(1 / 3)
    assert pacer.waiting(10.4) == []
    assert pacer.next_ready(10.4) is None


def test_what_a_batch_took_too_much_waits_for_its_turn() -> None:
    pacer = Pacer()
    assert [pacer.take("ep", 1, 0.0) for _ in range(4)] == [0.0, 1.0, 2.0, 3.0]
    assert pacer.next_ready(0.0) == pytest.approx(4.0)


def test_a_rest_saves_up_no_more_than_a_second_s_worth() -> None:
    pacer = Pacer()
    pacer.take("ep", 2, 0.0)
    for _ in range(2):
        pacer.take("ep", 2, 1_000.0)
    assert pacer.waiting(1_000.0) == ["ep"]


def test_each_endpoint_has_its_channel_s_pace() -> None:
    limits, pacer = Limits(), Pacer()
    for channel in (Channel.SLACK, Channel.WEBHOOK, Channel.EMAIL):
        pacer.take(channel, limits.pace(channel), 0.0)
    assert pacer.waiting(0.0) == [Channel.SLACK]
    assert pacer.next_ready(0.0) == pytest.approx(1.0)


@given(st.lists(st.floats(0, 0.5), max_size=200), st.floats(0.5, 50))
def test_the_lasting_rate_holds(pauses: list[float], rate: float) -> None:
    pacer, now, sent = Pacer(), 0.0, 0
    for pause in pauses:
        now += pause
        if "ep" not in pacer.waiting(now):
            assert pacer.take("ep", rate, now) == 0.0
            sent += 1
    assert sent <= max(1, round(rate)) + rate * now + 1e-6


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 8)), max_size=50), st.floats(0.5, 50))
def test_batches_are_sent_no_faster(batches: list[tuple[float, int]], rate: float) -> None:
    pacer, now, sent = Pacer(), 0.0, []
    for pause, size in batches:
        now += pause
        sent += [now + pacer.take("ep", rate, now) for _ in range(size)]
    burst = max(1, round(rate))
    for earlier, later in zip(sent, sent[burst:], strict=False):
        assert later - earlier >= -1e-6
    assert all(index + 1 <= burst + rate * at + 1e-6 for index, at in enumerate(sent))
