"""`endpoints` and `deliveries show` on mail that bounced or was not wanted, sent through SendGrid by the settings."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.app import make_app, make_resources
from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.notifier.mail_events import MailEvents
from shared.db.session import Database
from shared.domain.mail import MailEvent, MailEventKind
from shared.settings import Settings, load_settings
from tests.contracts.senders import serving
from tests.factories.commands import Commands
from tests.fakes.sendgrid import KEY, FakeSendGrid

ALICE = "alice@reader.example"
PUBLIC = "https://watch.example"
SECRET = "s" * 40
Happened = Callable[..., None]


@pytest.fixture
def commands(database_url: str, tmp_path: Path) -> Commands:
    given = {"CLAUSEWATCH_PUBLIC_URL": PUBLIC, "CLAUSEWATCH_SECRET_KEY": SECRET}
    commands = Commands(tmp_path / "data", DATABASE_URL=database_url, **given)
    commands("endpoints", "add", "email", ALICE)
    return commands


@pytest.fixture
def happened(database: Database) -> Happened:
    """Reports what became of a mail."""

    def reported(kind: str, delivery_id: str | None = None, detail: str = "") -> None:
        now = SystemClock().now()
        event = MailEvent(f"evt_{kind}", MailEventKind(kind), ALICE, now, delivery_id, detail)
        assert MailEvents(database).record([event], now) == 1

    return reported


def settings(commands: Commands, **more: Any) -> Settings:
    return load_settings(data=commands.data, public_url=PUBLIC, secret_key=SECRET, **more)


def drain(commands: Commands, database: Database, server: FakeSendGrid, **more: Any) -> None:
    """Let a courier send what is due, made from settings alone."""

    async def drained() -> None:
        async with asyncio.timeout(30), serving(server.handle) as base:
            chosen = settings(commands, sendgrid_api_key=KEY, sendgrid_host=f"{base}/", **more)
            courier, close = make_courier(chosen, database, SystemClock())
            await courier.drain()
            await close()

    asyncio.run(drained())


def trial(commands: Commands) -> str:
    """A test to Alice that is due; its delivery's id."""
    delivery: str = commands.json("endpoints", "test", ALICE)["delivery"]
    return delivery


def standings(commands: Commands) -> list[tuple[str, str | None]]:
    return sorted((one["state"], one["reason"]) for one in commands.json("deliveries", "list"))


def test_what_became_of_a_mail_is_shown(commands: Commands, database: Database, happened: Happened) -> None:
    server, delivery = FakeSendGrid(), trial(commands)
    drain(commands, database, server)
    assert commands.json("deliveries", "show", delivery)["mail"] is None
    happened("processed", delivery)
    happened("deferred", delivery, "450 greylisted")
    assert commands.json("deliveries", "show", delivery)["mail"] == "soft"
    happened("delivered", delivery, "250 taken")
    shown = commands.json("deliveries", "show", delivery)
    assert (shown["state"], shown["mail"]) == ("delivered", "delivered")
    assert [one["kind"] for one in shown["mail_log"]] == ["processed", "deferred", "delivered"]
    assert "450 greylisted" in commands("deliveries", "show", delivery)


def test_the_sandbox_is_a_setting_and_the_attempt_says_so(commands: Commands, database: Database) -> None:
    server, delivery = FakeSendGrid(), trial(commands)
    drain(commands, database, server, sendgrid_sandbox=True)
    [attempt] = commands.json("deliveries", "show", delivery)["attempt_log"]
    assert attempt["answer"] == "sandbox: checked, not sent"
    assert (len(server.requests), server.taken) == (1, [])


def test_a_bounce_is_the_owner_s_to_lift(commands: Commands, database: Database, happened: Happened) -> None:
    server = FakeSendGrid()
    happened("bounce", detail="550 no such user")
    delivery = trial(commands)
    drain(commands, database, server)
    assert "mail to it bounces" in commands("endpoints", "list")
    assert standings(commands) == [("held", "suppressed")]

    assert "is active; 1 held delivery is due now" in commands("endpoints", "enable", ALICE)
    drain(commands, database, server)
    assert [taken.delivery_id for taken in server.taken] == [delivery]


@pytest.mark.parametrize(("kind", "why"), [("spamreport", "as spam"), ("unsubscribe", "its reader unsubscribed")])
def test_what_a_reader_said_only_the_reader_takes_back(
    commands: Commands, database: Database, happened: Happened, kind: str, why: str
) -> None:
    server = FakeSendGrid()
    happened(kind)
    assert why in commands("endpoints", "list")
    delivery = trial(commands)
    for _ in range(2):  # the link can be asked for again
        told = commands("endpoints", "enable", ALICE)
    drain(commands, database, server)
    assert (server.taken, standings(commands)) == ([], [("held", "suppressed")])

    link = told.splitlines()[-1]
    api = make_app(make_resources(settings(commands), database))

    async def confirm() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api), base_url=PUBLIC) as client:
            assert (await client.get(link)).status_code == 200
            assert standings(commands) == [("held", "suppressed")]
            return await client.post(link)

    assert asyncio.run(confirm()).status_code == 200
    drain(commands, database, server)
    assert [taken.delivery_id for taken in server.taken] == [delivery]
    [endpoint] = commands.json("endpoints", "list")
    assert (endpoint["state"], endpoint["reason"]) == ("active", None)


def test_without_a_public_address_nobody_can_confirm(
    commands: Commands, database: Database, happened: Happened
) -> None:
    happened("spamreport")
    commands.env = {**commands.env, "CLAUSEWATCH_PUBLIC_URL": None}
    assert "CLAUSEWATCH_PUBLIC_URL" in commands.refusal("endpoints", "enable", ALICE)
    [endpoint] = commands.json("endpoints", "list")
    assert (endpoint["state"], endpoint["reason"]) == ("disabled", "mail-complained")
