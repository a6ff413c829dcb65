"""Several processes that answer at one port, since Python runs the code of one request at a time in each of them."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from services.api.handoff import Given, Handoff
from shared.logging import get_logger

log = get_logger()

_ENDS = {signal.SIGINT, signal.SIGTERM}


def run_many(
    count: int, listener: socket.socket, answer: Callable[[Given], int], *, started: Callable[[], None]
) -> int:
    """Run `answer` in so many children until SIGTERM or SIGINT, and give it on to them; the exit status.

    Each connection that comes to the listener is handed to the child that has the fewest. A child that ends by itself
    ends all of them, with status 1: whoever started us starts us anew, whole. No child outlives us, however we end. To
    be called before any thread or connection is made, since no child could share it; `started` may make some of ours.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # one that comes before its handler is there would end us alone
    children: set[int] = set()
    pipe, held = os.pipe()
    handoff = Handoff(count)

    def child_at(place: int) -> int:
        listener.close()
        return answer(handoff.given(place))

    for place in range(count):
        child = os.fork()
        if child == 0:
            os.close(held)
            _be_child(partial(child_at, place), pipe)
        children.add(child)
    os.close(pipe)
    is_told = False

    def tell(*_: object) -> None:
        nonlocal is_told
        is_told = True
        with suppress(OSError):  # who comes from now on is refused, rather than taken by children that end
            listener.shutdown(socket.SHUT_RDWR)
        _end(children)

    for number in _ENDS:
        signal.signal(number, tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
    threading.Thread(target=handoff.give, args=(listener,), name="handoff", daemon=True).start()
    started()
    status = 0
    while children:
        child, how = os.wait()
        children.discard(child)
        if not is_told:
            log.error("api.process-ended", child=child, exit_status=os.waitstatus_to_exitcode(how))
            status = 1
            tell()
    return status


def _be_child(answer: Callable[[], int], pipe: int) -> None:
    """Answer, and end when nobody holds the other end of the pipe any more: our parent is gone, however it went."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def follow() -> None:
        os.read(pipe, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="parent", daemon=True).start()
    status = 1
    try:
        status = answer()
    except Exception:
        log.exception("api.process-failed")
    sys.stderr.flush()
    os._exit(status)  # what is behind us in the stack is our parent's to end


def _end(children: set[int]) -> None:
    for child in children:
        with suppress(ProcessLookupError):  # it ended this very moment
            os.kill(child, signal.SIGTERM)
