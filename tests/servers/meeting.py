"""Where the workers of one test session meet: what only one of them should make is made by the first to come."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(file: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock for the length of the block, alone or with others; the kernel gives it back if we are killed."""
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


def made_once(file: Path, make: Callable[[Path], None]) -> Path:
    """The file that `make` writes, made by whoever asks first, whole or not at all."""
    with locked(file.with_suffix(".lock")):
        if not file.exists():
            unfinished = file.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            make(unfinished)
            unfinished.replace(file)
    return file
