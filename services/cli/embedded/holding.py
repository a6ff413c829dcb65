"""One supervisor for each data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another supervisor has this data folder."""


@contextmanager
def holding(data: Path) -> Iterator[None]:
    """Hold the data folder for the length of the block; AlreadyRunning names the process that has it.

    The kernel gives the lock back when its holder dies, however it dies; the file that is left says nothing then.
    """
    (data / "run").mkdir(parents=True, exist_ok=True)
    with (data / "run" / "supervisor.pid").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            message = (
                f"{data} is in use by a running Clausewatch (process {pid}); end that one, or set CLAUSEWATCH_DATA"
            )
            raise AlreadyRunning(message) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
