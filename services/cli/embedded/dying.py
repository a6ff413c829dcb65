"""No child outlives its parent, however that goes: Linux kills it (prctl(2), PR_SET_PDEATHSIG)."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """To be called by the child, which then has to see whether its parent was still there."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def dying_with(parent: int) -> Callable[[], None] | None:
    """For the child between fork and exec; nothing where it cannot be had.

    All is looked up before the fork, since after it other threads' locks may be held for ever.
    """
    if sys.platform != "linux":
        return None
    prctl, getppid, leave = ctypes.CDLL(None).prctl, os.getppid, os._exit

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if getppid() != parent:  # it died before the line above
            leave(1)

    return tie
