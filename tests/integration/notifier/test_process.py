"""The notifier as a process of its own: woken by the broker, stopped, and killed at the worst moment."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.topology import DELIVERIES_DUE
from shared.clock import SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow
from shared.domain.deliveries import Channel
from shared.settings import Settings
from shared.usecases.making import make_accounts
from tests.factories.accounts import START

RUN = """
import sys
from services.notifier.worker import run
from shared.settings import load_settings
sys.exit(run(load_settings(), sys.argv[1]))
"""
KEY = "k" * 32
Seen = tuple[str, bytes]


@contextmanager
def receiving(on_post: Callable[[], None]) -> Iterator[tuple[str, "Queue[Seen]"]]:
    """A webhook receiver: its URL and what it saw. `on_post` runs before it answers."""
    seen: Queue[Seen] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            on_post()
            seen.put((self.headers["webhook-id"], body))
            try:
                self.send_response(200)
                self.end_headers()
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def start(database_url: str, broker_url: str, tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Starts a notifier on this test's database and broker."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "CLAUSEWATCH_DATA": str(tmp_path / "data"),
        "CLAUSEWATCH_SECRET_KEY": KEY,
        "CLAUSEWATCH_ALLOW_LOOPBACK": "true",
        "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true",
    }

    def begin() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", RUN, broker_url], env=environment)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def hooked(database: Database, database_url: str, accounts: AccountStore, tmp_path: Path) -> Callable[[str], str]:
    """Makes a test delivery to a URL due; its id."""

    def send(url: str) -> str:
        accounts.ensure_account("acc_alice", "Alice", "compliance", START)
        settings = Settings(
            database_url=database_url,
            data=tmp_path / "data",
            secret_key=KEY,
            allow_loopback=True,
            allow_http_webhooks=True,
        )
        owner = make_accounts(settings, database, SystemClock())
        return owner.test_endpoint("acc_alice", owner.add_endpoint("acc_alice", Channel.WEBHOOK, url).endpoint.id)

    return send


@pytest.fixture
def wake(broker_url: str) -> Iterator[Callable[[], None]]:
    publisher = Publisher(make_app("test", broker_url))
    yield lambda: publisher.wake(DELIVERIES_DUE, 1, waiting=10)
    publisher.close()


def state_of(database: Database, delivery_id: str) -> str:
    with database.reading() as session:
        return session.exec(select(DeliveryRow.state).where(DeliveryRow.id == delivery_id)).one()


def test_a_wake_sends_and_sigterm_ends_it_cleanly(
    start: Callable[[], "subprocess.Popen[bytes]"],
    hooked: Callable[[str], str],
    wake: Callable[[], None],
    database: Database,
) -> None:
    with receiving(lambda: None) as (url, seen):
        delivery_id = hooked(url)
        process = start()
        wake()
        assert seen.get(timeout=30)[0] == delivery_id
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert state_of(database, delivery_id) == "delivered"


def test_killed_after_the_post_it_is_repeated_once_with_the_same_id_and_bytes(
    start: Callable[[], "subprocess.Popen[bytes]"],
    hooked: Callable[[str], str],
    wake: Callable[[], None],
    database: Database,
) -> None:
    victims: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        if victims:
            victim = victims.pop()
            victim.send_signal(signal.SIGKILL)
            victim.wait()

    with receiving(kill) as (url, seen):
        delivery_id = hooked(url)
        victims.append(start())
        wake()
        first = seen.get(timeout=30)
        assert state_of(database, delivery_id) == "sending"
        with database.transaction() as session:  # as if the lease had run out
            session.execute(update(DeliveryRow).values(due_at=START))
        survivor = start()
        wake()
        assert seen.get(timeout=30) == first
        survivor.send_signal(signal.SIGTERM)
        assert survivor.wait(timeout=30) == 0
        assert seen.empty()
    assert state_of(database, delivery_id) == "delivered"
