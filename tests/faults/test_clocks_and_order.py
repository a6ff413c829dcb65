"""Clocks that are minutes off, and alerts that overtake each other."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest

import shared.clock
import shared.db.session
from shared.clock import ManualClock, SystemClock
from shared.db.session import Database
from tests.factories.accounts import START, add_change, add_document
from tests.factories.posting import Post, failure


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.mark.parametrize("minutes", [-10, 10])
def test_row_27_a_machine_whose_clock_is_off_goes_by_the_databases(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    true = datetime

    class OfAnyKind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, true)

    class Skewed(datetime, metaclass=OfAnyKind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(true.now(UTC).timestamp() + 60 * minutes, tz)

    monkeypatch.setattr(shared.clock, "datetime", Skewed)
    monkeypatch.setattr(shared.db.session, "datetime", Skewed)
    database = Database(postgresql_url)
    try:
        clock = SystemClock(database.clock_offset())
    finally:
        database.close()
    assert abs(SystemClock().now() - true.now(UTC)) > timedelta(minutes=9)
    assert abs(clock.now() - true.now(UTC)) < timedelta(seconds=5)


def test_row_27_deadlines_are_no_matter_of_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    begun = clock.monotonic()
    clock.offset = timedelta(minutes=-10)
    assert 0 <= clock.monotonic() - begun < 60


def test_row_28_a_retry_that_is_overtaken_tells_its_place(database: Database) -> None:
    post = Post(database, ManualClock(START))
    post.hook()
    document = add_document(database)
    changes = [add_change(database, document, number, sequence=number) for number in (1, 2)]
    post.web.answers = [failure(status=500)]
    for change in changes:
        post.tell(change)
        post.drain()
    post.clock.advance(timedelta(seconds=10))
    post.drain()
    told = [json.loads(message.body)["data"] for message in post.web.received]
    assert [(one["id"], one["sequence"]) for one in told] == [
        (changes[0], 1),
        (changes[1], 2),
        (changes[0], 1),
    ]
    assert len({message.delivery_id for message in post.web.received}) == 2
