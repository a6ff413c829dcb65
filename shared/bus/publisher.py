"""Puts events and wake-up calls on the broker, in the form of Celery's task protocol 2."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from celery import Celery
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from kombu.messaging import Producer
from kombu.transport.virtual.base import BrokerState

from shared.bus.topology import EXCHANGE, QUEUES, WAKES
from shared.db.outbox import StoredEvent


class BrokerDown(Exception):
    """The broker did not take a message; what was to be announced is still in the database."""


DECLARE_EVERY_S = 1.0
"""A broker may lose its data under a living connection; what is published before the next declaration is swept."""


class Publisher:
    """One connection, the relay's. It declares the whole topology when it connects and every second it is used."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._declared_at = 0.0
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    def events(self, events: Sequence[StoredEvent], *, only: str | None = None) -> None:
        """Publish events to all their consumers, or to one service's queue alone; BrokerDown where that fails."""
        try:
            producer = self._declared()
            for event in events:
                envelope = {
                    "event_id": event.id,
                    "payload": dict(event.payload),
                    "correlation_id": event.correlation_id,
                    "publication": event.publications + 1,
                }
                self._publish(producer, event.name, envelope, only)
        except self._errors() as error:
            self.close()
            raise BrokerDown(str(error) or type(error).__name__) from error

    def wake(self, name: str, copies: int, *, waiting: int) -> None:
        """Wake a service with up to `copies` calls, unless `waiting` messages already stand in its queue."""
        try:
            producer = self._declared()
            queue = QUEUES[WAKES[name]]
            declared = producer.channel.queue_declare(queue=queue.name, durable=True, auto_delete=False)
            standing = declared.message_count
            for _ in range(min(copies, waiting - standing)):
                self._publish(producer, name, {}, None)
        except self._errors() as error:
            self.close()
            raise BrokerDown(str(error) or type(error).__name__) from error

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()

    def _publish(self, producer: Producer, name: str, envelope: Mapping[str, Any], only: str | None) -> None:
        message = self._app.amqp.as_task_v2(str(uuid4()), name, args=[envelope], kwargs={})
        properties = {key: value for key, value in message.properties.items() if value}
        producer.publish(
            message.body,
            exchange=EXCHANGE if only is None else "",
            routing_key=name if only is None else QUEUES[only].name,
            serializer="json",
            headers=message.headers,
            delivery_mode=2,
            **properties,
        )

    def _declared(self) -> Producer:
        if self._producer is None:
            self._connection = self._app.connection_for_write()
            self._connection.ensure_connection(max_retries=1, timeout=2)
            self._producer = Producer(self._connection.channel())
            self._declared_at = 0.0
        if time.monotonic() - self._declared_at >= DECLARE_EVERY_S:
            _declare_anew(self._producer.channel)
            self._declared_at = time.monotonic()
        return self._producer

    def _errors(self) -> tuple[type[BaseException], ...]:
        connection = self._connection
        of_transport = (*connection.connection_errors, *connection.channel_errors) if connection else ()
        return (OperationalError, OSError, *of_transport)


def _declare_anew(channel: Any) -> None:
    """Declare all queues and bindings, also those that kombu's virtual transports believe to be there still."""
    state = getattr(channel, "state", None)
    if isinstance(state, BrokerState):
        state.clear()
    for queue in QUEUES.values():
        queue(channel).declare()
