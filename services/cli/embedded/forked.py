"""A command of ours in a process that is forked from one which has its imports already."""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from multiprocessing.connection import Connection
from typing import BinaryIO

from services.cli.embedded.dying import die_with_parent

_PR_SET_NAME = 15
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["services.cli.embedded.warm"])


class Forked:
    """A running `clausewatch` with these words, like a `subprocess.Popen` in a session of its own.

    The process that it is forked from is started with the first one (docs.python.org, multiprocessing, "Contexts and
    start methods"). It ends when we do, and all that it forked end with it. OSError where it cannot be had.
    """

    def __init__(self, words: Sequence[str], env: Mapping[str, str]) -> None:
        receiving, sending = _CONTEXT.Pipe(duplex=False)
        with sending:
            self._process = _CONTEXT.Process(target=_live, args=(tuple(words), dict(env), sending))
            try:
                self._process.start()
            except EOFError:
                raise OSError("the process that services are forked from has ended") from None
        self.stdout: BinaryIO = os.fdopen(os.dup(receiving.fileno()), "rb")
        receiving.close()

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None  # it was started
        return pid

    def poll(self) -> int | None:
        """The exit status (negative: the signal that ended it), or None while it runs."""
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> None:
        self._process.join()


def _live(words: Sequence[str], env: Mapping[str, str], output: Connection) -> None:
    """In the forked process: be what `python -m services.cli` with these words would be."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent()
    _be_known_as(words[-1])
    supervisor = multiprocessing.parent_process()
    if supervisor is None or not supervisor.is_alive():
        os._exit(1)
    os.environ.clear()
    os.environ.update(env)
    for number in (1, 2):
        os.dup2(output.fileno(), number)
    output.close()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    sys.argv = ["clausewatch", *words]
    from services.cli.main import main  # noqa: PLC0415  imported long ago, by `warm`

    main()


def _be_known_as(name: str) -> None:
    """To `ps` and `top`, whose name for all that are forked is the same otherwise (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, f"cw-{name}".encode())
