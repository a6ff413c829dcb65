"""One supervised process: started in a session of its own, ended with all that it started."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running: its name, its command, and what is added to the environment.

    Those after it are started once the loopback port `ready_port` takes connections, where one is given.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready_port: int | None = None


class Running:
    """A started child. What it prints goes to its log file and, line by line, to `on_line`."""

    def __init__(self, child: Child, logs: Path, on_line: Callable[[str, str], None]) -> None:
        self.child = child
        self._log = logs / f"{child.name}.log"
        self._process = subprocess.Popen(
            child.argv,
            env={**os.environ, **child.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end the others in order
            preexec_fn=_die_with_supervisor if sys.platform == "linux" else None,
        )
        self._reader = threading.Thread(target=self._read, args=(on_line,), name=f"log of {child.name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        if self.status is None:
            self._process.terminate()

    def end(self, within_s: float) -> None:
        """Wait for a process that was asked to end; then kill whatever is left of it and of what it started."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within_s)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(timeout=1)

    def _read(self, on_line: Callable[[str, str], None]) -> None:
        stream: BinaryIO | None = self._process.stdout  # type: ignore[assignment]
        while stream and self._fill_log(stream, on_line):
            self._log.replace(self._log.with_suffix(".log.1"))

    def _fill_log(self, stream: BinaryIO, on_line: Callable[[str, str], None]) -> bool:
        """Copy lines until the log file is full (True) or the process has closed its output (False)."""
        with self._log.open("ab") as log:
            for line in stream:
                log.write(line)
                log.flush()
                on_line(self.child.name, line.decode("utf-8", "replace").rstrip())
                if log.tell() > _LOG_BYTES:
                    return True
        return False


def write_pids(file: Path, pids: Mapping[str, int]) -> None:
    """Leave the names and process ids for `doctor` and for tests, whole or not at all."""
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(pids))
    temporary.replace(file)


def _die_with_supervisor() -> None:
    """No child outlives a supervisor that was killed (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
