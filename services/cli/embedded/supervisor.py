"""Keeps the broker and the services running, tells what happens, and ends them in order."""

import fcntl
import json
import os
import queue
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from services.cli.embedded.broker import Broker, NoBroker, wait_for_broker
from services.cli.embedded.processes import Child, Running, write_pids
from services.cli.embedded.restarting import Deaths
from services.cli.embedded.story import Story, story

GRACE_S = 20.0
"""How long services may take to finish what they do when they are told to end."""


class AlreadyRunning(Exception):
    """Another supervisor has this data folder."""


@dataclass(slots=True)
class _Kept:
    child: Child
    running: Running | None = None
    started_at: float = 0.0
    deaths: Deaths = field(default_factory=Deaths)
    start_at: float = 0.0


class Supervisor:
    """Runs `children` in the given order, after the broker; they are ended in that order, before it.

    `tell` gets every line a person should see. `run` returns the exit status when a signal or a hopeless child ends it.
    """

    def __init__(
        self,
        data: Path,
        broker: Broker,
        children: Sequence[Child],
        tell: Callable[[Story], None],
        on_started: Callable[[], None] = lambda: None,
    ) -> None:
        self._data = data.absolute()
        self._broker = broker
        own = [Child("broker", broker.argv)] if broker.argv else []
        self._kept = [_Kept(child) for child in [*own, *children]]
        self._tell = tell
        self._on_started = on_started
        self._lines: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._recent: dict[str, deque[str]] = {kept.child.name: deque(maxlen=5) for kept in self._kept}
        self._signals = 0

    def run(self) -> int:
        """Supervise until SIGINT or SIGTERM; a second one kills at once."""
        (self._data / "logs").mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.enter_context(_only_one(self._data))
            stack.enter_context(_signals(self._on_signal))
            stack.callback(self._end_all)
            self._start_all()
            self._on_started()
            return self._watch()

    def _start_all(self) -> None:
        for kept in self._kept:
            self._start(kept)
            if kept.child.name == "broker":
                wait_for_broker(self._broker.url)
            if kept.child.ready_port:
                _wait_for_port(kept.child.ready_port)
        if not self._broker.argv:
            wait_for_broker(self._broker.url)

    def _start(self, kept: _Kept) -> None:
        if kept.child.name == "broker" and self._broker.socket:
            self._broker.socket.unlink(missing_ok=True)
        kept.running = Running(kept.child, self._data / "logs", lambda name, line: self._lines.put((name, line)))
        kept.started_at = time.monotonic()
        pids = {one.child.name: one.running.pid for one in self._kept if one.running}
        write_pids(self._data / "run" / "processes.json", pids | {"supervisor": os.getpid()})

    def _watch(self) -> int:
        while not self._signals:
            self._tell_lines(0.1)
            for kept in self._kept:
                if kept.running and kept.running.status is not None:
                    self._died(kept)
                    if kept.deaths.is_hopeless:
                        return self._give_up(kept)
                elif kept.running is None and time.monotonic() >= kept.start_at:
                    self._start(kept)
        return 0

    def _died(self, kept: _Kept) -> None:
        running = kept.running
        if running is None:
            return
        kept.deaths = kept.deaths.after(time.monotonic() - kept.started_at)
        kept.start_at = time.monotonic() + kept.deaths.delay_s
        kept.running = None
        running.end(within_s=0)
        how = f"status {running.status}" if (running.status or 0) >= 0 else f"signal {-(running.status or 0)}"
        self._tell(Story("restart", f"{kept.child.name} ended with {how}; starting it again", "yellow"))

    def _give_up(self, kept: _Kept) -> int:
        self._tell_lines(0)
        log = self._data / "logs" / f"{kept.child.name}.log"
        self._tell(Story("stopped", f"{kept.child.name} cannot start; the end of {log}:", "bold red"))
        for line in self._recent[kept.child.name]:
            self._tell(Story("", line[:1000], "red"))
        return 1

    def _tell_lines(self, timeout_s: float) -> None:
        """Tell what the children said, waiting a moment for the first line."""
        try:
            name, line = self._lines.get(timeout=timeout_s) if timeout_s else self._lines.get_nowait()
            while True:
                self._recent[name].append(line)
                told = story(_record(line))
                if told:
                    self._tell(told)
                name, line = self._lines.get_nowait()
        except queue.Empty:
            return

    def _end_all(self) -> None:
        """Services first, all at once, then the broker that they still talk to."""
        services = [kept for kept in self._kept if kept.child.name != "broker"]
        for group in (services, [kept for kept in self._kept if kept.child.name == "broker"]):
            for kept in group:
                if kept.running:
                    kept.running.ask_to_end()
            deadline = time.monotonic() + GRACE_S
            for kept in group:
                if kept.running:
                    self._end(kept.running, deadline)
        self._tell_lines(0)
        (self._data / "run" / "processes.json").unlink(missing_ok=True)

    def _end(self, running: Running, deadline: float) -> None:
        while running.status is None and time.monotonic() < deadline and self._signals < 2:
            self._tell_lines(0.05)
        running.end(within_s=0)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1


def _wait_for_port(port: int, within_s: float = 10) -> None:
    """Return once somebody listens, or when it has taken too long: those who connect later say what is wrong."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


@contextmanager
def _only_one(data: Path) -> Any:
    """Hold the data folder; AlreadyRunning names the process that has it."""
    (data / "run").mkdir(parents=True, exist_ok=True)
    with (data / "run" / "supervisor.pid").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_who(file, data)) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _who(file: TextIO, data: Path) -> str:
    file.seek(0)
    pid = file.read().strip() or "unknown"
    return f"{data} is in use by a running Clausewatch (process {pid}); end that one, or set CLAUSEWATCH_DATA"


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Any:
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


__all__ = ["AlreadyRunning", "NoBroker", "Supervisor"]
