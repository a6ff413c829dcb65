"""Ports of the loopback interface that nobody listens on, and that the kernel gives to nobody who asks for any port."""

import random
import socket
from contextlib import ExitStack

_TRIES = 50
_LOWEST, _PAST_HIGHEST = 15_000, 32_000
"""Below where port 0 is looked for (ip_local_port_range, ip(7)): what is free here stays free until it is used."""


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for _ in range(_TRIES):
        with ExitStack() as held:
            first = random.randrange(_LOWEST, _PAST_HIGHEST)
            if all(_bound(held, first + place) for place in range(count)):
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
