"""The broker dies while a task runs: the worker says so, ends its task, and takes the next once the broker is back."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.db.outbox import StoredEvent
from tests.servers.ports import free_ports
from tests.servers.processes import short_folder, stop
from tests.servers.valkey import Valkey
from tests.servers.waiting import eventually


@dataclass(frozen=True)
class Worker:
    folder: Path
    port: int

    @property
    def begun(self) -> list[str]:
        """The ids of the events whose handler began, in order."""
        file = self.folder / "begun"
        return file.read_text().split() if file.exists() else []

    def let_go(self) -> None:
        """The running handler may end; blocks until it reads."""
        with (self.folder / "go").open("wb"):
            pass

    def probe(self, path: str) -> int:
        """The status of /ready or /live; 0 while nobody answers yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@contextmanager
def _working(folder: Path, broker_url: str, database_url: str, pool: str) -> Iterator[Worker]:
    os.mkfifo(folder / "go")
    worker = Worker(folder, free_ports(1))
    files = [str(folder / name) for name in ("begun", "go")]
    argv = [sys.executable, "-m", "tests.faults.waiting_worker", broker_url, database_url, pool, *files]
    environment = {**os.environ, "DATABASE_URL": database_url, "CLAUSEWATCH_METRICS_PORT": str(worker.port)}
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield worker
    finally:
        stop(process, within=2)


def _publish(broker_url: str, event_id: str) -> None:
    publisher = Publisher(make_app("test", broker_url))
    payload = {"document_id": "doc_1", "snapshot_id": "snp_1"}
    event = StoredEvent(event_id, "snapshot.captured", payload, "cor_1", 0, datetime(2026, 1, 1, tzinfo=UTC))
    publisher.events([event])
    publisher.close()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with short_folder("cw-out-") as folder:
        server = Valkey(folder)
        server.start()
        yield server
        server.stop()


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_task_that_ends_while_the_broker_is_down_costs_the_worker_nothing(
    tmp_path: Path, sqlite_url: str, valkey: Valkey, pool: str
) -> None:
    with _working(tmp_path, valkey.url, sqlite_url, pool) as worker:
        eventually(lambda: worker.probe("/ready") == 200, why="the worker never was ready")
        _publish(valkey.url, "evt_1")
        eventually(lambda: worker.begun == ["evt_1"], why="the first task did not begin")
        valkey.kill()
        worker.let_go()
        eventually(lambda: worker.probe("/ready") == 503, why="the worker said it was ready without a broker")
        assert worker.probe("/live") == 200
        valkey.start()
        eventually(lambda: worker.probe("/ready") == 200, why="the worker did not come back")
        _publish(valkey.url, "evt_2")
        eventually(lambda: worker.begun[-1] == "evt_2", why="the worker took no further task")
        worker.let_go()
