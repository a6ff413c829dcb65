"""What an account does about its subscriptions: make, rewrite, pause and resume them, and say when it may be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from shared.clock import Clock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.endings import Endings
from shared.db.notifier.plan_changes import PlanStore
from shared.db.notifier.subscriptions import PastChange, SubscriptionStore
from shared.db.registry.documents import Documents
from shared.db.sources import Sources
from shared.db.tables import SubscriptionRow
from shared.domain.digests import QuietHours
from shared.domain.plans import limit_of, plan_named
from shared.domain.subscriptions import Subscription
from shared.usecases.accounts import Accounts, NotAllowed, Unknown
from shared.usecases.previewing import preview
from shared.usecases.refusals import Refused, invalid, none_such


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as it is stored, what it wants, and the ids of the endpoints that it tells."""

    row: SubscriptionRow
    wanted: Subscription
    endpoints: list[str]


@dataclass(frozen=True, slots=True)
class Subscribing:
    """Each use case raises Refused where it does nothing. `categories` are the ids of the taxonomy."""

    store: AccountStore
    accounts: Accounts
    endings: Endings
    subscriptions: SubscriptionStore
    plans: PlanStore
    sources: Sources
    documents: Documents
    categories: Collection[str]
    clock: Clock

    def listed(self, account_id: str) -> list[Subscribed]:
        """All of an account's, oldest first."""
        found = self.store.subscriptions(account_id)
        told = self.endings.endpoints_told(account_id) if found else {}
        return [Subscribed(row, wanted, told.get(row.id, [])) for row, wanted in found]

    def one(self, account_id: str, subscription_id: str) -> Subscribed:
        """One of an account's own."""
        for found in self.listed(account_id):
            if found.row.id == subscription_id:
                return found
        raise none_such("subscription")

    def has(self, account_id: str, wanted: Subscription, endpoints: Sequence[str]) -> bool:
        """Whether a subscription that is not paused wants just this and tells just these."""
        return any(
            one.row.state == "active" and one.wanted == wanted and set(one.endpoints) == set(endpoints)
            for one in self.listed(account_id)
        )

    def make(self, account_id: str, wanted: Subscription, endpoints: Sequence[str]) -> str:
        """Subscribe; the new id."""
        self._check(account_id, wanted, endpoints)
        return self.store.subscribe(account_id, wanted, endpoints, self.clock.now())

    def rewrite(self, account_id: str, subscription_id: str, wanted: Subscription, endpoints: Sequence[str]) -> None:
        """Let a subscription want this and tell these; what it wanted before does not count against the plan."""
        self.one(account_id, subscription_id)
        self._check(account_id, wanted, endpoints, instead_of=subscription_id)
        self.endings.rewrite_subscription(account_id, subscription_id, wanted, endpoints)

    def preview(self, account_id: str, wanted: Subscription) -> list[PastChange]:
        """What of the last 90 days it would have told, newest first."""
        self._check_names(account_id, wanted)
        return preview(self.subscriptions, account_id, wanted, self.clock.now())

    def pause(self, account_id: str, subscription_id: str) -> None:
        """Tell nothing by it for now."""
        if not self.subscriptions.set_state(account_id, subscription_id, "paused"):
            raise none_such("subscription")

    def resume(self, account_id: str, subscription_id: str) -> None:
        """Tell by it again, where the plan has room for it."""
        self.one(account_id, subscription_id)
        refused = self.plans.resume(account_id, subscription_id)
        account = self.store.account(account_id)
        if refused and account:
            said = f"{limit_of(plan_named(account.plan), refused)}; pause another, or take a larger plan"
            raise Refused("plan", said)

    def remove(self, account_id: str, subscription_id: str) -> None:
        """End it."""
        if not self.endings.remove_subscription(account_id, subscription_id):
            raise none_such("subscription")

    def mute(self, account_id: str, document_id: str) -> None:
        """Tell nothing more of a document, whatever is subscribed to."""
        if self.documents.one(document_id) is None:
            raise none_such("document")
        self.subscriptions.mute(account_id, document_id, self.clock.now())

    def unmute(self, account_id: str, document_id: str) -> None:
        """Tell of it again."""
        if not self.subscriptions.unmute(account_id, document_id):
            raise none_such("muted document")

    def set_hours(self, account_id: str, timezone: str, quiet: str) -> None:
        """When an account may be told: an IANA time zone, and quiet hours as `22:00-07:00`, empty for none."""
        if timezone not in available_timezones():
            raise invalid("timezone", "there is no such time zone; one is Europe/Berlin")
        try:
            hours = QuietHours.wished(quiet) if quiet else None
        except ValueError as error:
            raise invalid("quiet", f"{error}; write 22:00-07:00, or leave it empty") from None
        self.subscriptions.set_hours(account_id, timezone, hours, self.clock.now())

    def _check(self, account_id: str, wanted: Subscription, endpoints: Sequence[str], *, instead_of: str = "") -> None:
        self._check_names(account_id, wanted)
        try:
            self.accounts.check(account_id, wanted, endpoints, instead_of=instead_of)
        except NotAllowed as error:
            raise Refused("plan", f"{error}; a larger plan includes it") from None
        except Unknown:
            raise invalid("endpoints", "an id is none of this account's endpoints") from None

    def _check_names(self, account_id: str, wanted: Subscription) -> None:
        """Refused for what names nothing: whoever mistypes a platform would wait for ever.

        A type that the account's subscriptions name already may stay: operators can have given its documents another.
        """
        inside = wanted.platforms or wanted.documents or wanted.document_types
        watched = self.sources.names() if inside else []
        types = {one.type for one in watched}
        if not types.issuperset(wanted.document_types):
            types.update(*(before.document_types for _, before in self.store.subscriptions(account_id)))
        checks: tuple[tuple[str, frozenset[str], Collection[str]], ...] = (
            ("platforms", wanted.platforms, {one.platform_slug for one in watched}),
            ("documents", wanted.documents, {one.id for one in watched}),
            ("types", wanted.document_types, types),
            ("categories", wanted.categories, self.categories),
            ("provisions", wanted.provisions, self.subscriptions.provisions_among(wanted.provisions)),
        )
        for field, given, there_are in checks:
            for value in sorted(given):
                if value not in there_are:
                    raise invalid(field, f"{value[:100]!r} names none that there is")
