"""`endpoints pause` and `enable`, with a real courier and a real server at the other end."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.session import Database
from shared.db.tables import EndpointRow
from shared.settings import load_settings
from tests.factories.commands import Commands
from tests.fakes.hostile_server import Conversation, HostileServer


class Receiver:
    """A webhook's receiver that answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.server = HostileServer(self._answer)
        self.address = self.server.url("/hook")

    def _answer(self, conversation: Conversation) -> None:
        conversation.answer(self.status)

    def close(self) -> None:
        self.server.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def commands(database_url: str, tmp_path: Path, receiver: Receiver) -> Commands:
    """An installation with one endpoint, on this machine."""
    local = {"CLAUSEWATCH_ALLOW_LOOPBACK": "true", "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true"}
    commands = Commands(tmp_path / "data", DATABASE_URL=database_url, **local)
    commands("endpoints", "add", "webhook", receiver.address)
    return commands


def send_what_is_due(commands: Commands, database: Database) -> None:
    settings = load_settings(data=commands.data, allow_loopback=True, allow_http_webhooks=True)

    async def drained() -> None:
        courier, close = make_courier(settings, database, SystemClock())
        await courier.drain()
        await close()

    asyncio.run(drained())


def states(commands: Commands) -> list[tuple[str, str | None]]:
    return [(one["state"], one["reason"]) for one in commands.json("deliveries", "list")]


def test_what_a_410_disabled_says_why_and_is_enabled_again(
    commands: Commands, database: Database, receiver: Receiver
) -> None:
    receiver.status = 410
    commands("endpoints", "test", receiver.address)
    send_what_is_due(commands, database)
    commands("endpoints", "test", receiver.address)
    send_what_is_due(commands, database)
    assert "it answered that it is gone" in commands("endpoints", "list")
    assert "it is gone" in commands.refusal("endpoints", "pause", receiver.address)
    assert sorted(states(commands)) == [("dead", "endpoint-gone"), ("held", "endpoint-disabled")]

    receiver.status = 200
    told = commands("endpoints", "enable", receiver.address)
    send_what_is_due(commands, database)

    assert "is active; 1 held delivery is due now" in told
    assert "deliveries list --state dead" in told
    assert sorted(states(commands)) == [("dead", "endpoint-gone"), ("delivered", None)]
    [endpoint] = commands.json("endpoints", "list")
    assert (endpoint["state"], endpoint["reason"], endpoint["failing_since"]) == ("active", None, None)


def test_a_paused_endpoint_holds_visibly_until_it_is_enabled(
    commands: Commands, database: Database, receiver: Receiver
) -> None:
    assert "is paused" in commands("endpoints", "pause", receiver.address)
    commands("endpoints", "test", receiver.address)
    send_what_is_due(commands, database)
    assert states(commands) == [("held", "endpoint-paused")]
    assert receiver.server.seen == []

    commands("endpoints", "enable", receiver.address)
    send_what_is_due(commands, database)

    assert states(commands) == [("delivered", None)]
    assert receiver.server.seen == ["/hook"]


def test_five_days_of_failing_are_the_reason_given(commands: Commands, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(EndpointRow).values(state="disabled", reason="endpoint-disabled"))

    assert "it failed for five days" in commands("endpoints", "list")


def test_who_has_not_confirmed_is_not_enabled(commands: Commands, database: Database, receiver: Receiver) -> None:
    with database.transaction() as session:
        session.execute(update(EndpointRow).values(state="unconfirmed"))

    assert "is not confirmed" in commands.refusal("endpoints", "enable", receiver.address)
    with database.reading() as session:
        assert session.scalars(select(col(EndpointRow.state))).all() == ["unconfirmed"]
