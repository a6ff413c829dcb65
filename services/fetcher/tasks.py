"""Celery's side of the fetcher: two wake-up calls."""

from dataclasses import dataclass

from celery import Celery

from services.fetcher.handlers.drain import DueChecks
from services.fetcher.handlers.retention import Retention
from shared.bus.app import PerProcess
from shared.bus.task import register_wake
from shared.bus.topology import CHECKS_DUE, RETENTION_DUE


@dataclass(frozen=True, slots=True)
class Resources:
    """What the fetcher's tasks need, made once in its process and shared by its threads."""

    due_checks: DueChecks
    retention: Retention


def run_due_checks(resources: Resources) -> None:
    """Check what is due."""
    resources.due_checks.run()


def run_retention(resources: Resources) -> None:
    """Let go of stored bodies that no rule keeps."""
    resources.retention.run()


def register(app: Celery, resources: PerProcess[Resources]) -> None:
    """Register the fetcher's tasks."""
    register_wake(app, CHECKS_DUE, run_due_checks, resources)
    register_wake(app, RETENTION_DUE, run_retention, resources)
