"""Changes of one platform that are told at once by several notifiers, and where one may die over their message."""

import asyncio
from collections import Counter
from email import message_from_bytes
from email.policy import default
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from services.notifier.handlers.telling import Teller
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow
from shared.domain.deliveries import Channel
from shared.settings import Settings
from tests.factories.accounts import START, add_change, add_document, add_endpoint, change_event, subscribe
from tests.faults.dying_courier import dies, send_what_is_due
from tests.faults.dying_digester import make_and_die, make_what_is_due
from tests.faults.test_digest_crash_points import database, settings, states  # noqa: F401  fixtures
from tests.servers.forked import forking, run_all
from tests.unit.notifier.test_grouping import WINDOW

CHANGES = 5
FIRST = "[HIGH · effective 24 Apr] Acme Terms of Service: Notice before termination is shorter"
REST = f"[{CHANGES - 1} CHANGES · HIGH] Acme: Terms of Service"


def watch(database: Database) -> list[str]:  # noqa: F811
    """A reader who is told at once, and changes that nobody has heard of yet; their ids."""
    accounts = AccountStore(database)
    subscribe(accounts, "alice", [add_endpoint(accounts, "alice", Channel.EMAIL, "alice@reader.example")])
    document = add_document(database)
    return [add_change(database, document, number) for number in range(1, CHANGES + 1)]


def tell(url: str, change_id: str, ready: Any = None) -> None:
    """Tell of a change as a notifier of its own, in April: the window is long over by now."""
    database = Database(url)  # noqa: F811
    if ready is not None:
        ready.wait()
    teller = Teller(TellingStore(database), ManualClock(START), told=lambda: None, grouping=WINDOW)
    teller.change_detected(change_event(change_id), event_id=f"evt_{change_id}", correlation_id="cor_1")
    database.close()


def subjects(settings: Settings) -> list[str]:  # noqa: F811
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in (settings.data / "outbox").glob("*.eml")]
    return sorted(str(mail["Subject"]).strip() for mail in mails)


def test_of_changes_that_are_told_at_once_one_is_the_first(settings: Settings, database: Database) -> None:  # noqa: F811
    ready = forking().Barrier(CHANGES)
    run_all([partial(tell, settings.database_url, change_id, ready) for change_id in watch(database)])
    with database.reading() as session:
        begun = Counter((row.state, row.reason) for row in session.exec(select(DeliveryRow)))
    assert begun == {("pending", None): 1, ("held", "grouped"): CHANGES - 1}


@pytest.mark.parametrize("point", ["before-anything", "amid-the-writing", "before-the-commit", "after-the-commit"])
def test_death_over_a_grouped_message(settings: Settings, database: Database, point: str) -> None:  # noqa: F811
    for change_id in watch(database):
        tell(settings.database_url, change_id)
    dies(make_and_die, point, settings)
    for _ in range(2):
        make_what_is_due(settings)
        asyncio.run(send_what_is_due(settings))
    assert subjects(settings) == sorted([FIRST, REST])
    assert states(database) == ["delivered"] * (CHANGES + 1)


def test_digesters_that_work_at_once_make_one_grouped_message(settings: Settings, database: Database) -> None:  # noqa: F811
    for change_id in watch(database):
        tell(settings.database_url, change_id)
    run_all([partial(make_what_is_due, settings)] * 4)
    asyncio.run(send_what_is_due(settings))
    assert subjects(settings) == sorted([FIRST, REST])
