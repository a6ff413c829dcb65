"""What was held becomes messages: one for each endpoint and period, document of a day, or platform of a while."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from services.notifier.core.compose.digest import digest_data
from services.notifier.core.compose.webhook import iso
from shared.clock import Clock
from shared.db.notifier.digest_items import Batch, Item, Key
from shared.db.notifier.digests import NewDigest, Plan
from shared.db.notifier.records import NewNotice
from shared.domain.deliveries import Channel, Reason
from shared.domain.digests import Period, is_quiet, latest_period, period_at, zone_named
from shared.domain.notices import NoticeKind, digest_subject
from shared.domain.subscriptions import Cadence
from shared.ids import new_id
from shared.logging import get_logger

log = get_logger()

PAGE = 200
"""Endpoints whose digests are made in one transaction."""

_MOMENT = timedelta(microseconds=1)


class Store(Protocol):
    """What digests need of the database; see `shared.db.notifier.digests.DigestStore`."""

    def waiting(self, now: datetime, after: Key, limit: int) -> list[Key]: ...

    def make(self, keys: Sequence[Key], plan: Callable[[Batch], Plan], now: datetime) -> int: ...


class Digester:
    """Makes the digests that are due. `made` is called where deliveries may now be sent.

    Below `public_url`, where there is one, each has a page that shows all of it.
    """

    def __init__(
        self, store: Store, clock: Clock, made: Callable[[], None], *, page: int = PAGE, public_url: str = ""
    ) -> None:
        self._store, self._clock, self._made, self._page = store, clock, made, page
        self._public_url = public_url.rstrip("/")

    def make_due(self) -> int:
        """Make every digest that is due now; how many deliveries may now be sent."""
        now, begun = self._clock.now(), 0
        after: Key = ("", "")
        while keys := self._store.waiting(now, after, self._page):
            begun += self._store.make(keys, lambda batch: plan_of(batch, now, self._public_url), now)
            after = keys[-1]
        if begun:
            log.info("digests.made", deliveries=begun)
            self._made()
        return begun


def plan_of(batch: Batch, now: datetime, public_url: str = "") -> Plan:
    """What becomes of an endpoint's due items; nothing yet while its people want quiet."""
    watcher = batch.watcher
    if watcher.channel is not Channel.WEBHOOK and is_quiet(watcher.quiet, now, zone_named(watcher.timezone)):
        return Plan()
    withdrawn = tuple(item for item in batch.items if _was_retracted(item))
    alone = tuple(item for item in batch.items if item.change is None and item.kind is not NoticeKind.CONDITION)
    items = tuple(item for item in batch.items if item not in withdrawn and item not in alone)
    digest = partial(_digest, batch, public_url)
    told = _of_period(batch, items, now, digest) if batch.cadence.is_digest else _of_a_kind(batch, items, digest)
    return Plan(told.digests, told.alone + alone, told.later, withdrawn)


def _was_retracted(item: Item) -> bool:
    """Whether its change was taken back before anybody heard of it."""
    return item.kind is NoticeKind.CHANGE_DETECTED and item.change is not None and item.change.status == "retracted"


def _of_period(batch: Batch, items: Sequence[Item], now: datetime, digest: Callable[..., NewDigest]) -> Plan:
    """All that is due by the end of the latest period in one message; what was held since waits for the next."""
    zone = zone_named(batch.watcher.timezone)
    period = latest_period(batch.cadence, now, zone)
    following = period_at(batch.cadence, period.end + _MOMENT, zone).end
    due = tuple(item for item in items if item.due_at <= period.end)
    since = tuple(item for item in items if item.due_at > period.end)
    digests = (digest(due, period, otherwise=following),) if due else ()
    return Plan(digests, later=((following, since),) if since else ())


def _of_a_kind(batch: Batch, items: Sequence[Item], digest: Callable[..., NewDigest]) -> Plan:
    """One message for each document of the same day, or each platform: the alert itself where only one came."""
    kinds: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        kinds[_kind(batch.cadence, item)].append(item)
    alone = tuple(group[0] for group in kinds.values() if len(group) == 1)
    digests = []
    for kind, group in kinds.items():
        if len(group) > 1:
            begin, end = min(item.created_at for item in group), max(item.due_at for item in group)
            period = Period(begin, end, f"{iso(end)}:{kind}")
            digests.append(digest(tuple(group), period, otherwise=None))
    return Plan(tuple(digests), alone)


def _kind(cadence: Cadence, item: Item) -> str:
    if cadence is Cadence.IMMEDIATE and item.change is not None:
        return str(item.change.platform_slug)
    return item.document_id or item.notice_id


def _digest(
    batch: Batch, public_url: str, items: tuple[Item, ...], period: Period, *, otherwise: datetime | None
) -> NewDigest:
    digest_id, endpoint_id = new_id("dig"), batch.watcher.endpoint_id
    about = {
        "id": digest_id,
        "cadence": batch.cadence.value,
        "period": {"name": period.name, "start": iso(period.start), "end": iso(period.end)},
        "over_quota": sum(item.reason == Reason.QUOTA for item in items),
        "link": f"{public_url}/digests/{digest_id}" if public_url else None,
    }
    data = digest_data(
        about,
        [_line(item.kind, item.change) for item in items if item.change is not None],
        [item.data for item in items if item.kind is NoticeKind.CONDITION],
    )
    (document_id,) = {item.document_id for item in items} if batch.cadence is Cadence.SAME_DAY else {None}
    notice = NewNotice(
        NoticeKind.DIGEST,
        digest_subject(endpoint_id, batch.cadence.value, period.name),
        new_id("cor"),
        document_id,
        data,
    )
    return NewDigest(batch, digest_id, period.name, period.end, items, notice, otherwise)


def _line(kind: NoticeKind, change: Any) -> dict[str, Any]:
    return {
        "type": kind.value,
        "id": change.id,
        "platform": {"slug": change.platform_slug, "name": change.platform_name},
        "document": {"id": change.document_id, "type": change.document_type, "url": change.url},
        "severity": change.severity,
        "direction": change.direction,
        "headline": change.headline,
        "detected_at": iso(change.detected_at),
    }
