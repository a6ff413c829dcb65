"""The fetcher as it runs: a worker process, woken through a real broker by the scheduler's loop."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import update

from shared.archive import open_archive
from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.scheduling import make_scheduler
from shared.clock import SystemClock
from shared.db.session import Database
from shared.db.tables import HostRow
from shared.settings import Settings
from tests.fakes.site import Page, Site
from tests.integration.fetcher.conftest import Fetcher
from tests.servers.waiting import eventually

RUN = """
import sys
from services.fetcher.worker import run
from shared.settings import load_settings
settings = load_settings()
sys.exit(run(settings, settings.redis_url))
"""


@contextmanager
def running_worker(settings: Settings, broker_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process with these settings, ended with the block."""
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": broker_url,
        "CLAUSEWATCH_DATA": str(settings.data),
        "CLAUSEWATCH_ALLOW_LOOPBACK": "1",
        "CLAUSEWATCH_DELAY_EXEMPT_HOSTS": "localhost",
        "CLAUSEWATCH_FETCH_CONCURRENCY": "4",
    }
    process = subprocess.Popen([sys.executable, "-c", RUN], env=environment, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def running_scheduler(settings: Settings, database: Database, broker_url: str) -> Iterator[None]:
    """The scheduler's loop on a thread of its own."""
    stop = threading.Event()
    publisher = Publisher(make_app("scheduler", broker_url))
    thread = threading.Thread(
        target=make_scheduler(settings, database, publisher, SystemClock()).run, args=(stop,), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        publisher.close()


@pytest.fixture
def real_time(fetcher: Fetcher, database_url: str, tmp_path: Path) -> Fetcher:
    """The fetcher's bench, for a worker that goes by the real clock."""
    fetcher.clock.at = SystemClock().now()
    fetcher.settings = fetcher.settings.model_copy(update={"database_url": database_url, "tick_s": 0.05})
    fetcher.archive = open_archive(fetcher.settings.archive_location)
    return fetcher


def test_a_worker_checks_what_falls_due_and_ends_when_told(real_time: Fetcher, site: Site, broker_url: str) -> None:
    documents = [
        real_time.watch(site.put(Page(b"<p>terms</p>", etag='"1"'), "/terms", host), platform=host, check_every_s=3600)
        for host in ("acme", "bolt", "cord")
    ]
    settings, database = real_time.settings, real_time.database

    with running_worker(settings, broker_url) as worker, running_scheduler(settings, database, broker_url):
        eventually(lambda: len(real_time.checks()) == 3, why="the first checks were not made")
        for document_id in documents:
            real_time.schedule(document_id, next_check_at=SystemClock().now())
        eventually(lambda: len(real_time.checks()) == 6, why="the second checks were not made")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0

    assert [check.outcome for check in real_time.checks()] == ["captured"] * 3 + ["not-modified"] * 3
    assert sorted(real_time.archive.keys()) == sorted({s.sha256 for s in real_time.snapshots()})


def test_nothing_is_lost_with_the_brokers_data_or_the_worker(real_time: Fetcher, site: Site, broker_url: str) -> None:
    first = real_time.watch(site.put(b"<p>terms</p>"), check_every_s=3600)
    settings, database = real_time.settings, real_time.database
    asked = threading.Event()
    hold = threading.Event()

    def hang(_host: str, path: str) -> None:
        if path == "/terms":
            asked.set()
            hold.wait(90)

    site.before_answer = hang
    with running_scheduler(settings, database, broker_url):
        with running_worker(settings, broker_url) as worker:
            assert asked.wait(60), "the check was not begun"
            worker.kill()
            worker.wait()
        redis.Redis(unix_socket_path=broker_url.removeprefix("redis+socket://")).flushall()
        site.before_answer = lambda host, path: None
        hold.set()
        assert real_time.checks() == []
        _expire(real_time, first)
        with running_worker(settings, broker_url):
            eventually(lambda: len(real_time.checks()) == 1, why="the check was not made again")

    assert [check.outcome for check in real_time.checks()] == ["captured"]


def _expire(fetcher: Fetcher, document_id: str) -> None:
    """Let slot and lease of the dead worker run out."""
    past = SystemClock().now() - timedelta(seconds=1)
    assert fetcher.schedule(document_id).lease_token is not None
    fetcher.schedule(document_id, lease_until=past)
    with fetcher.database.transaction() as session:
        session.execute(update(HostRow).values(slot_until=past))
