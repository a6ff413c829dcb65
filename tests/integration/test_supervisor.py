"""The supervisor with real, tiny children: they are kept alive, ended in order, and never outlive it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.servers.waiting import eventually

_SUPERVISE = """
import sys
from pathlib import Path
from services.cli.embedded.broker import Broker
from services.cli.embedded.processes import Child
from services.cli.embedded.supervisor import AlreadyRunning, Supervisor

data, url = Path(sys.argv[1]), sys.argv[2]
children = [Child(f"child{n}", [sys.executable, "-u", "-c", code]) for n, code in enumerate(sys.argv[3:])]
tell = lambda told: print(told.word, told.text, flush=True)
try:
    sys.exit(Supervisor(data, Broker(url), children, tell, lambda: print("started", flush=True)).run())
except AlreadyRunning as error:
    sys.exit(str(error))
"""
_WAITS = "import signal; signal.pause()"
_DIES = "raise SystemExit('cannot start')"


@contextmanager
def _supervised(data: Path, broker_url: str, *codes: str) -> Iterator[subprocess.Popen[str]]:
    argv = [sys.executable, "-c", _SUPERVISE, str(data), broker_url, *codes]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _pids(data: Path) -> dict[str, int]:
    file = data / "run" / "processes.json"
    pids: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    return pids


def _until(process: subprocess.Popen[str], words: str) -> list[str]:
    """The lines up to the one with these words."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"it ended before it said {words!r}: {lines}")


def _gone(pids: Sequence[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


def test_a_child_that_dies_is_started_again(tmp_path: Path, broker_url: str) -> None:
    with _supervised(tmp_path, broker_url, _WAITS, _WAITS) as process:
        _until(process, "started")
        first = _pids(tmp_path)
        os.kill(first["child1"], signal.SIGKILL)
        _until(process, "child1 ended with signal 9; starting it again")
        eventually(lambda: _pids(tmp_path).get("child1") not in {first["child1"], None}, why="it stayed dead")
        assert _pids(tmp_path)["child0"] == first["child0"]


def test_ctrl_c_ends_everything_with_status_0(tmp_path: Path, broker_url: str) -> None:
    with _supervised(tmp_path, broker_url, _WAITS, _WAITS) as process:
        _until(process, "started")
        pids = [pid for name, pid in _pids(tmp_path).items() if name != "supervisor"]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert _gone(pids)
    assert _pids(tmp_path) == {}


def test_a_killed_supervisor_leaves_no_children(tmp_path: Path, broker_url: str) -> None:
    with _supervised(tmp_path, broker_url, _WAITS, _WAITS) as process:
        _until(process, "started")
        pids = [pid for name, pid in _pids(tmp_path).items() if name != "supervisor"]
        process.kill()
        process.wait()
        eventually(lambda: _gone(pids), why="children outlived their supervisor")


def test_a_second_supervisor_is_refused_and_told_of_the_first(tmp_path: Path, broker_url: str) -> None:
    with _supervised(tmp_path, broker_url, _WAITS) as first:
        _until(first, "started")
        with _supervised(tmp_path, broker_url, _WAITS) as second:
            [said] = _until(second, "is in use")
            assert f"process {first.pid}" in said
            assert second.wait(60) == 1


def test_a_child_that_cannot_start_ends_it_with_its_last_words(tmp_path: Path, broker_url: str) -> None:
    with _supervised(tmp_path, broker_url, _WAITS, _DIES) as process:
        lines = _until(process, "child1 cannot start")
        assert sum("starting it again" in line for line in lines) == 5
        assert process.stdout is not None
        assert "cannot start" in process.stdout.read()
        assert process.wait(60) == 1
