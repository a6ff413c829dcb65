"""The Celery application of one process, with the settings that keep a message until its work is done."""

import gc
import os
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from celery import Celery
from celery.signals import setup_logging

from shared.bus.pulse import Pulse, beating
from shared.bus.topology import EXCHANGE, QUEUES
from shared.db.session import answers
from shared.metrics import serve_probes
from shared.settings import Settings

VISIBILITY_TIMEOUT_S = 300


Resources = TypeVar("Resources")


class PerProcess(Generic[Resources]):
    """What tasks need, made on first use in the process that runs them: a pool's child must not share its parent's."""

    def __init__(self, make: Callable[[], Resources]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[int, Resources] | None = None

    def get(self) -> Resources:
        made = self._made
        if made is None or made[0] != os.getpid():
            with self._lock:
                made = self._made
                if made is None or made[0] != os.getpid():
                    made = self._made = (os.getpid(), self._make())
        return made[1]


def make_app(name: str, broker_url: str, **settings: Any) -> Celery:
    """A Celery application on our topology: acknowledged late, redelivered when a worker is lost, no results kept."""
    app = Celery(name, broker=broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=True,
        task_acks_on_failure_or_timeout=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(broker_url),
        task_default_exchange=EXCHANGE.name,
        task_default_exchange_type=EXCHANGE.type,
        task_queues=list(QUEUES.values()),
        task_default_queue="clausewatch.unrouted",
        task_create_missing_queues=False,
        **settings,
    )
    return app


def _transport_options(broker_url: str) -> dict[str, Any]:
    if not broker_url.startswith("redis"):
        return {}
    return {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "unacked_restore_throttle": 1,
        "socket_keepalive": not broker_url.startswith("redis+socket"),
        "health_check_interval": 10,
    }


def run_worker(
    app: Celery,
    service: str,
    *,
    pool: str,
    concurrency: int,
    settings: Settings,
    is_live: Callable[[], bool] = lambda: True,
) -> int:
    """Consume a service's queue in this process until SIGTERM or SIGINT; the exit status.

    A first signal lets running tasks finish; gossip, mingle and events are off, since only the database is trusted.
    The process is live while its consumer does not hang and `is_live` says so of the service's own threads; it is
    ready while it takes messages and the database answers.
    """
    pulse = Pulse()
    app.steps["consumer"].add(beating(pulse))
    if settings.metrics_port is not None:
        serve_probes(
            settings.metrics_host,
            settings.metrics_port,
            ready=lambda: pulse.is_connected and answers(settings.sqlalchemy_url),
            live=lambda: not pulse.is_still and is_live(),
        )
    setup_logging.connect(_keep_our_logging, weak=False)
    gc.collect()
    gc.freeze()  # a forked pool shares what the collector does not touch
    worker = app.Worker(
        hostname=f"{service}@{os.uname().nodename}.{os.getpid()}",
        pool=pool,
        concurrency=concurrency,
        queues=[QUEUES[service].name],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
        optimization="fair",
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _keep_our_logging(**_: Any) -> None:
    """Celery configures logging only where nobody listens to this signal."""
