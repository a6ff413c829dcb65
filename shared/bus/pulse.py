"""Whether a worker is consuming: a step of Celery's consumer that beats while it is connected."""

import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps

BEAT_S = 2.0
STILL_AFTER_S = 60.0
"""A consumer that is connected and has not beaten for so long hangs."""


class Pulse:
    """The consumer's sign of life. Where the broker is away nothing beats, and that is not the worker's fault."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beat_at: float | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the worker takes messages."""
        return self._beat_at is not None

    @property
    def is_still(self) -> bool:
        """Whether the consumer hangs."""
        beat_at = self._beat_at
        return beat_at is not None and self._monotonic() - beat_at > STILL_AFTER_S

    def beat(self) -> None:
        self._beat_at = self._monotonic()

    def disconnected(self) -> None:
        self._beat_at = None


def beating(pulse: Pulse) -> type:
    """A consumer step for `app.steps["consumer"]` (Celery's "Extensions and Bootsteps") that keeps `pulse`."""

    class Beat(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery is untyped
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, parent: Any) -> None:
            pulse.beat()
            self._timer = parent.timer.call_repeatedly(BEAT_S, pulse.beat)

        def stop(self, parent: Any) -> None:
            self._timer.cancel()
            pulse.disconnected()

        def shutdown(self, parent: Any) -> None:
            self.stop(parent)

    return Beat
