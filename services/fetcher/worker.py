"""Composition root of the fetcher: settings → adapters → Celery worker (threads, since its work is waiting)."""

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from celery import Celery
from celery.signals import worker_shutdown, worker_shutting_down

from services.fetcher.adapters.browser import PlaywrightBrowser, open_browser
from services.fetcher.adapters.http_capture import HttpCapture
from services.fetcher.adapters.robots_reader import RobotsReader
from services.fetcher.core.asking import PRODUCT, user_agent
from services.fetcher.handlers.check import Checker
from services.fetcher.handlers.drain import DueChecks
from services.fetcher.handlers.gate import HostGate
from services.fetcher.handlers.ports import Browser, Manners, Pace
from services.fetcher.handlers.retention import Retention
from services.fetcher.tasks import Resources, register
from shared.archive import Archive, open_archive
from shared.bus.app import PerProcess, make_app, run_worker
from shared.clock import Clock, SystemClock
from shared.db.fetcher.claims import Claims
from shared.db.fetcher.hosts import HostSlots
from shared.db.fetcher.records import Records
from shared.db.fetcher.retention import Holdings
from shared.db.session import Database
from shared.http.client import GuardedClient
from shared.settings import Settings


def manners_of(settings: Settings) -> Manners:
    """How hosts are treated, by the settings."""
    return Manners(
        host_delay=timedelta(seconds=settings.host_delay_s),
        exempt_hosts=settings.delay_exempt_hosts,
        lease=timedelta(seconds=2 * settings.fetch_deadline_s + settings.fetch_lease_margin_s),
        longest_request=timedelta(seconds=settings.fetch_deadline_s),
    )


def pace_of(settings: Settings) -> Pace:
    """How often documents are looked at, by the settings."""
    return Pace(
        shortest=timedelta(seconds=settings.check_interval_min_s),
        longest=timedelta(seconds=settings.check_interval_max_s),
        retry_base=timedelta(seconds=settings.retry_base_s),
        unreachable_after=settings.unreachable_after,
    )


def make_client(settings: Settings, clock: Clock) -> GuardedClient:
    """The one client of a process."""
    return GuardedClient(settings.egress(), clock)


def make_web(settings: Settings, client: GuardedClient) -> HttpCapture:
    """What asks for documents."""
    agent = user_agent(version("clausewatch"), settings.contact_url)
    return HttpCapture(client, agent, deadline_s=settings.fetch_deadline_s, max_bytes=settings.max_body_bytes)


def make_browser(settings: Settings, client: GuardedClient, clock: Clock) -> PlaywrightBrowser | None:
    """What renders documents, where the browser extra and a Chromium are installed; close it."""
    return open_browser(
        settings.browser_path,
        make_web(settings, client),
        settings.egress(),
        clock,
        agent=user_agent(version("clausewatch"), settings.contact_url),
        max_bytes=settings.max_body_bytes,
    )


def make_due_checks(
    settings: Settings,
    database: Database,
    archive: Archive,
    client: GuardedClient,
    clock: Clock,
    *,
    stopping: threading.Event,
    pause: Callable[[float], None] = time.sleep,
    browser: Browser | None = None,
) -> DueChecks:
    """The use case, on its repository and the client."""
    release = version("clausewatch")
    agent = user_agent(release, settings.contact_url)
    manners, slots, robots = manners_of(settings), HostSlots(database), RobotsReader(client, agent)
    checker = Checker(
        make_web(settings, client),
        browser,
        archive,
        Records(database),
        clock,
        pace_of(settings),
        random.random,
        fetcher_version=f"{PRODUCT.lower()}/{release}",
    )
    return DueChecks(
        Claims(database, lease=manners.lease),
        checker,
        lambda slot: HostGate(slot, slots, robots, clock, manners, pause),
        clock,
        manners,
        stopping,
    )


def make_resources(settings: Settings, stopping: threading.Event) -> Resources:
    """The fetcher's adapters, for its one process."""
    database = Database(settings.sqlalchemy_url, pool_size=settings.fetch_concurrency)
    clock = SystemClock(database.clock_offset())
    archive = open_archive(settings.archive_location)
    client = make_client(settings, clock)
    browser = make_browser(settings, client, clock)
    if browser is not None:
        worker_shutdown.connect(_caller(browser.close), weak=False)
    due_checks = make_due_checks(settings, database, archive, client, clock, stopping=stopping, browser=browser)
    keep = timedelta(days=settings.archive_keep_days)
    return Resources(due_checks, Retention(Holdings(database), archive, clock, keep=keep))


def build(settings: Settings, broker_url: str) -> tuple[Celery, PerProcess[Resources]]:
    """The fetcher's Celery application with its tasks registered, and what they work with."""
    stopping = threading.Event()
    app = make_app("fetcher", broker_url)
    resources = PerProcess(lambda: make_resources(settings, stopping))
    register(app, resources)
    worker_shutting_down.connect(_caller(stopping.set), weak=False)
    return app, resources


def run(settings: Settings, broker_url: str) -> int:
    """Work until told to stop; the exit status. It counts as alive while no thread hangs at a document."""
    app, resources = build(settings, broker_url)
    longest = 2 * manners_of(settings).lease.total_seconds()
    return run_worker(
        app,
        "fetcher",
        pool="threads",
        concurrency=settings.fetch_concurrency,
        settings=settings,
        is_live=lambda: resources.get().due_checks.stuck_for() < longest,
    )


def _caller(act: Callable[[], None]) -> Callable[..., None]:
    """A receiver of a signal, whatever it is sent with."""

    def receive(**_: Any) -> None:
        act()

    return receive
