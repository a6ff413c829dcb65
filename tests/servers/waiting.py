"""Waiting for what another process brings about."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], *, within: float = 60, why: str = "it did not happen") -> T:
    """The first true value of `condition`, asked again and again; AssertionError with `why` after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{why} within {within} s; last value: {value!r}")
        time.sleep(0.02)
