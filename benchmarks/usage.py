"""CPU and memory of the running system by process name, and what it uses while it has nothing to do."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from services.cli.replay.system import running_pids
from services.cli.replay.usage import cpu_seconds

CpuByName = Mapping[str, float]


def cpu_by_name(data: Path) -> dict[str, float]:
    """CPU seconds so far of each process of a running system with its children; the supervisor's are its own alone."""
    pids = running_pids(data)
    used = {name: cpu_seconds(pid) for name, pid in pids.items()}
    used["supervisor"] -= sum(seconds for name, seconds in used.items() if name != "supervisor")
    return used


def used_since(before: CpuByName, data: Path) -> dict[str, float]:
    """CPU seconds by name since `before`."""
    return {name: seconds - before.get(name, 0.0) for name, seconds in cpu_by_name(data).items()}


def pss_by_name(data: Path) -> dict[str, int]:
    """Proportional set size in bytes by process name, children included: shared pages are counted once in all."""
    pids = running_pids(data)
    named = set(pids.values())
    found = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        family = [process, *(child for child in process.children(recursive=True) if child.pid not in named)]
        if name == "supervisor":
            family = family[:1]
        found[name] = sum(one.memory_full_info().pss for one in family)
    return found


@dataclass(frozen=True, slots=True)
class Idle:
    """What the system uses without work: CPU seconds a second, by name."""

    rates: CpuByName

    def over(self, seconds: float) -> float:
        """CPU seconds that would have been used anyway."""
        return sum(self.rates.values()) * seconds


def measure_idle(data: Path, seconds: float) -> Idle:
    """Watch an idle system for so many seconds."""
    before, begin = cpu_by_name(data), time.monotonic()
    time.sleep(seconds)
    used, took = used_since(before, data), time.monotonic() - begin
    return Idle({name: cpu / took for name, cpu in used.items()})
