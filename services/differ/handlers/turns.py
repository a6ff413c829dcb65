"""One worker at a time judges a document, so that a long judgement is not begun again beside itself.

This saves work and decides nothing: should two workers meet after all (a lease that lapsed), the head's revision lets
one of them write.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from shared.clock import Clock
from shared.ids import new_id


class Leases(Protocol):
    """What taking turns needs of the database; see `shared.db.differ_leases.DrainLeases`."""

    def waiting(self, document_id: str) -> bool: ...

    def take(self, document_id: str, token: str, now: datetime, until: datetime) -> bool: ...

    def renew(self, document_id: str, token: str, until: datetime) -> None: ...

    def release(self, document_id: str, token: str) -> None: ...


class Turns:
    """Runs work on a document while holding its lease.

    The lease `lasts` less than the sweep waits: a killed worker's document is free when its event comes back. It is
    renewed four times as often as it must be.
    """

    def __init__(self, leases: Leases, clock: Clock, *, lasts: timedelta) -> None:
        self._leases, self._clock, self._lasts = leases, clock, lasts

    def run(self, document_id: str, work: Callable[[str], object]) -> bool:
        """Work until nothing is waiting; False where another worker is at it.

        Looking once more after the release finds what came too late for this turn, and was refused one meanwhile.
        """
        while self._leases.waiting(document_id):
            token, now = new_id("lse"), self._clock.now()
            if not self._leases.take(document_id, token, now, now + self._lasts):
                return False
            try:
                with self._renewing(document_id, token):
                    work(document_id)
            finally:
                self._leases.release(document_id, token)
        return True

    @contextmanager
    def _renewing(self, document_id: str, token: str) -> Iterator[None]:
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self._lasts.total_seconds() / 4):
                self._leases.renew(document_id, token, self._clock.now() + self._lasts)

        thread = threading.Thread(target=renew, name="drain-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
