"""Where a notifier may die over a digest, and two that make it at once: there is one, with everything in it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from services.notifier.handlers.telling import Teller
from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.scheduling import make_scheduler
from shared.clock import ManualClock, SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow, DigestItemRow, DigestRow
from shared.domain.deliveries import Channel
from shared.domain.subscriptions import Cadence, Subscription
from shared.settings import Settings
from shared.usecases.making import make_accounts
from tests.factories.accounts import START, add_change, add_document, change_event
from tests.faults.dying_courier import dies, send_what_is_due
from tests.faults.dying_digester import make_and_die, make_what_is_due
from tests.integration.notifier.test_process import KEY, receiving, start  # noqa: F401  a fixture
from tests.servers.forked import run_all

CHANGES = 5


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data=tmp_path / "data",
        secret_key=KEY,
        allow_loopback=True,
        allow_http_webhooks=True,
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.sqlalchemy_url)
    yield database
    database.close()


def hold_changes(settings: Settings, database: Database, url: str) -> None:
    """A daily subscriber at this URL, for whom changes have been waiting since April."""
    AccountStore(database).ensure_account("acc_alice", "Alice", "compliance", START)
    owner = make_accounts(settings, database, SystemClock())
    hook = owner.add_endpoint("acc_alice", Channel.WEBHOOK, url).endpoint
    owner.subscribe("acc_alice", Subscription(cadence=Cadence.DAILY), [hook.id])
    document = add_document(database)
    teller = Teller(TellingStore(database), ManualClock(START), told=lambda: None)
    for number in range(1, CHANGES + 1):
        change_id = add_change(database, document, number)
        teller.change_detected(change_event(change_id), event_id=f"evt_{number}", correlation_id="cor_1")


def states(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(row.state for row in session.exec(select(DeliveryRow)))


def told_in(body: bytes) -> tuple[str, int]:
    data: dict[str, Any] = json.loads(body)
    return data["type"], len(data["data"]["changes"])


@pytest.mark.parametrize(
    ("point", "made_then"),
    [("before-anything", 0), ("amid-the-writing", 0), ("before-the-commit", 0), ("after-the-commit", 1)],
)
def test_death_over_a_digest(settings: Settings, database: Database, point: str, made_then: int) -> None:
    with receiving(lambda: None) as (url, seen):
        hold_changes(settings, database, url)
        dies(make_and_die, point, settings)
        with database.reading() as session:
            assert len(session.exec(select(DigestRow)).all()) == made_then
            assert len(session.exec(select(DigestItemRow)).all()) == made_then * CHANGES

        for _ in range(2):
            make_what_is_due(settings)
            asyncio.run(send_what_is_due(settings))
        received = [seen.get_nowait() for _ in range(seen.qsize())]

    assert [told_in(body) for _, body in received] == [("digest.ready", CHANGES)]
    assert states(database) == ["delivered"] * (CHANGES + 1)


def test_digesters_that_work_at_once_make_one_digest(settings: Settings, database: Database) -> None:
    with receiving(lambda: None) as (url, seen):
        hold_changes(settings, database, url)
        run_all([partial(make_what_is_due, settings)] * 4)
        asyncio.run(send_what_is_due(settings))
        assert [told_in(body) for _, body in seen.queue] == [("digest.ready", CHANGES)]


def test_the_scheduler_has_digests_made_and_sent(
    settings: Settings,
    database: Database,
    broker_url: str,
    start: Callable[[], Any],  # noqa: F811
) -> None:
    with receiving(lambda: None) as (url, seen):
        hold_changes(settings, database, url)
        start()
        publisher = Publisher(make_app("scheduler", broker_url))
        assert make_scheduler(settings, database, publisher, SystemClock()).tick()
        assert told_in(seen.get(timeout=60)[1]) == ("digest.ready", CHANGES)
        publisher.close()
