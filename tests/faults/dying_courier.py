"""A courier in a process of its own that sends what is due and dies at a named point; run as a program.

`python -m tests.faults.dying_courier POINT`, with the settings in the environment. Status 9: it died there.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any, Never

from services.notifier.adapters.webhook import WebhookSender
from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.session import Database
from shared.settings import Settings, load_settings

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


if __name__ == "__main__":
    setattr(*POINTS[sys.argv[1]])
    asyncio.run(send_what_is_due(load_settings()))
