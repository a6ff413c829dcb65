"""A digester in a process of its own that makes what is due and dies at a named point."""

from collections.abc import Callable
from typing import Any, Never

from services.notifier.handlers.digests import Digester
from shared.clock import SystemClock
from shared.db.notifier import digests
from shared.db.notifier.digests import DigestStore
from shared.db.session import Database
from shared.settings import Settings, load_settings
from tests.faults.dying_courier import die, dying_after

POINTS: dict[str, tuple[Any, str, Callable[..., Never]]] = {
    "before-anything": (DigestStore, "make", die),
    "amid-the-writing": (digests, "insert_missing_many", dying_after(digests.insert_missing_many)),
    "before-the-commit": (digests, "_make", dying_after(digests._make)),
    "after-the-commit": (DigestStore, "make", dying_after(DigestStore.make)),
}
"""What is put in the place of which function, so that the process ends there."""


def make_what_is_due(settings: Settings) -> None:
    """Make the digests that are due, as the notifier does when it is woken."""
    database = Database(settings.sqlalchemy_url)
    Digester(DigestStore(database), SystemClock(), lambda: None).make_due()
    database.close()


def make_and_die(point: str) -> None:
    """The program; its settings are in the environment."""
    setattr(*POINTS[point])
    make_what_is_due(load_settings())
