"""`clausewatch worker …`, `clausewatch scheduler` and `clausewatch api`: one process each, as a cluster runs them."""

import os
import shutil
import sys
import tempfile
from enum import StrEnum
from typing import Annotated

import typer

from services.cli.errors import UsageError
from shared.logging import configure_logging
from shared.settings import Settings, SettingsError, load_settings


class Service(StrEnum):
    FETCHER = "fetcher"
    DIFFER = "differ"
    NOTIFIER = "notifier"


def worker(service: Annotated[Service, typer.Argument(help="Which service's work to do.")]) -> None:
    """Do one service's work until told to stop (SIGTERM lets running work finish)."""
    settings = _prepared(service)
    if service is Service.FETCHER:
        from services.fetcher.worker import run  # noqa: PLC0415  a worker loads its own service alone
    elif service is Service.DIFFER:
        _count_in_children(settings)
        from services.differ.worker import run  # noqa: PLC0415
    else:
        from services.notifier.worker import run  # noqa: PLC0415
    _leave(run(settings, settings.redis_url))


def scheduler() -> None:
    """Publish events and wake workers for due work, until told to stop."""
    settings = _prepared("scheduler")
    from shared.bus.scheduling import run  # noqa: PLC0415

    _leave(run(settings, settings.redis_url))


def api() -> None:
    """Serve the pages that links in messages lead to, until told to stop; needs the database alone."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level, json=settings.log_json, process="api")
        from services.api.app import run  # noqa: PLC0415

        status = run(settings)
    except SettingsError as error:
        raise UsageError(str(error)) from None
    _leave(status)


def _prepared(process: str) -> Settings:
    try:
        settings = load_settings()
    except SettingsError as error:
        raise UsageError(str(error)) from None
    if not settings.redis_url:
        raise UsageError("REDIS_URL is not set: name a broker, or let `clausewatch up` start everything")
    configure_logging(settings.log_level, json=settings.log_json, process=process)
    return settings


def _count_in_children(settings: Settings) -> None:
    """Let the pool's children count where their parent can read it; prometheus_client must not be imported before."""
    if settings.metrics_port is not None:
        folder = tempfile.mkdtemp(prefix="clausewatch-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder


def _leave(status: int) -> None:
    sys.stderr.flush()
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(status)  # Celery's and our pools' threads are done; waiting for their at-exit hooks only delays a stop
