"""What a subscription would have told: an answer before it is made, by the rule that tells."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from shared.db.notifier.subscriptions import PastChange
from shared.domain.subscriptions import Subscription, matches

PREVIEW = timedelta(days=90)
"""How far a preview looks back."""


class Store(Protocol):
    """What a preview reads; see `shared.db.notifier.subscriptions.SubscriptionStore`."""

    def changes_since(self, since: datetime) -> Iterator[PastChange]: ...

    def muted(self, account_id: str) -> set[str]: ...


def preview(store: Store, account_id: str, wanted: Subscription, now: datetime) -> list[PastChange]:
    """The changes of the last 90 days that a subscription would have told this account of, newest first."""
    return list(_reaching(store.changes_since(now - PREVIEW), wanted, store.muted(account_id)))


def _reaching(changes: Iterable[PastChange], wanted: Subscription, muted: Collection[str]) -> Iterator[PastChange]:
    return (one for one in changes if one.facts.document_id not in muted and matches(wanted, one.facts))
