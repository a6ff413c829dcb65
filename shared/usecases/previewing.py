"""What a subscription would have told: an answer before it is made, by the rule that tells."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from shared.db.notifier.subscriptions import PastChange
from shared.domain.subscriptions import Subscription, matches

PREVIEW = timedelta(days=90)
"""How far a preview looks back."""


class Store(Protocol):
    """What a preview reads; see `shared.db.notifier.subscriptions.SubscriptionStore`."""

    def changes_since(self, since: datetime) -> list[PastChange]: ...

    def inside(self, changes: Iterable[PastChange]) -> Iterator[PastChange]: ...

    def muted(self, account_id: str) -> set[str]: ...


def preview(
    store: Store, account_id: str, wanted: Subscription, now: datetime, *, inside: bool = False
) -> list[PastChange]:
    """The changes of the last 90 days that a subscription would have told this account of, newest first.

    What is in a change is read where the subscription goes by it, and where `inside` asks for it.
    """
    muted, at_large = store.muted(account_id), replace(wanted, categories=frozenset(), provisions=frozenset())
    reaching = [
        one
        for one in store.changes_since(now - PREVIEW)
        if one.facts.document_id not in muted and matches(at_large, one.facts)
    ]
    if not inside and not wanted.by_provision:
        return reaching
    return [one for one in store.inside(reaching) if matches(wanted, one.facts)]
