"""The whole topology: the exchange, each service's queue, and who consumes which event.

A routing key is the event's name, which is also the task's name, so a publisher knows no consumer.
"""

from kombu.entity import Exchange, Queue, binding

from shared.events import ChangeDetected, ConditionBegan, ConditionEnded, SnapshotCaptured

EXCHANGE = Exchange("clausewatch", type="topic", durable=True)

CONSUMERS: dict[str, tuple[str, ...]] = {
    SnapshotCaptured.name: ("differ",),
    ChangeDetected.name: ("notifier",),
    ConditionBegan.name: ("notifier",),
    ConditionEnded.name: ("notifier",),
}

CHECKS_DUE = "checks.due"
DELIVERIES_DUE = "deliveries.due"
DIGESTS_DUE = "digests.due"
RETENTION_DUE = "retention.due"
REGISTRY_DUE = "registry.due"

WAKES: dict[str, str] = {
    CHECKS_DUE: "fetcher",
    RETENTION_DUE: "fetcher",
    REGISTRY_DUE: "differ",
    DELIVERIES_DUE: "notifier",
    DIGESTS_DUE: "notifier",
}
"""Wake-up calls carry nothing and announce nothing: the work they point at is in the database."""


def _queue(service: str) -> Queue:
    keys = [event for event, consumers in CONSUMERS.items() if service in consumers]
    keys += [wake for wake, consumer in WAKES.items() if consumer == service]
    return Queue(f"clausewatch.{service}", bindings=[binding(EXCHANGE, routing_key=key) for key in keys], durable=True)


QUEUES: dict[str, Queue] = {service: _queue(service) for service in ("fetcher", "differ", "notifier")}
