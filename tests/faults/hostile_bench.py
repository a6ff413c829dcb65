"""One real notifier process, hostile receivers around it, and for each row of the matrix an account of its own."""

import base64
import email
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import ColumnElement, select, update
from sqlmodel import col

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.topology import DELIVERIES_DUE
from shared.clock import SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.outbox import StoredEvent
from shared.db.session import Database
from shared.db.tables import AttemptRow, DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.subscriptions import Subscription
from shared.settings import Settings
from shared.usecases.accounts import Accounts
from shared.usecases.making import make_accounts
from tests.conftest import database_of_its_own
from tests.factories.accounts import START, add_change, add_document, change_event
from tests.faults.hostile_names import HostileNames
from tests.faults.hostile_receivers import HostileReceivers, Received, unanswered_port
from tests.servers.ports import free_ports
from tests.servers.processes import short_folder, stop
from tests.servers.valkey import running_valkey
from tests.unit.http.test_tls import LONG_AGO, Authority

KEY = "k" * 32
DEADLINE_S = 2.0
PER_SECOND = 20
"""Deliveries to one endpoint in the long run."""
WITHIN = 60.0
UNDER_WAY = {"pending", "sending", "failed", "ambiguous"}
CERTIFIED = "certified.example"


@dataclass(frozen=True)
class Hook:
    """A webhook endpoint of a row."""

    id: str
    url: str
    path: str
    secret: str
    since: int
    """How many changes the row had been told of before it was added."""


class Bench:
    """A notifier that works, and what surrounds it. Its clock only ever moves forward."""

    def __init__(self, database_url: str, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.data = folder / "data"
        self.data.mkdir()
        self._clock = folder / "clock"
        self._ahead = timedelta()
        self.move(timedelta())
        authority = Authority()
        self._serve(authority)
        self.names = HostileNames(folder / "names")
        stack.callback(self.names.close)
        broker = stack.enter_context(running_valkey())
        self._publisher = Publisher(make_app("test", broker.url))
        stack.callback(self._publisher.close)
        self.environment = self._environment(database_url)
        self.database = Database(database_url)
        stack.callback(self.database.close)
        self.store = AccountStore(self.database)
        self.owner = self._owner(database_url)
        self._numbers = count(1)
        self.process = self._start(broker.url)

    def now(self) -> datetime:
        """The notifier's time."""
        return SystemClock().now() + self._ahead

    def move(self, by: timedelta) -> None:
        """Let that much time pass for the notifier. Nothing may be under way."""
        self._ahead += by
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(str(self._ahead.total_seconds()))
        fresh.replace(self._clock)

    def wake(self) -> None:
        """What the scheduler does all the time."""
        self._publisher.wake(DELIVERIES_DUE, 1, waiting=2)

    def until(self, condition: Callable[[], object], why: str) -> None:
        """Wake the notifier again and again until the condition holds."""
        ends = time.monotonic() + WITHIN
        while not condition():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < ends, f"{why}\n{self.log()}"
            self.wake()
            time.sleep(0.05)

    def publish(self, payload: Mapping[str, Any]) -> str:
        """Put a change.detected on the bus; its id."""
        event_id = f"evt_{next(self._numbers)}"
        event = StoredEvent(event_id, "change.detected", payload, "cor_1", 0, datetime(2026, 4, 10, tzinfo=UTC))
        self._publisher.events([event])
        return event_id

    def log(self) -> str:
        """The end of what the notifier said."""
        return (self.folder / "notifier.log").read_text(errors="replace")[-4_000:]

    def peak_memory(self, *, anew: bool = False) -> int:
        """Bytes that the notifier had resident at most, since it began or since it was counted `anew` (proc(5))."""
        folder = Path(f"/proc/{self.process.pid}")
        lines = (folder / "status").read_text().splitlines()
        if anew:
            (folder / "clear_refs").write_text("5")
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024

    def set_address(self, hook: Hook, address: str) -> None:
        """An address that nobody checked."""
        with self.database.transaction() as session:
            session.execute(update(EndpointRow).where(col(EndpointRow.id) == hook.id).values(address=address))

    def row(self, name: str) -> "Row":
        """An account with a mailbox, a document to watch, and a healthy neighbour that watches it too."""
        return Row(self, name)

    def _serve(self, authority: Authority) -> None:
        def receivers(name: str, host: str = "", **certificate: Any) -> HostileReceivers:
            folder = self.folder / name
            folder.mkdir()
            made = HostileReceivers(authority.server_context(folder, host, **certificate) if host else None)
            self._stack.callback(made.close)
            return made

        self.receivers = receivers("plain")
        self.certified = receivers("certified", CERTIFIED)
        self.expired = receivers("expired", "expired.example", until=LONG_AGO + timedelta(days=1))
        self.refused_port = free_ports(1)
        self.unanswered_port = self._stack.enter_context(unanswered_port())
        self._trusted = self.folder / "authority.pem"
        self._trusted.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))

    def _environment(self, database_url: str) -> dict[str, str]:
        own = (self.receivers.port, self.certified.port, self.expired.port, self.refused_port, self.unanswered_port)
        return {
            **os.environ,
            "DATABASE_URL": database_url,
            "SSL_CERT_FILE": str(self._trusted),
            "CLAUSEWATCH_DATA": str(self.data),
            "CLAUSEWATCH_SECRET_KEY": KEY,
            "CLAUSEWATCH_ALLOW_LOOPBACK": "true",
            "CLAUSEWATCH_LOOPBACK_PORTS": ",".join(map(str, own)),
            "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true",
            "CLAUSEWATCH_DELIVERY_DEADLINE_S": str(DEADLINE_S),
            "CLAUSEWATCH_ENDPOINT_PER_SECOND": str(PER_SECOND),
            "CLAUSEWATCH_GROUPING_S": "0",
        }

    def _owner(self, database_url: str) -> Accounts:
        settings = Settings(
            database_url=database_url,
            data=self.data,
            secret_key=KEY,
            allow_loopback=True,
            allow_http_webhooks=True,
        )
        return make_accounts(settings, self.database, SystemClock())

    def _start(self, broker_url: str) -> "subprocess.Popen[bytes]":
        log = self._stack.enter_context((self.folder / "notifier.log").open("wb"))
        program = [sys.executable, "-m", "tests.faults.hostile_notifier"]
        process = subprocess.Popen(
            [*program, broker_url, str(self._clock), str(self.names.path)], env=self.environment, stdout=log, stderr=log
        )
        self._stack.callback(stop, process)
        return process


@dataclass
class Row:
    """One row of the matrix: its endpoints watch its document, and what they were sent is judged together."""

    bench: Bench
    name: str
    hooks: dict[str, Hook] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = f"acc_{self.name}"
        self.box = f"{self.name}@reader.example"
        for account in (self.account, f"{self.account}_neighbour"):
            self.bench.store.ensure_account(account, account, "compliance", START)
        self.bench.owner.add_endpoint(self.account, Channel.EMAIL, self.box)
        self.document = add_document(self.bench.database, platform=self.name)
        self.neighbour = self.hook("neighbour", account=f"{self.account}_neighbour")

    def hook(self, name: str, url: str | None = None, *, account: str | None = None) -> Hook:
        """An endpoint at a path of this row's own (or at a URL), subscribed to the row's document."""
        path = f"/{self.name}/{name}"
        url = url if url is not None else self.bench.receivers.url(path)
        owner = account or self.account
        added = self.bench.owner.add_endpoint(owner, Channel.WEBHOOK, url)
        self.bench.owner.subscribe(owner, Subscription(platforms=frozenset({self.name})), [added.endpoint.id])
        hook = self.hooks[name] = Hook(added.endpoint.id, url, path, added.secret or "", len(self.told))
        return hook

    def tell(self, changes: int = 1, **changed: Any) -> list[str]:
        """Announce changes of the row's document on the bus; their ids."""
        fresh = []
        for number in range(len(self.told) + 1, len(self.told) + changes + 1):
            change = add_change(self.bench.database, self.document, number, **changed)
            event = change_event(change, self.document, platform_slug=self.name)
            self.bench.publish(event.model_dump(mode="json"))
            fresh.append(change)
        self.told += fresh
        return fresh

    def deliveries(self, hook: Hook) -> list[DeliveryRow]:
        """What an endpoint was to be told of changes."""
        return self._deliveries(col(DeliveryRow.endpoint_id) == hook.id, col(NoticeRow.kind) == "change.detected")

    def _deliveries(self, *of: ColumnElement[bool]) -> list[DeliveryRow]:
        statement = select(DeliveryRow).join(NoticeRow, col(NoticeRow.id) == col(DeliveryRow.notice_id)).where(*of)
        with self.bench.database.reading() as session:
            return list(session.scalars(statement))

    def states(self, hook: Hook) -> list[tuple[str, str | None]]:
        return sorted((one.state, one.reason) for one in self.deliveries(hook))

    def attempts(self, hook: Hook) -> list[AttemptRow]:
        """Every attempt at the endpoint, in order."""
        found = [row for one in self.deliveries(hook) for row in self.bench.store.attempts(one.id)]
        return sorted(found, key=lambda row: row.at)

    def endpoint(self, hook: Hook) -> EndpointRow:
        with self.bench.database.reading() as session:
            return session.get_one(EndpointRow, hook.id)

    def until_attempted(self, times: int, *hooks: Hook) -> None:
        """Wait until every delivery to these endpoints has had so many attempts, or has come to an end."""

        waited_for = list(hooks)

        def attempted() -> bool:
            while waited_for:
                listed = self.deliveries(waited_for[-1])
                done = [one for one in listed if _had(one, times)]
                if len(done) < len(self.told) - waited_for[-1].since:
                    return False
                waited_for.pop()
            return True

        self.bench.until(attempted, f"not all were tried {times} times")

    def until_idle(self) -> None:
        """Wait until nothing is due any more: not to this row's endpoints, and not to its mailbox."""

        def idle() -> bool:
            listed = self._deliveries(col(DeliveryRow.account_id) == self.account)
            now = self.bench.now()
            if any(len(self.deliveries(hook)) < len(self.told) - hook.since for hook in self.hooks.values()):
                return False
            return not any(one.state == "sending" or (one.state in UNDER_WAY and one.due_at <= now) for one in listed)

        self.bench.until(idle, "something stayed due")

    def mails(self) -> list[str]:
        """The subjects of what came to the owner's mailbox, in any order."""
        return sorted(str(mail["Subject"]).strip() for mail in self.letters())

    def letters(self) -> list[EmailMessage]:
        """What came to the owner's mailbox."""
        files = (self.bench.data / "outbox").glob("*.eml")
        parsed = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
        return [mail for mail in parsed if isinstance(mail, EmailMessage) and mail["To"] == self.box]

    def end(self) -> None:
        """The invariant, by the receivers' own logs; then nothing of this row is due any more."""
        received = [one for server in self._servers() for one in server.log]
        for hook in self.hooks.values():
            check_invariant([one for one in received if one.path == hook.path], hook)
            self.bench.store.set_endpoint_state(hook.id, EndpointState.PAUSED, self.bench.now())
        self.bench.until(lambda: len(self._heard()) >= len(self.told), "the neighbour was not told")
        assert set(self._heard()) == set(self.told), "a healthy neighbour hears of everything"
        # A machine that stalls for longer than the bench's short deadline makes attempts ambiguous, at anybody.
        repeats = len(self._heard()) - len(self.told)
        unsure = [one for one in self.attempts(self.neighbour) if one.outcome == "ambiguous"]
        assert repeats <= len(unsure), "a healthy neighbour hears of it once"

    def _heard(self) -> list[str]:
        return [change_in(one) for one in self.bench.receivers.at(self.neighbour.path)]

    def _servers(self) -> tuple[HostileReceivers, ...]:
        return self.bench.receivers, self.bench.certified, self.bench.expired


def _had(delivery: DeliveryRow, times: int) -> bool:
    return delivery.state != "sending" and (delivery.attempts >= times or delivery.state not in UNDER_WAY)


def change_in(request: Received) -> str:
    """The change that a webhook tells of."""
    return str(json.loads(request.body)["data"]["id"])


def check_invariant(received: list[Received], hook: Hook) -> None:
    """No change came under two webhook-ids, a repeat has the same bytes, and everything was signed."""
    ids, bodies = defaultdict(set), defaultdict(set)
    for one in received:
        ids[change_in(one)].add(one.webhook_id)
        bodies[one.webhook_id].add(one.body)
        signed = f"{one.webhook_id}.{one.headers['webhook-timestamp']}.".encode() + one.body
        digest = hmac.digest(base64.b64decode(hook.secret.removeprefix("whsec_")), signed, hashlib.sha256)
        assert one.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert all(len(webhook_ids) == 1 for webhook_ids in ids.values()), f"a second alert at {hook.path}"
    assert all(len(versions) == 1 for versions in bodies.values()), f"other bytes under one id at {hook.path}"


@contextmanager
def running_bench(database_url: str) -> Iterator[Bench]:
    """A bench for the length of the block."""
    with short_folder("cw-ho-") as folder, ExitStack() as stack:
        yield Bench(database_url, folder, stack)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One notifier for all rows, on each engine in turn."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("bench") / "clausewatch.db"
        shutil.copy(request.getfixturevalue("_sqlite_template"), file)
        databases = nullcontext(f"sqlite:///{file}")
    else:
        databases = contextmanager(database_of_its_own)(request.getfixturevalue("_postgres"))
    with databases as url, running_bench(url) as bench:
        yield bench
