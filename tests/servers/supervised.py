"""A real supervisor in a process of its own, over tiny children; run as a program, it is that process."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from services.cli.embedded.broker import Broker, NoBroker, choose_broker
from services.cli.embedded.holding import AlreadyRunning
from services.cli.embedded.processes import Child
from services.cli.embedded.story import Story
from services.cli.embedded.supervisor import Supervisor
from tests.servers.waiting import eventually

OWN_BROKER = Broker("")
"""The supervisor is to run one, as `clausewatch up` does where REDIS_URL is not set."""

STARTED = "all started"


def python(name: str, script: str, *args: str, ready_port: int | None = None) -> Child:
    """A child that runs a few lines of Python."""
    return Child(name, (sys.executable, "-S", "-c", script, *args), ready_port=ready_port)


class Supervised:
    """A running supervisor, and what it told so far."""

    def __init__(self, data: Path, children: Sequence[Child], broker: Broker, broker_within_s: float) -> None:
        self.data = data
        self.told: list[str] = []
        given = json.dumps(
            {
                "children": [asdict(child) for child in children],
                "broker": [broker.url, broker.argv],
                "broker_within_s": broker_within_s,
            }
        )
        argv = [sys.executable, "-m", "tests.servers.supervised", str(data), given]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def pids(self) -> dict[str, int]:
        """Process ids by name, as written down; empty where nothing is."""
        try:
            pids: dict[str, int] = json.loads((self.data / "run" / "processes.json").read_text())
        except FileNotFoundError:
            return {}
        return pids

    def wait_until_told(self, words: str) -> str:
        """The first line with these words."""
        return eventually(lambda: next((line for line in self.told if words in line), ""), why=f"{words!r} not told")

    def wait_for_end(self) -> int:
        """The exit status, once it has ended and everything it told was read."""
        status = self.process.wait(60)
        self._reader.join(60)
        return status

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            self.told.extend(line.rstrip("\n") for line in lines)


@contextmanager
def supervised(
    data: Path, children: Sequence[Child], broker: Broker | str, *, started: bool = True, broker_within_s: float = 30
) -> Iterator[Supervised]:
    """A supervisor for the length of the block, and nothing of it afterwards."""
    broker = Broker(broker) if isinstance(broker, str) else broker
    running = Supervised(data, children, broker, broker_within_s)
    try:
        if started:
            running.wait_until_told(STARTED)
        yield running
    finally:
        ours = descendants(running)
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()
        for one in ours:
            if one.is_running():
                one.kill()


def descendants(running: Supervised) -> list[psutil.Process]:
    """Everything the supervisor started, and what that started."""
    try:
        return psutil.Process(running.process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _main(data: Path, given: dict[str, Any]) -> int:
    url, argv = given["broker"]
    broker = Broker(url, tuple(argv)) if url or argv else choose_broker("", data)
    children = [Child(**child) for child in given["children"]]
    try:
        started = partial(_print, Story("", STARTED))
        return Supervisor(data, broker, children, _print, started, given["broker_within_s"]).run()
    except (AlreadyRunning, NoBroker) as error:
        _print(Story("refused", str(error)))
        return 3


def _print(told: Story) -> None:
    os.write(1, f"{told.word} {told.text}\n".encode())


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
    sys.exit(_main(Path(sys.argv[1]), json.loads(sys.argv[2])))
