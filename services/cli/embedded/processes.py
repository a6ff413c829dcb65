"""One supervised process: started in a session of its own, ended with all that it started."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from services.cli.embedded.dying import dying_with
from services.cli.embedded.forked import Forked
from services.cli.embedded.logfile import LogFile

_LINE_BYTES = 1_000_000
"""Longer lines are cut in pieces, so that no output can fill the memory."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running: its name, its command, and what is added to the environment.

    Those after it are started once the loopback port `ready_port` takes connections, where one is given. The command
    is a program with arguments, or the words of a `clausewatch` that is to be forked (`forked.Forked`).
    """

    name: str
    argv: Sequence[str] = ()
    words: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ready_port: int | None = None


class Running:
    """A started child. What it prints goes to its log file and, line by line, to `on_line`.

    OSError where the program cannot be run.
    """

    def __init__(self, child: Child, logs: Path, on_line: Callable[[str, str], None]) -> None:
        self.child = child
        self._log = LogFile(logs / f"{child.name}.log")
        env = {**os.environ, **child.env}
        self._process = Forked(child.words, env) if child.words else _program(child.argv, env)
        self._reader = threading.Thread(target=self._read, args=(on_line,), name=f"log of {child.name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        if self.status is None:
            self._process.terminate()

    def end(self) -> None:
        """Kill whatever is left of it and of what it started, and take in its last lines."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._reader.join(timeout=1)

    def _read(self, on_line: Callable[[str, str], None]) -> None:
        stream: BinaryIO | None = self._process.stdout  # type: ignore[assignment]
        if stream is None:
            return
        is_kept = True
        with stream:
            while line := stream.readline(_LINE_BYTES):
                on_line(self.child.name, line.decode("utf-8", "replace").rstrip())
                was_kept, is_kept = is_kept, True
                try:
                    self._log.append(line)
                except OSError as error:  # a full disk must not stop the reading: the process would stand still
                    is_kept = False
                    if was_kept:
                        on_line(self.child.name, _not_kept(error))


def _program(argv: Sequence[str], env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        argv,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C reaches us alone, and we end the others in order
        preexec_fn=dying_with(os.getpid()),
    )


def write_pids(file: Path, pids: Mapping[str, int]) -> None:
    """Leave the names and process ids for `doctor` and for tests, whole or not at all."""
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(pids))
    temporary.replace(file)


def _not_kept(error: OSError) -> str:
    return json.dumps({"level": "error", "event": "the log cannot be written", "error": str(error)})
