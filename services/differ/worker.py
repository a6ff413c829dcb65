"""Composition root of the differ: settings → adapters → Celery worker (prefork, since its work is computation)."""

from datetime import timedelta

from celery import Celery

from services.differ.core.confirm import Patience
from services.differ.handlers.describing import Describer
from services.differ.handlers.drain import Drain
from services.differ.handlers.learning import ChromeLearner
from services.differ.handlers.reading import BlobReader, CaptureReader
from services.differ.handlers.registering import Registrar
from services.differ.handlers.turns import Turns
from services.differ.tasks import Resources, register
from shared.archive import open_archive
from shared.bus.app import PerProcess, make_app, run_worker
from shared.clock import Clock, SystemClock
from shared.db.differ import DifferStore
from shared.db.differ_chrome import ChromeStore
from shared.db.differ_leases import DrainLeases
from shared.db.outbox import Inbox
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.settings import Settings


def make_drain(database: Database, archive: BlobReader, clock: Clock, settings: Settings) -> Drain:
    """The differ's one use case on given adapters."""
    store = DifferStore(database)
    reader = CaptureReader(archive)
    describer = Describer(store, reader, public_url=settings.public_url)
    learner = ChromeLearner(ChromeStore(database), clock)
    patience = Patience(
        unstable_after=timedelta(seconds=settings.unstable_after_s),
        longest=timedelta(seconds=settings.check_interval_max_s),
    )
    return Drain(store, reader, describer, learner, clock, patience)


def make_resources(settings: Settings) -> Resources:
    """The differ's adapters, for one pool process."""
    database = Database(settings.sqlalchemy_url, pool_size=2)
    clock = SystemClock(database.clock_offset())
    drain = make_drain(database, open_archive(settings.archive_location), clock, settings)
    turns = Turns(DrainLeases(database), clock, lasts=timedelta(seconds=settings.sweep_after_s / 2))
    registrar = Registrar(RegistryStore(database), clock)
    return Resources(Inbox(database, "differ", poison_after=settings.poison_after), clock, drain, turns, registrar)


def build(settings: Settings, broker_url: str) -> Celery:
    """The differ's Celery application, its task registered."""
    app = make_app("differ", broker_url, worker_max_memory_per_child=settings.differ_memory_limit_kb)
    register(app, PerProcess(lambda: make_resources(settings)), time_limit_s=settings.differ_time_limit_s)
    return app


def run(settings: Settings, broker_url: str) -> int:
    """Work until told to stop; the exit status."""
    return run_worker(
        build(settings, broker_url),
        "differ",
        pool="prefork",
        concurrency=settings.differ_concurrency,
        settings=settings,
    )
