"""A row of the matrix of hostile receivers: an account of its own, its endpoints, and what must hold of them."""

import base64
import email
import hashlib
import hmac
import json
from collections import defaultdict
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlmodel import col

from shared.db.tables import AttemptRow, DeliveryRow, EndpointRow, NoticeRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.subscriptions import Subscription
from tests.factories.accounts import START, add_change, add_document, change_event
from tests.faults.hostile_bench import Bench
from tests.faults.hostile_receivers import HostileReceivers, Received

UNDER_WAY = {"pending", "sending", "failed", "ambiguous"}


@dataclass(frozen=True)
class Hook:
    """A webhook endpoint of a row."""

    id: str
    url: str
    path: str
    secret: str
    since: int
    """How many changes the row had been told of before it was added."""


@dataclass
class Row:
    """One row of the matrix: its endpoints watch its document, and what they were sent is judged together.

    A healthy neighbour, another account's, watches it too.
    """

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

    def set_address(self, hook: Hook, address: str) -> None:
        """Give the endpoint an address that nobody checked."""
        with self.bench.database.transaction() as session:
            session.execute(update(EndpointRow).where(col(EndpointRow.id) == hook.id).values(address=address))

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
        """Wait until nothing is due any more: not to this row's endpoints, its mailbox or its neighbour."""

        def idle() -> bool:
            listed = self._deliveries(col(DeliveryRow.account_id).in_([self.account, f"{self.account}_neighbour"]))
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
