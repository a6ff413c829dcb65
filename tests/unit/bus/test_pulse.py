"""What a consumer's beats say of its worker."""

from shared.bus.pulse import STILL_AFTER_S, Pulse


class Moments:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_consumer_that_never_connected_takes_nothing_and_does_not_hang() -> None:
    pulse = Pulse(Moments())
    assert (pulse.is_connected, pulse.is_still) == (False, False)


def test_a_connected_consumer_that_stops_beating_hangs() -> None:
    moments = Moments()
    pulse = Pulse(moments)
    pulse.beat()
    moments.now = STILL_AFTER_S
    assert (pulse.is_connected, pulse.is_still) == (True, False)
    moments.now += 0.1
    assert pulse.is_still
    pulse.beat()
    assert not pulse.is_still


def test_one_that_lost_the_broker_is_not_to_blame_for_its_silence() -> None:
    moments = Moments()
    pulse = Pulse(moments)
    pulse.beat()
    pulse.disconnected()
    moments.now = 10 * STILL_AFTER_S
    assert (pulse.is_connected, pulse.is_still) == (False, False)
