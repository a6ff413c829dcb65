"""Where a notifier may die with a webhook in hand: it comes with one id and the same bytes, repeated at most once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import select

from shared.clock import SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import AttemptRow, DeliveryRow
from shared.domain.deliveries import Channel
from shared.settings import Settings
from shared.usecases.making import make_accounts
from tests.factories.accounts import START
from tests.faults.dying_courier import dies, send_and_die, send_what_is_due
from tests.integration.notifier.test_process import receiving


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data=tmp_path / "data",
        secret_key="k" * 32,
        allow_loopback=True,
        allow_http_webhooks=True,
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.sqlalchemy_url)
    yield database
    database.close()


def _due_delivery(settings: Settings, database: Database, url: str) -> str:
    """A test of an endpoint at this URL, due now; the delivery's id."""
    AccountStore(database).ensure_account("acc_alice", "Alice", "compliance", START)
    owner = make_accounts(settings, database, SystemClock())
    endpoint = owner.add_endpoint("acc_alice", Channel.WEBHOOK, url).endpoint
    return owner.test_endpoint("acc_alice", endpoint.id)


def _delivery(database: Database) -> DeliveryRow:
    with database.reading() as session:
        return session.exec(select(DeliveryRow)).one()


@pytest.mark.parametrize(
    ("point", "state_then", "sent_then", "sent_in_all"),
    [
        ("before-the-post", "sending", 0, 1),
        ("after-the-post", "sending", 1, 2),
        ("after-the-commit", "delivered", 1, 1),
    ],
)
def test_death_with_a_webhook_in_hand(
    settings: Settings, database: Database, point: str, state_then: str, sent_then: int, sent_in_all: int
) -> None:
    with receiving(lambda: None) as (url, seen):
        delivery_id = _due_delivery(settings, database, url)
        dies(send_and_die, point, settings)
        assert (_delivery(database).state, seen.qsize()) == (state_then, sent_then)

        asyncio.run(send_what_is_due(settings))
        assert seen.qsize() == sent_then, "the dead one's lease holds"

        if state_then == "sending":
            with database.transaction() as session:  # as if the lease had run out
                session.execute(update(DeliveryRow).values(due_at=START))
        for _ in range(2):
            asyncio.run(send_what_is_due(settings))
        received = [seen.get_nowait() for _ in range(seen.qsize())]

    assert len(received) == sent_in_all
    assert len(set(received)) == 1, "the same id and bytes"
    assert received[0][0] == delivery_id
    assert _delivery(database).state == "delivered"
    with database.reading() as session:
        assert [attempt.outcome for attempt in session.exec(select(AttemptRow))] == ["delivered"]
