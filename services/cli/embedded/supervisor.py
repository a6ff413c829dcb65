"""Keeps the broker and the services running, tells what happens, and ends them in order."""

import json
import os
import queue
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from services.cli.embedded.broker import Broker, NoBroker
from services.cli.embedded.holding import AlreadyRunning, holding
from services.cli.embedded.processes import Child, Running, write_pids
from services.cli.embedded.restarting import Deaths
from services.cli.embedded.story import Story, plain, story

GRACE_S = 20.0
"""How long services may take in all to finish what they do when they are told to end."""

_HEAD_START_S = 2.0
"""How long the next service waits with ending for the one before: what that still hands on is then worked off."""

_BROKER_GRACE_S = 5.0
_BROKER_S = 30.0
_PORT_S = 10.0
_LAST_LINES = 10


@dataclass(slots=True)
class _Kept:
    child: Child
    running: Running | None = None
    started_at: float = 0.0
    start_at: float | None = None
    """When it is to be started; None before its turn has come."""
    deaths: Deaths = field(default_factory=Deaths)
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))


class Supervisor:
    """Runs `children` in the given order, after the broker; they are ended in that order, before it.

    Those that others rely on (with a `ready_port`) are ended after the others. `tell` gets every line a person should
    see, and runs in the caller's thread. `on_started` is called once all have been started. The broker must answer
    within `broker_within_s` seconds.
    """

    def __init__(
        self,
        data: Path,
        broker: Broker,
        children: Sequence[Child],
        tell: Callable[[Story], None],
        on_started: Callable[[], None] = lambda: None,
        broker_within_s: float = _BROKER_S,
    ) -> None:
        self._data = data.absolute()
        self._broker = broker
        own = [Child("broker", broker.argv)] if broker.argv else []
        self._kept = {child.name: _Kept(child) for child in [*own, *children]}
        self._tell = tell
        self._on_started = on_started
        self._broker_within_s = broker_within_s
        self._lines: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._stops_asked = 0
        self._has_failed = False

    def run(self) -> int:
        """Supervise until a signal (0) or a child that cannot be started (1); a second signal kills at once.

        AlreadyRunning where another supervisor has the data folder; NoBroker where the broker does not answer.
        """
        (self._data / "logs").mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.enter_context(holding(self._data))
            stack.enter_context(_signals(self._on_signal))
            stack.callback(self._end_all)
            self._start_all()
            if not self._is_over:
                self._on_started()
            while not self._is_over:
                self._step(0.1)
        return 1 if self._has_failed else 0

    @property
    def _is_over(self) -> bool:
        return self._stops_asked > 0 or self._has_failed

    def _start_all(self) -> None:
        if not self._broker.argv:
            self._wait_for_broker()
        for kept in self._kept.values():
            if self._is_over:
                return
            self._start(kept)
            if kept.child.name == "broker":
                self._wait_for_broker()
            elif kept.child.ready_port:  # where it takes too long, those who connect later say what is wrong
                self._wait_until(partial(_is_open, kept.child.ready_port), _PORT_S)

    def _wait_for_broker(self) -> None:
        if not self._wait_until(lambda: self._broker.silence() is None, self._broker_within_s):
            raise NoBroker(f"the broker at {self._broker.public_url} does not answer: {self._broker.silence()}")

    def _wait_until(self, is_so: Callable[[], bool], within_s: float) -> bool:
        """Go on supervising until it is so, or until all is to end anyway; False where it takes too long."""
        deadline = time.monotonic() + within_s
        while not self._is_over and not is_so():
            if time.monotonic() > deadline:
                return False
            self._step(0.02)
        return True

    def _step(self, wait_s: float) -> None:
        """Tell what was said, and put up again what fell down."""
        self._tell_lines(wait_s)
        for kept in self._kept.values():
            if kept.running is not None and kept.running.status is not None:
                self._died(kept, kept.running)
            elif kept.running is None and kept.start_at is not None and time.monotonic() >= kept.start_at:
                self._start(kept)

    def _start(self, kept: _Kept) -> None:
        kept.start_at = kept.started_at = time.monotonic()
        try:
            if kept.child.name == "broker":
                self._broker.prepare()
            kept.running = Running(kept.child, self._data / "logs", lambda name, line: self._lines.put((name, line)))
        except OSError as error:
            self._count_death(kept, f"could not be started: {error}")
            return
        pids = {name: one.running.pid for name, one in self._kept.items() if one.running}
        try:
            write_pids(self._data / "run" / "processes.json", pids | {"supervisor": os.getpid()})
        except OSError as error:  # a full disk is no reason to end what runs
            self._say(Story("error", f"the process ids cannot be written: {error}", "red"))

    def _died(self, kept: _Kept, running: Running) -> None:
        running.end()
        kept.running = None
        status = running.status or 0
        how = f"ended with status {status}" if status >= 0 else f"ended with signal {-status}"
        self._count_death(kept, how, killed=status == -signal.SIGKILL)

    def _count_death(self, kept: _Kept, how: str, *, killed: bool = False) -> None:
        kept.deaths = kept.deaths.after(time.monotonic() - kept.started_at, killed=killed)
        kept.start_at = time.monotonic() + kept.deaths.delay_s
        if not kept.deaths.is_hopeless:
            self._say(Story("restart", f"{kept.child.name} {how}; starting it again", "yellow"))
            return
        self._has_failed = True
        self._tell_lines(0)
        log = self._data / "logs" / f"{kept.child.name}.log"
        self._say(Story("stopped", f"{kept.child.name} cannot start: it {how}; the end of {log}:", "bold red"))
        for line in kept.last_lines:
            self._say(Story("", plain(line), "red"))

    def _tell_lines(self, wait_s: float) -> None:
        """Tell what the children said, waiting a moment for the first line."""
        try:
            name, line = self._lines.get(timeout=wait_s) if wait_s else self._lines.get_nowait()
            while True:
                self._kept[name].last_lines.append(line)
                told = story({"process": name, **_record(line)})
                if told:
                    self._say(told)
                name, line = self._lines.get_nowait()
        except queue.Empty:
            return

    def _say(self, told: Story) -> None:
        try:
            self._tell(told)
        except OSError:  # the terminal is gone, and with it whoever would have ended us
            self._stops_asked = max(self._stops_asked, 1)

    def _end_all(self) -> None:
        """Services one after another, none waiting long for the one before; then the broker that they still talk to."""
        services = [kept for name, kept in self._kept.items() if name != "broker"]
        deadline = time.monotonic() + GRACE_S
        for kept in sorted(services, key=lambda kept: kept.child.ready_port is not None):
            if kept.running:
                kept.running.ask_to_end()
                self._wait_for_end(kept.running, min(deadline, time.monotonic() + _HEAD_START_S))
        for kept in services:
            self._end(kept, deadline)
        if broker := self._kept.get("broker"):
            if broker.running:
                broker.running.ask_to_end()
            self._end(broker, time.monotonic() + _BROKER_GRACE_S)
        self._tell_lines(0)
        (self._data / "run" / "processes.json").unlink(missing_ok=True)

    def _end(self, kept: _Kept, deadline: float) -> None:
        if kept.running:
            self._wait_for_end(kept.running, deadline)
            kept.running.end()

    def _wait_for_end(self, running: Running, deadline: float) -> None:
        while running.status is None and time.monotonic() < deadline and self._stops_asked < 2:
            self._tell_lines(0.02)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stops_asked += 1


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _record(line: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal go to `handler`; under nohup a closed terminal is none of our business."""
    numbers = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.add(signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


__all__ = ["AlreadyRunning", "Supervisor"]
