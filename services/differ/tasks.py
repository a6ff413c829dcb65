"""Celery's side of the differ: a task for the event it handles, and one that brings the registry up to date."""

from dataclasses import dataclass

from celery import Celery

from services.differ.handlers.drain import Drain
from services.differ.handlers.registering import Registrar
from services.differ.handlers.turns import Turns
from shared.bus.app import PerProcess
from shared.bus.task import Context, register_event, register_wake
from shared.bus.topology import REGISTRY_DUE
from shared.clock import Clock
from shared.db.outbox import Inbox
from shared.events import SnapshotCaptured


@dataclass(frozen=True, slots=True)
class Resources:
    """What the differ's tasks need, made once in each pool process."""

    inbox: Inbox
    clock: Clock
    drain: Drain
    turns: Turns
    registrar: Registrar


def on_snapshot_captured(resources: Resources, event: SnapshotCaptured, context: Context) -> None:
    """Drain the document. A judgement marks its own snapshot's event; this covers one judged by an earlier drain.

    Where another worker is at it, it will judge this snapshot too; should it die, the sweep brings the event back.
    """
    if resources.turns.run(event.document_id, resources.drain.drain):
        resources.inbox.handled(context.event_id, resources.clock.now())


def on_registry_due(resources: Resources) -> None:
    """Take into the registry what is not in it yet."""
    resources.registrar.take_in()


def give_up(resources: Resources, event: SnapshotCaptured, why: str) -> None:
    """The event is a dead letter: let the snapshots after the poisonous one through."""
    resources.drain.give_up(event.document_id, why)


def register(app: Celery, resources: PerProcess[Resources], *, time_limit_s: int) -> None:
    """Register the differ's tasks; the soft limit raises inside the handler, the hard one kills the child."""
    register_event(
        app,
        SnapshotCaptured,
        on_snapshot_captured,
        resources,
        give_up=give_up,
        soft_time_limit=time_limit_s,
        time_limit=time_limit_s + 15,
    )
    register_wake(app, REGISTRY_DUE, on_registry_due, resources)
