"""What a process printed, kept in a file that is set aside when it is full."""

from pathlib import Path

LOG_BYTES = 20_000_000


class LogFile:
    """Appends lines to `path`; past `limit` bytes the file becomes `….log.1`, in place of the one before.

    Every method may raise OSError; the next line is then tried afresh.
    """

    def __init__(self, path: Path, limit: int = LOG_BYTES) -> None:
        self._path = path
        self._limit = limit

    def append(self, line: bytes) -> None:
        """Write one line, and set the file aside when it has grown past its limit."""
        with self._path.open("ab", buffering=0) as file:
            file.write(line)
            full = file.tell() > self._limit
        if full:
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
