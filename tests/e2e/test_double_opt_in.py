"""Double opt-in from the command line to the mailbox: a real mail server, the real courier, the pages of the API."""

import asyncio
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller

from services.api.app import make_app, make_resources
from services.notifier.handlers.telling import Teller
from services.notifier.worker import make_courier
from shared.clock import SystemClock
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.settings import Settings
from tests.factories.accounts import add_change, add_document, change_event
from tests.factories.commands import Commands
from tests.servers.ports import free_ports

ADDRESS, BASE, KEY = "reader@mail.example", "https://watch.example", "a key for the tests, long enough"


class MailServer:
    """Keeps the mails that it is given: subject and text."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_ports(1))
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{self._controller.port}?security=none"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=default)
        text = mail.get_body(("plain",))
        self.mails.append((str(mail["Subject"]), text.get_content() if text else ""))
        return "250 thanks"

    def stop(self) -> None:
        self._controller.stop()


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def installation(server: MailServer, database_url: str, data: Path, public_url: str = BASE) -> Commands:
    return Commands(
        data,
        DATABASE_URL=database_url,
        CLAUSEWATCH_SMTP_URL=server.url,
        CLAUSEWATCH_PUBLIC_URL=public_url,
        CLAUSEWATCH_SECRET_KEY=KEY,
    )


def send_what_is_due(settings: Settings, database: Database) -> None:
    async def drained() -> None:
        courier, close = make_courier(settings, database, SystemClock())
        await courier.drain()
        await close()

    asyncio.run(drained())


def ask(settings: Settings, database: Database, method: str, link: str) -> int:
    async def asked() -> int:
        transport = httpx.ASGITransport(app=make_app(make_resources(settings, database)))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return (await client.request(method, link)).status_code

    return asyncio.run(asked())


def test_a_mailbox_is_told_once_its_reader_has_agreed(
    server: MailServer, database_url: str, database: Database, tmp_path: Path
) -> None:
    commands = installation(server, database_url, tmp_path)
    settings = Settings(data=tmp_path, database_url=database_url, public_url=BASE, smtp_url=server.url, secret_key=KEY)
    assert "confirm within 48 hours" in commands("endpoints", "add", "email", ADDRESS)
    commands("subscribe", "--to", ADDRESS)
    change_id = add_change(database, add_document(database))
    Teller(TellingStore(database), SystemClock(), lambda: None).change_detected(
        change_event(change_id), event_id="evt_1", correlation_id="cor_1"
    )
    send_what_is_due(settings, database)

    [(_, question)] = server.mails
    [held] = commands.json("deliveries", "list", "--state", "held")
    assert held["reason"] == "endpoint-unconfirmed"
    [link] = re.findall(rf"{BASE}/confirm/\S+", question)
    assert ask(settings, database, "GET", link) == 200
    assert commands.json("endpoints", "list")[0]["state"] == "unconfirmed"
    assert ask(settings, database, "POST", link) == 200
    assert commands.json("endpoints", "list")[0]["state"] == "active"
    send_what_is_due(settings, database)
    assert len(server.mails) == 2
    assert server.mails[1][0].startswith("[HIGH")
    assert "48 hours" not in server.mails[1][1]


def test_without_a_public_address_the_mend_is_named_and_the_operator_may_answer(
    server: MailServer, database_url: str, tmp_path: Path
) -> None:
    commands = installation(server, database_url, tmp_path, public_url="")
    said = commands.refusal("endpoints", "add", "email", ADDRESS, status=1)
    assert "CLAUSEWATCH_PUBLIC_URL" in said
    assert "endpoints confirm" in said
    for command in ("pause", "enable", "test"):
        assert "not confirmed" in commands.refusal("endpoints", command, ADDRESS)
    assert "resend" in commands("endpoints", "add", "email", ADDRESS)
    assert "active" in commands("endpoints", "confirm", ADDRESS)
    assert "nothing to confirm" in commands.refusal("endpoints", "confirm", ADDRESS)
    assert "nothing is to be asked" in commands.refusal("endpoints", "resend", ADDRESS)


def test_a_second_question_waits(server: MailServer, database_url: str, tmp_path: Path) -> None:
    commands = installation(server, database_url, tmp_path)
    commands("endpoints", "add", "email", ADDRESS)
    assert "asked too often" in commands.refusal("endpoints", "resend", ADDRESS, status=1)


def test_mail_that_stays_in_the_outbox_folder_needs_no_consent(database_url: str, tmp_path: Path) -> None:
    commands = Commands(tmp_path, DATABASE_URL=database_url)
    assert commands.json("endpoints", "add", "email", ADDRESS)["state"] == "active"
    assert commands.json("deliveries", "list") == []
