"""The notifier as its worker puts it together: an event's task, the courier's loop, a real webhook and a real file."""

import hashlib
import hmac
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from pydantic import SecretStr

from services.notifier.tasks import Resources
from services.notifier.worker import build, make_resources
from shared.bus.app import PerProcess
from shared.clock import SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.outbox import Inbox
from shared.db.session import Database
from shared.domain.deliveries import Channel
from shared.domain.subscriptions import Subscription
from shared.events import ChangeDetected
from shared.settings import Settings
from shared.usecases.accounts import Accounts, NotAllowed, Unknown
from shared.usecases.making import make_accounts
from tests.factories.accounts import START, change_event

Received = Queue[tuple[dict[str, str], bytes]]


@pytest.fixture
def sink() -> Iterator[tuple[str, Received]]:
    """A webhook receiver on this machine: its URL, and what it got."""
    received: Received = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()
            received.put(({key.lower(): value for key, value in self.headers.items()}, body))

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data=tmp_path / "data",
        secret_key=SecretStr("k" * 32),
        allow_loopback=True,
        allow_http_webhooks=True,
        public_url="https://cw.example",
    )


@pytest.fixture
def owner(settings: Settings, database: Database, accounts: AccountStore) -> Accounts:
    for name, plan in (("alice", "compliance"), ("charlie", "free")):
        accounts.ensure_account(f"acc_{name}", name.title(), plan, START)
    return make_accounts(settings, database, SystemClock())


@pytest.fixture
def resources(settings: Settings) -> Iterator[Resources]:
    resources = make_resources(settings)
    yield resources
    resources.close()


def handle(resources: Resources, event: ChangeDetected) -> None:
    app = build(PerProcess(lambda: resources), "memory://")
    envelope = {"event_id": "evt_1", "correlation_id": "cor_1", "payload": event.model_dump(mode="json")}
    app.tasks[event.name](envelope)


def test_a_change_becomes_a_signed_webhook_and_an_email_in_the_outbox(
    owner: Accounts,
    resources: Resources,
    settings: Settings,
    accounts: AccountStore,
    change_id: str,
    sink: tuple[str, Received],
) -> None:
    url, received = sink
    hook = owner.add_endpoint("acc_alice", Channel.WEBHOOK, url)
    box = owner.add_endpoint("acc_alice", Channel.EMAIL, "alice@reader.example")
    assert hook.secret is not None
    assert hook.endpoint.secret != hook.secret
    owner.subscribe("acc_alice", Subscription(platforms=frozenset({"acme"})), [hook.endpoint.id, box.endpoint.id])
    handle(resources, change_event(change_id))
    headers, body = received.get(timeout=20)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(hook.secret.removeprefix("whsec_"))
    assert headers["webhook-signature"] == "v1," + b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["content-type"] == "application/json"
    resources.close()
    assert sorted((d.channel, d.state) for d in accounts.deliveries()) == [
        ("email", "delivered"),
        ("webhook", "delivered"),
    ]
    (mail,) = (settings.data / "outbox").iterdir()
    assert mail.suffix == ".eml"
    assert f"List-Unsubscribe: <https://cw.example/u/{box.endpoint.id}/".encode() in mail.read_bytes()


def test_a_change_that_is_told_to_nobody_is_marked_as_handled(
    resources: Resources, database: Database, accounts: AccountStore, change_id: str
) -> None:
    handle(resources, change_event(change_id, alert=False, severity="editorial"))
    assert Inbox(database, "notifier", poison_after=5).is_settled("evt_1")
    assert accounts.deliveries() == []


def test_a_test_reaches_one_endpoint(
    owner: Accounts, resources: Resources, accounts: AccountStore, sink: tuple[str, Received]
) -> None:
    url, received = sink
    hook = owner.add_endpoint("acc_alice", Channel.WEBHOOK, url)
    delivery_id = owner.test_endpoint("acc_alice", hook.endpoint.id)
    resources.wake()
    headers, body = received.get(timeout=20)
    assert headers["webhook-id"] == delivery_id
    assert b'"type":"endpoint.test"' in body


def test_the_plan_decides_what_an_owner_may_add(owner: Accounts) -> None:
    with pytest.raises(NotAllowed, match="0 webhook"):
        owner.add_endpoint("acc_charlie", Channel.WEBHOOK, "https://charlie.example/hook")
    box = owner.add_endpoint("acc_charlie", Channel.EMAIL, "charlie@reader.example")
    with pytest.raises(NotAllowed, match="weekly"):
        owner.subscribe("acc_charlie", Subscription(platforms=frozenset({"acme"})), [box.endpoint.id])


def test_an_endpoint_is_added_once_and_its_secret_shown_once(owner: Accounts) -> None:
    first = owner.add_endpoint("acc_alice", Channel.WEBHOOK, "https://alice.example/hook")
    second = owner.add_endpoint("acc_alice", Channel.WEBHOOK, " https://alice.example/hook ")
    assert (first.endpoint.id, second.secret) == (second.endpoint.id, None)


@pytest.mark.parametrize("endpoint", ["ep_of_nobody"])
def test_a_strangers_endpoint_is_unknown(owner: Accounts, endpoint: str) -> None:
    with pytest.raises(Unknown):
        owner.subscribe("acc_alice", Subscription(), [endpoint])
    with pytest.raises(Unknown):
        owner.test_endpoint("acc_alice", endpoint)
    with pytest.raises(Unknown):
        owner.add_endpoint("acc_nobody", Channel.EMAIL, "a@reader.example")
