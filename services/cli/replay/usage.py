"""What the running system used: CPU seconds by process, and the peak of its memory."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

_EVERY_S = 2.0


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, of its running children, and of those it has waited for."""
    total = 0.0
    for process in _family(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def pss_bytes(pids: Mapping[str, int]) -> int:
    """Proportional set size of all processes and their children: shared pages counted once."""
    total, seen = 0, set[int]()
    for pid in pids.values():
        for process in _family(pid):
            if process.pid not in seen:
                seen.add(process.pid)
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
    return total


@dataclass
class MemoryWatch:
    """Samples memory every two seconds until told to stop; `peak` is the highest sum seen."""

    pids: Callable[[], Mapping[str, int]]
    peak: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._run, name="memory watch", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self.peak = max(self.peak, pss_bytes(self.pids()))


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
