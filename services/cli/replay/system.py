"""A whole system of our own for the length of a replay: its data in a throw-away folder, started as a user would."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.cli.errors import Failure

_START_S = 60.0
_STOP_S = 40.0
EXPECTED = {"supervisor", "broker", "scheduler", "fetcher", "differ", "notifier", "api"}

SETTINGS: Mapping[str, str] = {
    "CLAUSEWATCH_ALLOW_LOOPBACK": "true",
    "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true",
    "CLAUSEWATCH_HOST_DELAY_S": "0",
    "CLAUSEWATCH_TICK_S": "0.1",
    "CLAUSEWATCH_RETRY_BASE_S": "0.5",
}
"""What a replay needs on loopback: no politeness towards ourselves, and short steps."""


def running_pids(data: Path) -> dict[str, int]:
    """Process ids by name, as the supervisor of a data folder wrote them down; empty where none runs."""
    try:
        pids: dict[str, int] = json.loads((data / "run" / "processes.json").read_text())
    except (OSError, ValueError):
        return {}
    return pids


@contextmanager
def running_system(data: Path, settings: Mapping[str, str] = SETTINGS) -> Iterator[subprocess.Popen[bytes]]:
    """`clausewatch up --no-sample` on a data folder, stopped by Ctrl-C at the end; Failure where it does not start."""
    log = (data / "up.log").open("ab")
    environment = {**os.environ, **settings, "CLAUSEWATCH_DATA": str(data)}
    argv = [sys.executable, "-m", "services.cli", "up", "--no-sample"]
    process = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait_for_start(process, data)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _wait_for_start(process: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not running_pids(data).keys() >= EXPECTED:
        if process.poll() is not None or time.monotonic() > deadline:
            said = (data / "up.log").read_text(errors="replace")[-2000:]
            raise Failure(f"the system did not start; it said: {said}")
        time.sleep(0.05)
