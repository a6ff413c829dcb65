"""The notifier without its broker: tell, let couriers drain, look at what arrived."""

import asyncio
from datetime import timedelta
from typing import Any

from services.notifier.core.compose.email import mail_templates
from services.notifier.core.messages import SendFailed, SendFailureKind
from services.notifier.handlers.composing import Composer, Letterhead
from services.notifier.handlers.courier import Courier
from services.notifier.handlers.places import Limits
from services.notifier.handlers.telling import Teller
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore, ListedDelivery
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.domain.deliveries import Channel
from shared.domain.signing import secret_from
from shared.links import Links
from shared.secrets import SecretBox
from tests.factories.accounts import add_endpoint, change_event, subscribe
from tests.fakes.senders import FakeSender

SECRET = secret_from(b"s" * 32)
BOX = SecretBox(["a key for the tests, long enough"])
LEASE = timedelta(seconds=120)


def failure(kind: SendFailureKind = SendFailureKind.STATUS, **details: Any) -> SendFailed:
    return SendFailed(kind, "no", **details)


class Post:
    """The notifier without its broker: tell, then let couriers drain."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.store = DeliveryStore(database)
        self.accounts = AccountStore(database)
        self.web, self.mail = FakeSender(), FakeSender()
        self.teller = Teller(TellingStore(database), clock, told=lambda: None)

    def courier(self, store: Any = None, *, clock: Any = None, **limits: Any) -> Courier:
        letterhead = Letterhead("Watch <w@cw.example>", Links("https://cw.example", BOX))
        composer = Composer(self.store, TellingStore(self.database), BOX, mail_templates(), letterhead)
        senders = {Channel.WEBHOOK: self.web, Channel.EMAIL: self.mail}
        return Courier(
            store or self.store, composer, senders, clock or self.clock, Limits(lease=LEASE, **limits), lambda: 0.5
        )

    def hook(self, address: str = "https://alice.example/hook", *, secret: str = SECRET) -> str:
        endpoint = add_endpoint(self.accounts, "alice", Channel.WEBHOOK, address, secret=BOX.seal(secret))
        subscribe(self.accounts, "alice", [endpoint])
        return endpoint

    def box(self, owner: str = "alice") -> str:
        endpoint = add_endpoint(self.accounts, owner, Channel.EMAIL, f"{owner}@reader.example")
        subscribe(self.accounts, owner, [endpoint])
        return endpoint

    def tell(self, change_id: str, **changed: Any) -> None:
        event = change_event(change_id, **changed)
        self.teller.change_detected(event, event_id=f"evt_{change_id}", correlation_id="cor_1")

    def drain(self, **limits: Any) -> None:
        asyncio.run(self.courier(**limits).drain())

    def only(self) -> ListedDelivery:
        (delivery,) = self.accounts.deliveries()
        return delivery

    def states(self) -> list[tuple[str, str | None]]:
        return sorted((d.state, d.reason) for d in self.accounts.deliveries())

    def attempts(self) -> list[tuple[int, str]]:
        return [(a.n, a.outcome) for a in self.accounts.attempts(self.only().id)]
