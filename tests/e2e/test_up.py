"""`clausewatch up` as a newcomer starts it: the first change comes by webhook and mail, and Ctrl-C ends it all."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.cli.replay.system import running_pids
from tests.servers.waiting import eventually


@contextmanager
def _started(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    unset = {"DATABASE_URL", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"CLAUSEWATCH_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "services.cli", "up"]
    with (data.parent / "up.log").open("ab") as log:
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _received(data: Path) -> list[dict[str, Any]]:
    file = data / "sample-received.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _stop(process: subprocess.Popen[bytes], data: Path) -> None:
    family = [psutil.Process(pid) for pid in running_pids(data).values()]
    family += [child for one in family for child in one.children(recursive=True)]
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.slow
def test_the_sample_shows_change_webhook_and_mail_and_a_second_start_finds_its_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with _started(data) as process:
        eventually(lambda: _received(data), within=120, why="no webhook was received")
        eventually(lambda: list((data / "outbox").glob("*.eml")), within=60, why="no mail stands in the outbox")
        _stop(process, data)
    [first, *_] = _received(data)
    assert (first["type"], first["verified"]) == ("change.detected", True)
    assert first["data"]["headline"]["text"] == "Termination: Notice fell from 30 days to 14 days."
    before = {one["data"]["id"] for one in _received(data)}

    with _started(data) as process:
        told = "clausewatch is running"
        eventually(lambda: (tmp_path / "up.log").read_text().count(told) == 2, within=120, why="no second start")
        eventually(lambda: len(_received(data)) > len(before), within=120, why="the last revisions were not found")
        _stop(process, data)
    ids = [one["data"]["id"] for one in _received(data)]
    assert len(ids) == len(set(ids)), "a change of the first start was told again"
