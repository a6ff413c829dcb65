"""A notifier's process that is killed at a named point, or whose clock is wrong; run as a program.

`python -m tests.faults.matrix_worker POINT SECONDS COMMAND…`: the command of `clausewatch`, with SIGKILL at POINT (an
empty one: nowhere) and the machine's clock off by SECONDS.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import shared.bus.app
import shared.clock
import shared.db.session
from services.cli.main import main
from services.notifier.adapters.webhook import WebhookSender
from services.notifier.core.messages import Accepted, Message
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.notifier.telling import TellingStore

Act = Callable[..., Any]


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(act: Act) -> Act:
    def act_and_die(*args: Any, **named: Any) -> None:
        act(*args, **named)
        die()

    return act_and_die


def dying_of_poison(send: Act) -> Act:
    """Sending to one address ends the process, as a body would that exhausts its memory."""

    async def send_or_die(sender: WebhookSender, message: Message) -> Accepted:
        if message.address.endswith("/poison"):
            die()
        accepted: Accepted = await send(sender, message)
        return accepted

    return send_or_die


POINTS: dict[str, tuple[type, str, Act]] = {
    "before-the-post": (WebhookSender, "send", die),
    "after-the-post": (DeliveryStore, "record", die),
    "after-the-commit": (DeliveryStore, "record", dying_after(DeliveryStore.record)),
    "before-the-acknowledgement": (TellingStore, "tell_page", dying_after(TellingStore.tell_page)),
    "at-poison": (WebhookSender, "send", dying_of_poison(WebhookSender.send)),
}
"""What is put in the place of which method, so that the process ends there."""


class _AnyDatetime(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


def clock_off_by(seconds: int) -> type[datetime]:
    """A `datetime` whose `now` is wrong; put where the project reads the machine's clock."""

    class Shifted(datetime, metaclass=_AnyDatetime):
        @classmethod
        def now(cls, tz: tzinfo | None = UTC) -> Any:
            return datetime.now(tz) + timedelta(seconds=seconds)  # noqa: TID251  the wrong clock itself

    return Shifted


if __name__ == "__main__":
    point, seconds, *command = sys.argv[1:]
    if point in POINTS:
        setattr(*POINTS[point])
    if int(seconds):
        shared.clock.datetime = shared.db.session.datetime = clock_off_by(int(seconds))  # type: ignore[attr-defined]
    shared.bus.app.VISIBILITY_TIMEOUT_S = 1  # what a dead worker had is delivered again in a second, not in 300
    sys.argv = ["clausewatch", *command]
    main()
