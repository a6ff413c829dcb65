"""Starting and ending the servers of the tests, so that none outlives the tests that started it."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def start(
    argv: Sequence[str], *, user: tuple[int, int] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a process that the kernel ends when we die; `user` is (uid, gid) to run as."""
    identity = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    return subprocess.Popen(
        argv,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        **identity,  # type: ignore[arg-type]
    )


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, within: float = 10) -> None:
    """Ask a process to end, and kill it when it does not."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def short_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder whose path leaves room for a unix socket's name (107 bytes in all)."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _die_with_parent() -> None:
    libc: Callable[..., int] = ctypes.CDLL(None).prctl
    libc(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)
