"""The one task base class: it validates the event, skips what is settled, counts failures and binds the log context.

A handler that raises has its attempt counted and the message acknowledged: the sweep brings the event back, later and
not in a hot loop, and buries it after `poison_after` attempts. A payload that is no event of ours is buried at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from celery import Celery, Task
from celery.worker.request import Request
from pydantic import ValidationError
from structlog.contextvars import bound_contextvars

from shared import events
from shared.bus.app import PerProcess
from shared.clock import Clock
from shared.db.outbox import Inbox
from shared.events import Event
from shared.logging import get_logger
from shared.metrics import DEAD_LETTERS

E = TypeVar("E", bound=Event)
R = TypeVar("R")

log = get_logger()


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler needs to know of the message itself."""

    event_id: str
    correlation_id: str


class EventResources(Protocol):
    """What the base class takes from a service's resources."""

    @property
    def inbox(self) -> Inbox: ...

    @property
    def clock(self) -> Clock: ...


class CandidRequest(Request):  # type: ignore[misc]  # Celery is untyped
    """A message whose acknowledgement is not allowed to fail in silence.

    Celery only logs that, and kombu then counts the message against the prefetch limit for ever: a worker whose one
    task ended while the broker was down would never ask for another. Raised, the error ends the connection instead,
    and the consumer begins a new one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "connection_errors": ()})


class BusTask(Task):  # type: ignore[misc]  # Celery is untyped
    """What all tasks have in common."""

    abstract = True
    Request = CandidRequest


class EventTask(BusTask):
    """Runs one handler for one event. `handler` gets the service's resources, the event and its context."""

    abstract = True
    handler: Callable[[Any, Any, Context], None]
    give_up: Callable[[Any, Any, str], None] | None = None
    """What to do once when an event becomes a dead letter, so that it holds up nothing behind it."""
    resources: PerProcess[EventResources]

    def run(self, envelope: dict[str, Any]) -> None:
        resources = self.resources.get()
        event_id, correlation_id = str(envelope["event_id"]), str(envelope["correlation_id"])
        with bound_contextvars(event_id=event_id, correlation_id=correlation_id, event_name=self.name):
            if resources.inbox.is_settled(event_id):
                return
            try:
                event = events.parse(self.name, envelope["payload"])
            except ValidationError as error:
                self._count(resources, event_id, f"not a {self.name}: {error}", None)
                return
            try:
                if not self._ended_too_often(resources, event_id, event, int(envelope.get("publication", 1))):
                    self.handler(resources, event, Context(event_id, correlation_id))
            except Exception as error:  # noqa: BLE001  whatever a handler raises is counted, and the sweep tries again
                self._count(resources, event_id, f"{type(error).__name__}: {error}", event)

    def _ended_too_often(self, resources: EventResources, event_id: str, event: Event, publication: int) -> bool:
        """Count what could not count itself, or one event could kill workers for ever: whether that was the last time.

        A redelivered message means that its worker died. One that had to be published again, with no failure counted
        for the times before, was ended by the hard time limit (or was lost, which is counted too, and does no harm).
        """
        if (self.request.delivery_info or {}).get("redelivered", False):
            return self._count(resources, event_id, "the worker died while handling it", event)
        if publication > 1 and resources.inbox.failures(event_id) < publication - 1:
            return self._count(resources, event_id, "an earlier attempt ended without a word", event)
        return False

    def _count(self, resources: EventResources, event_id: str, error: str, event: Event | None) -> bool:
        """Count a failed attempt; True where it was the last. `event` is None for what is no event at all."""
        dead = resources.inbox.failed(event_id, error, resources.clock.now(), poison=event is None)
        log.error("handler.failed", error=error, dead_letter=dead, exc_info=event is not None)
        if dead:
            DEAD_LETTERS.labels(resources.inbox.consumer).inc()
            if event is not None and self.give_up is not None:
                self.give_up(resources, event, error)
        return dead


def register_event(
    app: Celery,
    event: type[E],
    handler: Callable[[R, E, Context], None],
    resources: PerProcess[R],
    *,
    give_up: Callable[[R, E, str], None] | None = None,
    **options: Any,
) -> None:
    """Register a handler under the event's name. Celery options (time limits) may follow."""
    attributes = {"handler": staticmethod(handler), "resources": resources, "abstract": False}
    if give_up is not None:
        attributes["give_up"] = staticmethod(give_up)
    task = type("EventTask", (EventTask,), {**attributes, "name": event.name, "__module__": handler.__module__})
    app.register_task(_with_options(task(), options))


def register_wake(
    app: Celery, name: str, handler: Callable[[R], None], resources: PerProcess[R], **options: Any
) -> None:
    """Register what a wake-up call does. A failure is logged; the scheduler wakes again while work is due."""

    def run(self: Task, _envelope: dict[str, Any]) -> None:
        with bound_contextvars(wake=name):
            handler(resources.get())

    task = type("WakeTask", (BusTask,), {"run": run, "name": name, "__module__": handler.__module__})
    app.register_task(_with_options(task(), options))


def _with_options(task: Task, options: dict[str, Any]) -> Task:
    for key, value in options.items():
        setattr(task, key, value)
    return task
