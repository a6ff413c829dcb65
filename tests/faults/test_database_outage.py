"""PostgreSQL refuses everybody for a while: what was to be sent is sent once it is back, what was sent is recorded."""

import subprocess
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.topology import DELIVERIES_DUE, QUEUES
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import AttemptRow
from tests.integration.notifier.test_process import hooked, receiving, start, state_of, wake  # noqa: F401  fixtures
from tests.servers.postgres import Postgres
from tests.servers.waiting import eventually

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def accounts(database: Database) -> AccountStore:
    return AccountStore(database)


class Outage:
    """The database of one test as its clients see it when its server is gone: no connection lives, none is made."""

    def __init__(self, server: Postgres, url: str) -> None:
        self._server, self._name = server, urlsplit(url).path.lstrip("/")

    def begin(self) -> None:
        self._server.run("ALTER DATABASE {} ALLOW_CONNECTIONS false", self._name)
        self._server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'")

    def end(self) -> None:
        self._server.run("ALTER DATABASE {} ALLOW_CONNECTIONS true", self._name)


@pytest.fixture
def outage(_postgres: Postgres | None, database_url: str) -> Outage:
    if _postgres is None:
        pytest.skip("a server of DATABASE_URL's is not ours to take away")
    return Outage(_postgres, database_url)


def _waiting(broker_url: str) -> int:
    """Messages that no notifier has taken yet."""
    with make_app("test", broker_url).connection_for_read() as connection:
        queue = QUEUES["notifier"]
        return int(connection.channel().queue_declare(queue=queue.name, durable=True, auto_delete=False).message_count)


def _running(begin: Start, hook: Callable[[str], str], wake_up: Callable[[], None], url: str, seen: object) -> None:
    """A notifier that has shown that it works."""
    hook(url)
    begin()
    wake_up()
    assert seen.get(timeout=60)  # type: ignore[attr-defined]


def test_row_09_a_database_that_is_away_at_the_claim_puts_the_send_off(
    start: Start,  # noqa: F811
    hooked: Callable[[str], str],  # noqa: F811
    wake: Callable[[], None],  # noqa: F811
    broker_url: str,
    database: Database,
    outage: Outage,
) -> None:
    with receiving(lambda: None) as (url, seen):
        _running(start, hooked, wake, url, seen)
        delivery_id = hooked(url)
        outage.begin()
        wake()
        eventually(lambda: _waiting(broker_url) == 0, why="the notifier took no wake-up call")
        assert seen.empty()
        outage.end()
        publisher = Publisher(make_app("test", broker_url))
        try:
            eventually(
                lambda: publisher.wake(DELIVERIES_DUE, 1, waiting=1) or not seen.empty(),
                within=60,
                why="nothing was sent after the outage",
            )
        finally:
            publisher.close()
        assert seen.get(timeout=10)[0] == delivery_id
        eventually(lambda: state_of(database, delivery_id) == "delivered", why="it was not recorded")
        assert seen.empty()


def test_row_10_a_database_that_is_away_after_the_post_learns_of_it_later(
    start: Start,  # noqa: F811
    hooked: Callable[[str], str],  # noqa: F811
    wake: Callable[[], None],  # noqa: F811
    database: Database,
    outage: Outage,
) -> None:
    posts = 0

    def strike() -> None:
        nonlocal posts
        posts += 1
        if posts == 2:
            outage.begin()

    with receiving(strike) as (url, seen):
        _running(start, hooked, wake, url, seen)
        delivery_id = hooked(url)
        wake()
        assert seen.get(timeout=60)[0] == delivery_id
        outage.end()
        eventually(lambda: state_of(database, delivery_id) == "delivered", within=60, why="it was not recorded")
        assert (seen.empty(), posts) == (True, 2)
    with database.reading() as session:
        attempts = session.exec(select(AttemptRow).where(AttemptRow.delivery_id == delivery_id)).all()
        assert [attempt.outcome for attempt in attempts] == ["delivered"]
