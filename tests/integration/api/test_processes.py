"""Several processes at one port: told to end they end in order, and none is left alone."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

CHILDREN = 2
UNTIL_TOLD = """
import os, signal, socket
from services.api.processes import run_many

def answer(given):
    told = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(True))
    os.write(1, b"child\\n")
    while not told:
        signal.pause()
"""
SCRIPT = f"""{UNTIL_TOLD}    os.write(1, b"ended\\n")
    return 0

listener = socket.create_server(("127.0.0.1", 0))
raise SystemExit(run_many({CHILDREN}, listener, answer, started=lambda: os.write(1, b"parent\\n")))
"""
SLOWLY = f"""{UNTIL_TOLD}    os.write(1, b"told\\n")
    os.read(0, 1)
    return 0

listener = socket.create_server(("127.0.0.1", 0))
raise SystemExit(run_many(1, listener, answer, started=lambda: os.write(1, b"%d\\n" % listener.getsockname()[1])))
"""
FAILING = """
import socket
from services.api.processes import run_many
raise SystemExit(run_many(2, socket.create_server(("127.0.0.1", 0)), lambda given: 1 // 0, started=int))
"""


@contextmanager
def running() -> Iterator[tuple[subprocess.Popen[bytes], list[psutil.Process]]]:
    """The parent and its children, all of them ready."""
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert sorted(parent.stdout.readline() for _ in range(CHILDREN + 1)) == [b"child\n", b"child\n", b"parent\n"]
        children = psutil.Process(parent.pid).children()
        assert len(children) == CHILDREN
        try:
            yield parent, children
        finally:
            for process in (parent, *children):
                if isinstance(process, subprocess.Popen) or process.is_running():
                    process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_all_of_them_end_in_order(number: signal.Signals) -> None:
    with running() as (parent, children):
        parent.send_signal(number)
        out, _ = parent.communicate(timeout=30)
        assert (parent.returncode, out) == (0, b"ended\nended\n")
        assert not psutil.wait_procs(children, timeout=30)[1]


def test_one_that_dies_ends_the_others_and_says_so() -> None:
    with running() as (parent, children):
        children[0].kill()
        out, err = parent.communicate(timeout=30)
        assert parent.returncode == 1
        assert out.count(b"ended\n") == 1
        assert (out + err).count(b"api.process-ended") == 1


def test_none_outlives_a_parent_that_was_killed() -> None:
    with running() as (parent, children):
        parent.kill()
        assert not psutil.wait_procs(children, timeout=30)[1]


def test_who_comes_while_they_end_is_refused() -> None:
    argv = [sys.executable, "-c", SLOWLY]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        said = {parent.stdout.readline() for _ in range(2)}
        [port] = said - {b"child\n"}
        parent.terminate()
        assert parent.stdout.readline() == b"told\n"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(port)), 30).close()
        parent.stdin.close()
        assert parent.wait(30) == 0


def test_why_one_failed_is_said() -> None:
    done = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert b"ZeroDivisionError" in done.stderr + done.stdout
