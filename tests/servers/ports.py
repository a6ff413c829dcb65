"""Ports of the loopback interface that nobody listens on."""

import socket
from contextlib import ExitStack

_TRIES = 50


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for _ in range(_TRIES):
        with ExitStack() as held:
            first = _bound(held, 0)
            if all(first + place < 65_536 and _bound(held, first + place) for place in range(1, count)):
                return first
    raise AssertionError(f"no {count} free ports in a row")


def _bound(held: ExitStack, port: int) -> int:
    """The port that was bound for as long as `held` is; 0 where it is taken."""
    one = held.enter_context(socket.socket())
    try:
        one.bind(("127.0.0.1", port))
    except OSError:
        return 0
    return int(one.getsockname()[1])
