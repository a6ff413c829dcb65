"""Subscriptions after they were made: paused, resumed, muted for a document; and what one would have told."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, delete, func, select, text, union, update
from sqlmodel import Session, col

from shared.db.session import Database
from shared.db.tables import (
    AccountRow,
    ChangeRow,
    ChangeTermRow,
    DeliveryRow,
    DocumentRow,
    EndpointRow,
    MuteRow,
    PlatformRow,
    RegisteredProvisionRow,
    SubscriptionEndpointRow,
    SubscriptionRow,
    SubscriptionTermRow,
)
from shared.db.tables.notifier import HELD_FOR_DIGEST
from shared.db.upsert import insert_missing
from shared.domain.digests import QuietHours, period_at, zone_named
from shared.domain.subscriptions import Cadence, ChangeFacts, TermKind

_PAGE = 100


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change that was told, with what subscriptions go by."""

    id: str
    detected_at: datetime
    platform: str
    headline: str
    facts: ChangeFacts


_PAST: Select[*tuple[Any, ...]] = (
    select(
        col(ChangeRow.id),
        col(ChangeRow.detected_at),
        col(ChangeRow.severity),
        col(ChangeRow.direction),
        col(ChangeRow.headline),
        col(ChangeRow.document_id),
        col(DocumentRow.type),
        col(PlatformRow.slug),
        col(PlatformRow.name),
    )
    .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .where(col(ChangeRow.alert).is_(True), col(ChangeRow.status) != "retracted")
    .order_by(col(ChangeRow.detected_at).desc(), col(ChangeRow.id))
)


class SubscriptionStore:
    """Reads and writes what became of subscriptions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def addresses(self, account_id: str) -> dict[str, list[str]]:
        """For each of an account's subscriptions, the addresses that it tells, oldest first."""
        statement = (
            select(col(SubscriptionEndpointRow.subscription_id), col(EndpointRow.address))
            .join(EndpointRow, col(EndpointRow.id) == col(SubscriptionEndpointRow.endpoint_id))
            .where(col(EndpointRow.account_id) == account_id)
            .order_by(col(EndpointRow.created_at), col(EndpointRow.id))
        )
        found: dict[str, list[str]] = {}
        with self._database.reading() as session:
            for subscription_id, address in session.execute(statement):
                found.setdefault(subscription_id, []).append(address)
        return found

    def set_state(self, account_id: str, subscription_id: str, state: str) -> bool:
        """Make a subscription active or paused; False where the account has none of that id."""
        mine = (col(SubscriptionRow.id) == subscription_id, col(SubscriptionRow.account_id) == account_id)
        with self._database.transaction() as session:
            changed = session.execute(update(SubscriptionRow).where(*mine).values(state=state, reason=None))
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    def mute(self, account_id: str, document_id: str, now: datetime) -> bool:
        """Tell the account nothing more of a document; False where that is so already."""
        values = {"account_id": account_id, "document_id": document_id, "created_at": now}
        with self._database.transaction() as session:
            return insert_missing(session, MuteRow, values)

    def unmute(self, account_id: str, document_id: str) -> bool:
        """Tell it of the document again; False where it was not muted."""
        mine = (col(MuteRow.account_id) == account_id, col(MuteRow.document_id) == document_id)
        with self._database.transaction() as session:
            return bool(session.execute(delete(MuteRow).where(*mine)).rowcount)  # type: ignore[attr-defined]

    def muted(self, account_id: str) -> set[str]:
        """The documents that the account does not hear of."""
        statement = select(col(MuteRow.document_id)).where(col(MuteRow.account_id) == account_id)
        with self._database.reading() as session:
            return set(session.scalars(statement))

    def naming(self, kind: TermKind, value: str) -> int:
        """How many subscriptions, of any account, name that."""
        terms = SubscriptionTermRow
        query = select(func.count()).where(col(terms.kind) == kind.value, col(terms.value) == value)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def provisions_among(self, ids: Collection[str]) -> set[str]:
        """Those of these ids that name a provision: one that stands, or one that a change told of."""
        if not ids:
            return set()
        standing = select(col(RegisteredProvisionRow.provision_id)).where(
            col(RegisteredProvisionRow.provision_id).in_(ids)
        )
        told = select(col(ChangeTermRow.value)).where(
            col(ChangeTermRow.kind) == "provision", col(ChangeTermRow.value).in_(ids)
        )
        with self._database.reading() as session:
            return set(session.scalars(union(standing, told)))

    def set_hours(self, account_id: str, timezone: str | None, quiet: QuietHours | None, now: datetime) -> None:
        """Set an account's time zone, unless that is None, and its quiet hours; None means it has none.

        What waits for a daily or weekly digest comes in the one that is next in the new zone.
        """
        values: dict[str, str | None] = {"quiet_hours": str(quiet) if quiet else None}
        if timezone is not None:
            values["timezone"] = timezone
        with self._database.transaction() as session:
            session.execute(update(AccountRow).where(col(AccountRow.id) == account_id).values(**values))
            if timezone is not None:
                _put_into_next_digest(session, account_id, zone_named(timezone), now)

    def changes_since(self, since: datetime) -> list[PastChange]:
        """The changes that were told since a moment and not taken back, newest first; `inside` says what is in them."""
        with self._database.reading() as session:
            return [_past(row) for row in session.execute(_PAST.where(col(ChangeRow.detected_at) >= since))]

    def inside(self, changes: Iterable[PastChange]) -> Iterator[PastChange]:
        """The same with the categories and provisions that they are about: a page of reports in memory at a time.

        The registry's index does for lists, but leaves out what changed in wording alone, of which some want to hear.
        """
        with self._database.reading() as session:
            there_are = iter(changes)
            while page := list(islice(there_are, _PAGE)):
                query = select(col(ChangeRow.id), col(ChangeRow.report)).where(
                    col(ChangeRow.id).in_([one.id for one in page])
                )
                reports = {change_id: report["provisions"] for change_id, report in session.execute(query)}
                yield from (_with_provisions(one, reports[one.id]) for one in page)


def _put_into_next_digest(session: Session, account_id: str, zone: ZoneInfo, now: datetime) -> None:
    for cadence in (Cadence.DAILY, Cadence.WEEKLY):
        session.execute(
            update(DeliveryRow)
            .where(
                text(HELD_FOR_DIGEST),
                col(DeliveryRow.account_id) == account_id,
                col(DeliveryRow.cadence) == cadence.value,
                col(DeliveryRow.due_at) > now,
            )
            .values(due_at=period_at(cadence, now, zone).end),
            execution_options={"synchronize_session": False},
        )


def _past(row: Row[*tuple[Any, ...]]) -> PastChange:
    facts = ChangeFacts(
        platform=row.slug,
        document_id=row.document_id,
        document_type=row.type,
        severity=row.severity,
        direction=row.direction,
    )
    return PastChange(row.id, row.detected_at, row.name, row.headline, facts)


def _with_provisions(change: PastChange, provisions: Sequence[Mapping[str, Any]]) -> PastChange:
    facts = replace(
        change.facts,
        categories=frozenset(category for provision in provisions for category in provision["categories"]),
        provision_ids=frozenset(provision["id"] for provision in provisions),
    )
    return replace(change, facts=facts)
