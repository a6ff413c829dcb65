"""One real notifier process, hostile receivers around it, and for each row of the matrix an account of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.topology import DELIVERIES_DUE
from shared.clock import SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.outbox import StoredEvent
from shared.db.session import Database
from shared.settings import Settings
from shared.usecases.accounts import Accounts
from shared.usecases.making import make_accounts
from tests.conftest import database_of_its_own
from tests.faults.hostile_names import HostileNames
from tests.faults.hostile_receivers import HostileReceivers, unanswered_port
from tests.servers.ports import free_ports
from tests.servers.processes import short_folder, stop
from tests.servers.valkey import running_valkey
from tests.unit.http.test_tls import LONG_AGO, Authority

KEY = "k" * 32
DEADLINE_S = 2.0
PER_SECOND = 20
"""Deliveries to one endpoint in the long run."""
WITHIN = 60.0
CERTIFIED = "certified.example"


class Bench:
    """A notifier that works, and what surrounds it. Its clock only ever moves forward."""

    def __init__(self, database_url: str, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.data = folder / "data"
        self.data.mkdir()
        self._clock = folder / "clock"
        self._ahead = timedelta()
        self.move(timedelta())
        authority = Authority()
        self._serve(authority)
        self.names = HostileNames(folder / "names")
        stack.callback(self.names.close)
        broker = stack.enter_context(running_valkey())
        self._publisher = Publisher(make_app("test", broker.url))
        stack.callback(self._publisher.close)
        self.environment = self._environment(database_url)
        self.database = Database(database_url)
        stack.callback(self.database.close)
        self.store = AccountStore(self.database)
        self.owner = self._owner(database_url)
        self._numbers = count(1)
        self.process = self._start(broker.url)

    def now(self) -> datetime:
        """The notifier's time."""
        return SystemClock().now() + self._ahead

    def move(self, by: timedelta) -> None:
        """Let that much time pass for the notifier. Nothing may be under way."""
        self._ahead += by
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(str(self._ahead.total_seconds()))
        fresh.replace(self._clock)

    def wake(self) -> None:
        """What the scheduler does all the time."""
        self._publisher.wake(DELIVERIES_DUE, 1, waiting=2)

    def until(self, condition: Callable[[], object], why: str) -> None:
        """Wake the notifier again and again until the condition holds."""
        ends = time.monotonic() + WITHIN
        while not condition():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < ends, f"{why}\n{self.log()}"
            self.wake()
            time.sleep(0.05)

    def publish(self, payload: Mapping[str, Any]) -> str:
        """Put a change.detected on the bus; its id."""
        event_id = f"evt_{next(self._numbers)}"
        event = StoredEvent(event_id, "change.detected", payload, "cor_1", 0, datetime(2026, 4, 10, tzinfo=UTC))
        self._publisher.events([event])
        return event_id

    def log(self) -> str:
        """The end of what the notifier said."""
        return (self.folder / "notifier.log").read_text(errors="replace")[-4_000:]

    def peak_memory(self, *, anew: bool = False) -> int:
        """Bytes that the notifier had resident at most, since it began or since it was counted `anew` (proc(5))."""
        folder = Path(f"/proc/{self.process.pid}")
        lines = (folder / "status").read_text().splitlines()
        if anew:
            (folder / "clear_refs").write_text("5")
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024

    def _serve(self, authority: Authority) -> None:
        def receivers(name: str, host: str = "", **certificate: Any) -> HostileReceivers:
            folder = self.folder / name
            folder.mkdir()
            made = HostileReceivers(authority.server_context(folder, host, **certificate) if host else None)
            self._stack.callback(made.close)
            return made

        self.receivers = receivers("plain")
        self.certified = receivers("certified", CERTIFIED)
        self.expired = receivers("expired", "expired.example", until=LONG_AGO + timedelta(days=1))
        self.refused_port = free_ports(1)
        self.unanswered_port = self._stack.enter_context(unanswered_port())
        self._trusted = self.folder / "authority.pem"
        self._trusted.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))

    def _environment(self, database_url: str) -> dict[str, str]:
        own = (self.receivers.port, self.certified.port, self.expired.port, self.refused_port, self.unanswered_port)
        return {
            **os.environ,
            "DATABASE_URL": database_url,
            "SSL_CERT_FILE": str(self._trusted),
            "CLAUSEWATCH_DATA": str(self.data),
            "CLAUSEWATCH_SECRET_KEY": KEY,
            "CLAUSEWATCH_ALLOW_LOOPBACK": "true",
            "CLAUSEWATCH_LOOPBACK_PORTS": ",".join(map(str, own)),
            "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true",
            "CLAUSEWATCH_DELIVERY_DEADLINE_S": str(DEADLINE_S),
            "CLAUSEWATCH_ENDPOINT_PER_SECOND": str(PER_SECOND),
            "CLAUSEWATCH_GROUPING_S": "0",
        }

    def _owner(self, database_url: str) -> Accounts:
        settings = Settings(
            database_url=database_url,
            data=self.data,
            secret_key=KEY,
            allow_loopback=True,
            allow_http_webhooks=True,
        )
        return make_accounts(settings, self.database, SystemClock())

    def _start(self, broker_url: str) -> "subprocess.Popen[bytes]":
        log = self._stack.enter_context((self.folder / "notifier.log").open("wb"))
        program = [sys.executable, "-m", "tests.faults.hostile_notifier"]
        process = subprocess.Popen(
            [*program, broker_url, str(self._clock), str(self.names.path)], env=self.environment, stdout=log, stderr=log
        )
        self._stack.callback(stop, process)
        return process


@contextmanager
def running_bench(database_url: str) -> Iterator[Bench]:
    """A bench for the length of the block."""
    with short_folder("cw-ho-") as folder, ExitStack() as stack:
        yield Bench(database_url, folder, stack)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One notifier for all rows, on each engine in turn."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("bench") / "clausewatch.db"
        shutil.copy(request.getfixturevalue("_sqlite_template"), file)
        databases = nullcontext(f"sqlite:///{file}")
    else:
        databases = contextmanager(database_of_its_own)(request.getfixturevalue("_postgres"))
    with databases as url, running_bench(url) as bench:
        yield bench
