"""Celery's side of the notifier: a task for each event it handles, and one that wakes the courier."""

from collections.abc import Callable
from dataclasses import dataclass

from celery import Celery

from services.notifier.handlers.digests import Digester
from services.notifier.handlers.telling import Teller
from shared.bus.app import PerProcess
from shared.bus.task import Context, register_event, register_wake
from shared.bus.topology import DELIVERIES_DUE, DIGESTS_DUE
from shared.clock import Clock
from shared.db.outbox import Inbox
from shared.events import ChangeDetected, ConditionBegan, ConditionEnded


@dataclass(frozen=True, slots=True)
class Resources:
    """What the notifier's tasks need, made once in its process.

    `wake` sets the courier to work, `close` ends it, `is_live` says whether it still works.
    """

    inbox: Inbox
    clock: Clock
    teller: Teller
    digester: Digester
    wake: Callable[[], None]
    close: Callable[[], None]
    is_live: Callable[[], bool]


def on_change_detected(resources: Resources, event: ChangeDetected, context: Context) -> None:
    """Tell of a change; one that is told to nobody is only marked as handled."""
    if event.alert:
        resources.teller.change_detected(event, event_id=context.event_id, correlation_id=context.correlation_id)
    else:
        resources.inbox.handled(context.event_id, resources.clock.now())


def on_condition_changed(resources: Resources, event: ConditionBegan | ConditionEnded, context: Context) -> None:
    """Tell a document's watchers that a condition began or ended."""
    resources.teller.condition_changed(event, event_id=context.event_id, correlation_id=context.correlation_id)


def on_deliveries_due(resources: Resources) -> None:
    """Send what is due."""
    resources.wake()


def on_digests_due(resources: Resources) -> None:
    """Make the digests that are due."""
    resources.digester.make_due()


def register(app: Celery, resources: PerProcess[Resources]) -> None:
    """Register the notifier's tasks."""
    register_event(app, ChangeDetected, on_change_detected, resources)
    register_event(app, ConditionBegan, on_condition_changed, resources)
    register_event(app, ConditionEnded, on_condition_changed, resources)
    register_wake(app, DELIVERIES_DUE, on_deliveries_due, resources)
    register_wake(app, DIGESTS_DUE, on_digests_due, resources)
