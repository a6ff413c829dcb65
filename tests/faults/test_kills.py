"""Processes are killed at random moments and the broker is emptied: what comes out is what comes out undisturbed.

The long form (CLAUSEWATCH_KILLS=3, `make faults`) kills every process that many times.
"""

import os
import random
import threading
from pathlib import Path

import pytest
import redis

from services.cli.embedded.broker import choose_broker
from tests.faults.lockstep import LockStep, Result, lock_step, publications, some_moment

PROCESSES = ("fetcher", "differ", "notifier", "scheduler", "broker")
KILLS_OF_EACH = int(os.environ.get("CLAUSEWATCH_KILLS", "1"))


def _faults(chance: random.Random) -> list[str]:
    """What happens in which step: every process is killed, and the broker's data is wiped once."""
    faults = [*PROCESSES * KILLS_OF_EACH, "wipe"]
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
        socket = choose_broker("", run.data).socket
        with redis.Redis(unix_socket_path=str(socket)) as client:
            client.flushall()
    else:
        run.kill(fault)


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
