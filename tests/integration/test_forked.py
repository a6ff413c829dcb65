"""Services forked from a process that has their imports: as good as programs of their own, and never left behind."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from services.cli.embedded.processes import Child
from tests.servers.ports import free_ports
from tests.servers.supervised import Supervised, descendants, supervised
from tests.servers.waiting import eventually


@pytest.fixture
def port() -> int:
    return free_ports(1)


@pytest.fixture
def running(data_dir: Path, broker_url: str, port: int) -> Iterator[Supervised]:
    """A supervisor over an API, which answers, and a command that nobody knows, which ends at once."""
    env = {"CLAUSEWATCH_DATA": str(data_dir), "CLAUSEWATCH_API_PORT": str(port), "CLAUSEWATCH_LOG_JSON": "true"}
    api = Child("api", words=("api",), env=env, ready_port=port)
    with supervised(data_dir, [api], broker_url) as one:
        yield one


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/methodology").status_code == 200
    except httpx.TransportError:
        return False


def _again(running: Supervised, before: int, port: int) -> None:
    eventually(lambda: running.pids().get("api", before) != before and _answers(port), why="not started again")


def _forks_from(running: Supervised) -> psutil.Process:
    [found] = {one.parent() for one in descendants(running) if one.pid == running.pids()["api"]}
    assert found is not None
    return found


def test_it_has_its_environment_and_session_and_ends_in_order(running: Supervised, port: int) -> None:
    eventually(lambda: _answers(port))
    pid = running.pids()["api"]
    assert os.getsid(pid) == pid
    assert _forks_from(running).ppid() == running.process.pid
    ours = descendants(running)
    running.send(signal.SIGTERM)
    assert running.wait_for_end() == 0
    assert not psutil.wait_procs(ours, timeout=30)[1]
    assert not [line for line in running.told if line.startswith(("restart", "stopped"))]


def test_whatever_is_killed_is_started_again(running: Supervised, port: int) -> None:
    first = running.pids()["api"]
    os.kill(first, signal.SIGKILL)
    running.wait_until_told("restart api ended with signal 9; starting it again")
    _again(running, first, port)
    second = running.pids()["api"]
    _forks_from(running).kill()
    eventually(lambda: not psutil.pid_exists(second), why="it outlived what it was forked from")
    _again(running, second, port)


def test_none_outlives_a_supervisor_that_was_killed(running: Supervised) -> None:
    ours = descendants(running)
    assert running.pids()["api"] in {one.pid for one in ours}
    running.process.kill()
    assert not psutil.wait_procs(ours, timeout=30)[1]


def test_what_it_says_is_kept_and_why_it_ended_is_told(data_dir: Path, broker_url: str) -> None:
    with supervised(data_dir, [Child("differ", words=("nonesuch",))], broker_url, started=False) as running:
        assert running.wait_for_end() == 1
        assert [line for line in running.told if "differ cannot start: it ended with status 2" in line]
        assert "No such command" in (data_dir / "logs" / "differ.log").read_text()


def test_nothing_is_taken_over_from_whom_it_is_forked_from(data_dir: Path, broker_url: str, port: int) -> None:
    """Of two that are forked with different environments, neither has the other's."""
    ports = (port, free_ports(1))
    children = [
        Child(
            f"api-{number}",
            words=("api",),
            env={"CLAUSEWATCH_DATA": str(data_dir / str(number)), "CLAUSEWATCH_API_PORT": str(one)},
            ready_port=one,
        )
        for number, one in enumerate(ports)
    ]
    with supervised(data_dir, children, broker_url) as running:
        for number, one in enumerate(ports):
            eventually(lambda one=one: _answers(one), why=f"{json.dumps(running.told)} {number}")
        assert {path.name for path in data_dir.iterdir()} >= {"0", "1"}
