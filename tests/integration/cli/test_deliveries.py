"""`deliveries show` and `retry`, on what a courier recorded."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.session import Database
from shared.settings import load_settings
from tests.factories.commands import Commands
from tests.fakes.hostile_server import Conversation, hostile_server


def send_what_is_due(commands: Commands, database: Database) -> None:
    settings = load_settings(data=commands.data, allow_loopback=True, allow_http_webhooks=True)

    async def drained() -> None:
        courier, close = make_courier(settings, database, SystemClock())
        await courier.drain()
        await close()

    asyncio.run(drained())


@pytest.fixture
def commands(database_url: str, tmp_path: Path) -> Commands:
    local = {"CLAUSEWATCH_ALLOW_LOOPBACK": "true", "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true"}
    return Commands(tmp_path / "data", DATABASE_URL=database_url, **local)


def told(commands: Commands, database: Database, statuses: Sequence[int]) -> tuple[str, str]:
    """One test delivery, tried once for each status; its id and its address."""
    answers = iter(statuses)

    def answer(conversation: Conversation) -> None:
        status = next(answers)
        conversation.answer(status, b"x" * 5_000 if status >= 500 else b"taken")

    with hostile_server(answer) as server:
        address = server.url("/hook")
        commands("endpoints", "add", "webhook", address)
        delivery = commands.json("endpoints", "test", address)["delivery"]
        send_what_is_due(commands, database)
        for _ in statuses[1:]:
            commands("deliveries", "retry", delivery)
            send_what_is_due(commands, database)
    return delivery, address


def test_every_attempt_is_shown_with_the_beginning_of_its_answer(commands: Commands, database: Database) -> None:
    delivery, _ = told(commands, database, [503, 200])
    shown = commands.json("deliveries", "show", delivery[:10])
    first, second = shown["attempt_log"]
    assert (shown["id"], shown["state"], shown["attempts"]) == (delivery, "delivered", 2)
    assert (first["n"], first["status"], first["outcome"], first["answer"]) == (1, 503, "status", "x" * 2048)
    assert (second["n"], second["status"], second["outcome"], second["answer"]) == (2, 200, "delivered", "taken")
    assert first["at"] <= second["at"]
    assert first["duration_ms"] >= 0
    table = commands("deliveries", "show", delivery)
    assert "503" in table
    assert "taken" in table


def test_what_was_taken_is_sent_again_to_its_endpoint(commands: Commands, database: Database) -> None:
    delivery, address = told(commands, database, [200])
    assert "1 delivery due now" in commands("deliveries", "retry", "--endpoint", address)
    assert "0 deliveries due now" in commands("deliveries", "retry", "--failed")
    assert [one["state"] for one in commands.json("deliveries", "list")] == ["pending"]
    assert "test:" not in commands("deliveries", "list"), "what is told stands in words"
    assert "not tried" not in commands("deliveries", "show", delivery)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name DELIVERY ids"),
        (["dlv_1", "--failed"], "name DELIVERY ids"),
        (["--since", "yesterday"], "no date"),
        (["--endpoint", "nowhere"], "names no endpoint"),
        (["dlv_1"], "no delivery"),
    ],
)
def test_an_unclear_wish_is_refused(commands: Commands, arguments: list[str], said: str) -> None:
    assert said in commands.refusal("deliveries", "retry", *arguments)


def test_an_unknown_delivery_is_not_shown(commands: Commands) -> None:
    assert "names no delivery" in commands.refusal("deliveries", "show", "dlv_1")
