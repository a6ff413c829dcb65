"""`clausewatch up` as a newcomer starts it: the first change comes by webhook and mail, and Ctrl-C ends it all."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.cli.replay.system import running_pids
from tests.servers.ports import free_ports
from tests.servers.waiting import eventually

PORTS = (
    "clausewatch_events_published_total",
    "clausewatch_checks_total",
    "clausewatch_judgements_total",
    "clausewatch_delivery_attempts_total",
)
"""What scheduler, fetcher, differ and notifier count; their ports are in this order, and the API's is the next."""


@contextmanager
def _started(data: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    unset = {"DATABASE_URL", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"CLAUSEWATCH_DATA": str(data), "PYTHONUNBUFFERED": "1", **more}
    argv = [sys.executable, "-m", "services.cli", "up"]
    with (data.parent / "up.log").open("ab") as log:
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _first_webhook(process: subprocess.Popen[bytes], data: Path) -> list[dict[str, Any]]:
    """What was received by now; a start that failed is told by what it printed, not by a webhook that never comes."""
    assert process.poll() is None, (data.parent / "up.log").read_text()
    return _received(data)


def _received(data: Path) -> list[dict[str, Any]]:
    file = data / "sample-received.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _stop(process: subprocess.Popen[bytes], data: Path) -> None:
    family = [psutil.Process(pid) for pid in running_pids(data).values()]
    family += [child for one in family for child in one.children(recursive=True)]
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    # What services are forked from, and multiprocessing's tracker beside it, end a moment after the supervisor.
    eventually(lambda: not any(_lives(one) for one in family), within=10, why="a process outlives its supervisor")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _assert_counted(first_port: int) -> None:
    """Every process is ready, and counts where its own /metrics shows it, the differ's children too."""
    for place, counter in enumerate(PORTS):
        base = f"http://127.0.0.1:{first_port + place}"
        eventually(partial(_answers, f"{base}/ready"), why=f"the process that counts {counter} is not ready")
        with urllib.request.urlopen(f"{base}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        assert [line for line in lines if line.startswith(counter) and float(line.rpartition(" ")[2]) > 0], counter


def _assert_a_mail_unsubscribes(data: Path) -> None:
    """The link in a mail's header leads to the running API, and one POST ends the mails."""
    mail = message_from_bytes(next((data / "outbox").glob("*.eml")).read_bytes())
    link = mail["List-Unsubscribe"].strip("<>")
    request = urllib.request.Request(link, data=mail["List-Unsubscribe-Post"].encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    endpoint_id = link.split("/")[-2]
    with sqlite3.connect(data / "clausewatch.db") as database:
        state = database.execute("SELECT state, reason FROM endpoints WHERE id = ?", [endpoint_id]).fetchone()
    database.close()
    assert state == ("disabled", "unsubscribed")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _assert_one_thread_of_log_lines(data: Path) -> None:
    """A check's correlation id stands on the line of the delivery that it led to, and on those in between."""
    spoken = {name: _records(data / "logs" / f"{name}.log") for name in ("fetcher", "differ", "notifier")}
    delivered = {one["correlation_id"] for one in spoken["notifier"] if one["event"] == "delivery.delivered"}
    assert delivered
    for name in ("fetcher", "differ"):
        assert delivered <= {one.get("correlation_id") for one in spoken[name]}, name


def _records(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


@pytest.mark.slow
def test_the_sample_shows_change_webhook_and_mail_and_a_second_start_finds_its_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    port = free_ports(len(PORTS) + 1)
    with _started(data, CLAUSEWATCH_METRICS_PORT=str(port)) as process:
        eventually(lambda: _first_webhook(process, data), within=120, why="no webhook was received")
        eventually(lambda: list((data / "outbox").glob("*.eml")), within=60, why="no mail stands in the outbox")
        _assert_counted(port)
        _assert_one_thread_of_log_lines(data)
        _assert_a_mail_unsubscribes(data)
        _stop(process, data)
    [first, *_] = _received(data)
    assert (first["type"], first["verified"]) == ("change.detected", True)
    assert first["data"]["headline"]["text"].startswith("New clause on arbitration: “You and Lumenforge agree")
    before = {one["data"]["id"] for one in _received(data)}

    with _started(data) as process:
        told = "clausewatch is running"
        eventually(lambda: (tmp_path / "up.log").read_text().count(told) == 2, within=120, why="no second start")
        eventually(lambda: len(_received(data)) > len(before), within=120, why="the last revisions were not found")
        _stop(process, data)
    ids = [one["data"]["id"] for one in _received(data)]
    assert len(ids) == len(set(ids)), "a change of the first start was told again"
