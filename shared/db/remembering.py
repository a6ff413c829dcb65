"""What was read once is not read again while nothing was committed since."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from shared.db.session import Database

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Values by key, each made anew when something was committed since; the `most` that were asked for last are kept.

    Several threads that ask at once wait for the one that makes.
    """

    def __init__(self, database: Database, *, most: int) -> None:
        self._database, self._most = database, most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[str, Value]] = OrderedDict()

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value for that key. The moment is taken before the value is made, which can so be newer, never older."""
        with self._lock:
            moment = self._database.moment()
            kept = self._kept.get(key)
            value = kept[1] if kept and kept[0] == moment else make()
            self._kept[key] = (moment, value)
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return value
