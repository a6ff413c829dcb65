"""Processes are killed at random moments and the broker loses its data: what comes out is what comes out undisturbed.

The long form (CLAUSEWATCH_KILLS=3, `make faults`) kills every process that many times.
"""

import os
import random
import shutil
import threading
from pathlib import Path

import pytest
import redis

from services.cli.embedded.broker import choose_broker
from tests.faults.lockstep import WITHIN, LockStep, Result, lock_step, publications, some_moment
from tests.servers.waiting import eventually

PROCESSES = ("fetcher", "differ", "notifier", "scheduler", "api", "broker")
KILLS_OF_EACH = int(os.environ.get("CLAUSEWATCH_KILLS", "1"))


def _faults(chance: random.Random) -> list[str]:
    """Every process is killed; the broker is emptied once under everybody's connections, and once loses its disk."""
    faults = [*PROCESSES * KILLS_OF_EACH, "wipe", "lose the disk"]
    chance.shuffle(faults)
    return faults


def _run(run: LockStep, chance: random.Random | None) -> Result:
    faults = _faults(chance) if chance else []
    steps = publications()
    for place, (slug, revision) in enumerate(steps):
        run.publish(slug, revision)
        for fault in faults[place :: len(steps)]:
            assert chance is not None
            threading.Event().wait(some_moment(chance))  # the moment of the fault, not a synchronisation
            _strike(run, fault)
        run.settle()
    run.wait_for_alerts()
    return run.result()


def _strike(run: LockStep, fault: str) -> None:
    if fault == "wipe":
        eventually(lambda: _is_emptied(run.data), within=WITHIN, why="the broker does not answer")
    elif fault == "lose the disk":
        run.kill("broker", then=lambda: shutil.rmtree(run.data / "broker" / "appendonlydir", ignore_errors=True))
    else:
        run.kill(fault)


def _is_emptied(data: Path) -> bool:
    """Empty the broker; False where it does not answer yet, after a kill."""
    try:
        with redis.Redis(unix_socket_path=str(choose_broker("", data).socket)) as client:
            return bool(client.flushall())
    except redis.ConnectionError:
        return False


@pytest.mark.slow
def test_kills_and_a_wiped_broker_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with lock_step(tmp_path / "calm", monkeypatch) as run:
        calm = _run(run, None)
    with lock_step(tmp_path / "stormy", monkeypatch) as run:
        stormy = _run(run, random.Random(20261123))
    assert len(calm.versions) == 12
    assert any(alert for *_, alert in calm.changes)
    assert stormy.versions == calm.versions
    assert stormy.changes == calm.changes
    assert stormy.received == calm.received
    assert stormy.doubled == calm.doubled == frozenset()
