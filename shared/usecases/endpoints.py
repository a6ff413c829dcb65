"""What an account does about the endpoints that it has: test, pause, enable, remove them, and send again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.db.notifier.accounts import AccountStore, ListedDelivery
from shared.db.notifier.endings import Endings
from shared.db.notifier.replay import UNDELIVERED, Wanted
from shared.db.notifier.suppressions import Suppressions
from shared.db.tables import EndpointRow
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, IllegalMove, Reason
from shared.domain.downgrades import PLAN_REASONS
from shared.domain.mail import LIFTED_BY_OWNER
from shared.usecases.accounts import Accounts, Unknown
from shared.usecases.refusals import Refused, invalid, none_such
from shared.usecases.rotation import OVERLAP, Rotated, Rotation

REPEATABLE = UNDELIVERED | {DeliveryState.DELIVERED}
"""What is sent again in bulk."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Each use case raises Refused where it does nothing. `replay` makes many deliveries due: how many."""

    store: AccountStore
    accounts: Accounts
    rotation: Rotation
    endings: Endings
    suppressions: Suppressions
    replay: Callable[[Wanted, datetime], int]
    clock: Clock

    def one(self, account_id: str, endpoint_id: str) -> EndpointRow:
        """One of an account's own."""
        for row in self.store.endpoints(account_id):
            if row.id == endpoint_id:
                return row
        raise none_such("endpoint")

    def test(self, account_id: str, endpoint_id: str) -> str:
        """Send it a test; the delivery's id."""
        _confirmed(self.one(account_id, endpoint_id))
        return self.accounts.test_endpoint(account_id, endpoint_id)

    def rotate(self, account_id: str, endpoint_id: str, overlap: timedelta = OVERLAP) -> Rotated:
        """A new signing secret, beside which the old one signs for `overlap` (30 days at most)."""
        self.one(account_id, endpoint_id)
        try:
            return self.rotation.rotate(account_id, endpoint_id, overlap)
        except Unknown:
            raise Refused("no-secret", "only webhooks have a signing secret") from None

    def pause(self, account_id: str, endpoint_id: str) -> None:
        """Tell it nothing for now."""
        row = self.one(account_id, endpoint_id)
        _confirmed(row)
        if row.state == EndpointState.DISABLED:
            raise Refused("disabled", f"it is disabled already: {row.reason or 'by hand'}")
        self.store.set_endpoint_state(endpoint_id, EndpointState.PAUSED, self.clock.now())

    def enable(self, account_id: str, endpoint_id: str) -> None:
        """Tell it again, where neither its reader nor the plan is against it."""
        row = self.one(account_id, endpoint_id)
        suppression = self.suppressions.of(row.address) if row.kind == Channel.EMAIL else None
        if suppression and Reason(suppression.reason) not in LIFTED_BY_OWNER:
            raise Refused("reader-said-no", "its reader wanted no more mail, and alone can say otherwise")
        _confirmed(row)
        if row.reason in PLAN_REASONS:
            raise Refused("plan", "the plan has no room for it; remove another, or take a larger plan")
        self.store.set_endpoint_state(endpoint_id, EndpointState.ACTIVE, self.clock.now())

    def remove(self, account_id: str, endpoint_id: str) -> None:
        """Remove it with its secrets."""
        if not self.endings.remove_endpoint(account_id, endpoint_id, self.clock.now()):
            raise none_such("endpoint")

    def delivery(self, account_id: str, delivery_id: str) -> ListedDelivery:
        """One of the account's deliveries."""
        for found in self.store.deliveries(account_id, reference=delivery_id, limit=1):
            if found.id == delivery_id:
                return found
        raise none_such("delivery")

    def send_again(self, account_id: str, delivery_id: str) -> None:
        """Make one delivery due at once."""
        if self.delivery(account_id, delivery_id).state == DeliveryState.SKIPPED:
            raise Refused("plan-skipped", "the plan did not include it; a larger one tells what comes after")
        try:
            self.store.replay(delivery_id, self.clock.now())
        except IllegalMove as error:
            raise Refused("not-repeatable", str(error)) from None

    def send_many_again(
        self, account_id: str, states: Collection[DeliveryState], endpoint_id: str | None, since: datetime | None
    ) -> int:
        """Make due what stands in these states, of one endpoint or of all, made since then or ever; how many."""
        if not REPEATABLE.issuperset(states):
            raise invalid("states", f"only {', '.join(sorted(REPEATABLE))} are sent again in bulk")
        if endpoint_id is not None and endpoint_id not in {one.id for one in self.store.endpoints(account_id)}:
            raise invalid("endpoint", "it is none of this account's endpoints")
        return self.replay(Wanted(account_id, states, endpoint_id, since), self.clock.now())


def _confirmed(row: EndpointRow) -> None:
    if row.state == EndpointState.UNCONFIRMED:
        raise Refused("unconfirmed", "its reader has not confirmed it yet, and it gets nothing until then")
