"""A telling in pages: whoever dies in the middle, or tells at the same time, everybody is told exactly once."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from services.notifier.handlers.telling import Teller
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow, EventHandledRow, HeldBackRow
from shared.domain.deliveries import Channel
from tests.factories.accounts import START, add_change, add_document, add_endpoint, change_event, subscribe

WATCHERS = 23
PAGE = 5


class Died(Exception):
    """The process ended here."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Alice has many endpoints; each is told by two subscriptions. Charlie's plan has no webhooks."""
    database = Database(database_url)
    accounts = AccountStore(database)
    for number in range(WATCHERS):
        endpoint = add_endpoint(accounts, "alice", Channel.WEBHOOK, f"https://alice.example/{number}")
        for _ in range(2):
            subscribe(accounts, "alice", [endpoint])
    refused = add_endpoint(accounts, "charlie", Channel.WEBHOOK, "https://charlie.example/hook")
    subscribe(accounts, "charlie", [refused])
    yield database
    database.close()


@pytest.fixture
def change_id(database: Database) -> str:
    return add_change(database, add_document(database))


def tell(database: Database, change_id: str, told: Callable[[], None] = lambda: None) -> None:
    teller = Teller(TellingStore(database, page=PAGE), ManualClock(START), told)
    teller.change_detected(change_event(change_id), event_id="evt_1", correlation_id="cor_1")


def standing(database: Database) -> tuple[Counter[str], int, int]:
    """Deliveries by state, endpoints that have one, and how many were counted as held back."""
    with database.reading() as session:
        states = Counter(session.scalars(select(col(DeliveryRow.state))))
        endpoints = session.scalar(select(func.count(col(DeliveryRow.endpoint_id).distinct())))
        return states, endpoints or 0, session.scalar(select(func.sum(col(HeldBackRow.count)))) or 0


EVERYBODY = (Counter(pending=WATCHERS, skipped=1), WATCHERS + 1, 1)


@pytest.mark.parametrize("dies_after", range(1, 9))
def test_a_telling_that_died_after_any_page_goes_on_from_there(
    database: Database, change_id: str, dies_after: int
) -> None:
    pages = 0

    def told() -> None:
        nonlocal pages
        pages += 1
        if pages == dies_after:
            raise Died

    with pytest.raises(Died):
        tell(database, change_id, told)
    states, _, _ = standing(database)
    assert 0 < states.total() <= WATCHERS + 1
    tell(database, change_id)
    assert standing(database) == EVERYBODY
    tell(database, change_id)
    assert standing(database) == EVERYBODY


def test_two_tellings_of_one_event_share_its_pages(database: Database, change_id: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(tell, database, change_id) for _ in range(4)]:
            done.result(60)
    assert standing(database) == EVERYBODY
    with database.reading() as session:
        assert len(session.scalars(select(col(EventHandledRow.event_id))).all()) == 1


def test_the_first_can_go_out_while_the_last_are_still_to_be_written(database: Database, change_id: str) -> None:
    seen: list[int] = []
    tell(database, change_id, lambda: seen.append(standing(database)[0].total()))
    assert seen[0] < WATCHERS // 2
    assert seen == sorted(seen)
    assert seen[-1] == WATCHERS + 1
