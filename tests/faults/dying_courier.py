"""A courier in a process of its own that sends what is due and dies at a named point."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Never

from services.notifier.adapters.webhook import WebhookSender
from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.session import Database
from shared.settings import Settings, load_settings
from tests.servers.forked import program

DIED = 9


def die(*_: Any) -> Never:
    os._exit(DIED)


def dying_after(act: Callable[..., Any]) -> Callable[..., Never]:
    def act_and_die(*args: Any) -> Never:
        act(*args)
        die()

    return act_and_die


POINTS: dict[str, tuple[type, str, Callable[..., Never]]] = {
    "before-the-post": (WebhookSender, "send", die),
    "after-the-post": (DeliveryStore, "record", die),
    "after-the-commit": (DeliveryStore, "record", dying_after(DeliveryStore.record)),
}
"""What is put in the place of which method, so that the process ends there."""


async def send_what_is_due(settings: Settings) -> None:
    """Send until nothing is due, as the notifier does when it is woken."""
    database = Database(settings.sqlalchemy_url)
    courier, close = make_courier(settings, database, SystemClock())
    await courier.drain()
    await close()
    database.close()


def send_and_die(point: str) -> None:
    """The program; its settings are in the environment."""
    setattr(*POINTS[point])
    asyncio.run(send_what_is_due(load_settings()))


def dies(main: Callable[[str], None], point: str, settings: Settings) -> None:
    """Run a program of those that die until it does, at that point and no other way."""
    environment = {
        "DATABASE_URL": settings.database_url,
        "CLAUSEWATCH_DATA": str(settings.data),
        "CLAUSEWATCH_SECRET_KEY": settings.secret_key.get_secret_value(),
        "CLAUSEWATCH_ALLOW_LOOPBACK": "true",
        "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true",
    }
    log = settings.data.parent / "died.log"
    process = program(main, point, environment={**os.environ, **environment}, log=log)
    process.join(120)
    assert process.exitcode == DIED, log.read_text()
