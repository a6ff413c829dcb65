"""The API on each engine, asked through ASGI as a server would ask it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from services.api.app import make_resources
from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.domain.deliveries import Channel
from shared.settings import Settings
from tests.factories.accounts import START, add_endpoint
from tests.factories.applications import application_of

BASE = "https://watch.example"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def accounts(database: Database) -> AccountStore:
    return AccountStore(database)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        public_url=BASE,
        secret_key="new" * 12,
        retired_secret_keys="old" * 12,
        api_anonymous_per_minute=100_000,  # the clock stands, and so no minute ends
    )


@pytest.fixture
def resources(settings: Settings, database: Database, clock: ManualClock) -> Resources:
    return make_resources(settings, database, clock)


@pytest.fixture
def ask(resources: Resources) -> Ask:
    """`ask(method, path or link of ours, **httpx options)`."""
    return asking(resources)


def asking(resources: Resources) -> Ask:
    """The same of an API with those resources."""
    app = application_of(resources)

    async def asked(method: str, url: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return await client.request(method, url, **options)

    return lambda method, url, **options: asyncio.run(asked(method, url, **options))


@pytest.fixture
def mailbox(accounts: AccountStore) -> str:
    """Alice's mailbox."""
    return add_endpoint(accounts, "alice", Channel.EMAIL, "alice@reader.example")


@pytest.fixture
def strangers(accounts: AccountStore) -> str:
    """Bob's mailbox, which is none of Alice's business."""
    return add_endpoint(accounts, "bob", Channel.EMAIL, "bob@reader.example")
