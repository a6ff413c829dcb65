"""Repository of what is watched: platforms, documents, and when each is looked at."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_, update
from sqlmodel import Session, col

from shared.db.amending import Amended, Amendment, Changed, amend, newest_amendments
from shared.db.looks import CheckSeen, LastFailure, last_failures, newest_checks, open_conditions
from shared.db.remembering import Remembered
from shared.db.session import Database
from shared.db.tables import (
    ConditionRow,
    DocumentRow,
    HeadRow,
    PlatformRow,
    ScheduleRow,
)
from shared.db.upsert import insert_missing
from shared.domain.addresses import host_of
from shared.domain.documents import Declaration
from shared.ids import new_id


class UnknownDocument(Exception):
    """A reference that names no document, or more than one."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document somebody asks to have watched. Times in seconds.

    `interval_s` is the interval to begin with; it adapts, unless `check_every_s` fixes it.
    """

    platform: str
    type: str
    declaration: Declaration
    confirm_after_s: float
    interval_s: float
    check_every_s: float | None = None


@dataclass(frozen=True, slots=True)
class WatchedDocument:
    """A document with its schedule, as lists show it."""

    id: str
    platform: str
    platform_slug: str
    type: str
    url: str
    declared: dict[str, Any]
    """The declaration as it is stored."""
    state: str
    confirm_after_s: float
    check_every_s: float | None
    """A fixed interval; None: by how often the text changes."""
    interval_s: float
    next_check_at: datetime
    confirm_at: datetime | None
    last_checked_at: datetime | None
    last_changed_at: datetime | None
    retry_at: datetime | None
    """After a failed check: not before this, whatever is due."""
    failures: int
    versions: int
    last_failure: LastFailure | None = None
    """Where the newest check failed."""
    conditions: tuple[str, ...] = ()

    @property
    def declaration(self) -> Declaration:
        """Read anew each time: lists, which show none of it, do without."""
        return Declaration.model_validate(self.declared)


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """What a document is called."""

    id: str
    platform: str
    platform_slug: str
    type: str


Place = tuple[str, str, str]
"""Where a page ended: platform's slug, type, id."""

_NAMES = (
    select(col(DocumentRow.id), col(PlatformRow.name), col(PlatformRow.slug), col(DocumentRow.type))
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .join(ScheduleRow, col(ScheduleRow.document_id) == col(DocumentRow.id))
    .order_by(col(PlatformRow.name), col(DocumentRow.type), col(DocumentRow.url))
)
_WATCHED: Select[*tuple[Any, ...]] = (
    select(
        col(DocumentRow.id),
        col(PlatformRow.name),
        col(PlatformRow.slug),
        col(DocumentRow.type),
        col(DocumentRow.url),
        col(DocumentRow.declaration),
        col(DocumentRow.state),
        col(DocumentRow.confirm_after_s),
        col(DocumentRow.check_every_s),
        col(ScheduleRow.interval_s),
        col(ScheduleRow.next_check_at),
        col(ScheduleRow.confirm_at),
        col(ScheduleRow.last_checked_at),
        col(ScheduleRow.last_changed_at),
        col(ScheduleRow.retry_at),
        col(ScheduleRow.failures),
        func.coalesce(col(HeadRow.sequence), 0),
    )
    .join(PlatformRow, col(PlatformRow.id) == col(DocumentRow.platform_id))
    .join(ScheduleRow, col(ScheduleRow.document_id) == col(DocumentRow.id))
    .join(HeadRow, col(HeadRow.document_id) == col(DocumentRow.id), isouter=True)
)

_IN_TROUBLE = (col(ScheduleRow.failures) > 0) | col(DocumentRow.id).in_(
    select(col(ConditionRow.document_id)).where(col(ConditionRow.ended_at).is_(None))
)


def platform_slug(name: str) -> str:
    """The lower-case name that stands in addresses and subscriptions: "Claude.ai" becomes "claude-ai".

    Letters of any script stay, without their accents, so that two platforms never share a slug for want of Latin ones.
    """
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", bare).casefold()).strip("-")


class Sources:
    """Reads and writes platforms, documents and schedules."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: Remembered[Sequence[NamedDocument]] = Remembered(database, most=1)

    def watch(self, wanted: Iterable[NewDocument], now: datetime) -> list[tuple[str, bool]]:
        """Watch documents, all or none; for each its id, and whether it is new.

        A document is known by platform, type and first URL; one that is watched already is left as it is.
        """
        with self._database.transaction() as session:
            return [_watch(session, document, now) for document in wanted]

    def amend(self, document_id: str, wanted: Amendment, now: datetime, by: str | None = None) -> list[Changed]:
        """Change the settings of a watched document; see `shared.db.amending`, also for what it raises."""
        with self._database.transaction() as session:
            return amend(session, document_id, wanted, now, by)

    def amendments(self, document_id: str, *, limit: int) -> list[Amended]:
        """What was changed of a document's settings, newest first."""
        with self._database.reading() as session:
            return newest_amendments(session, document_id, limit)

    def documents(self, *, platform: str | None = None) -> list[WatchedDocument]:
        """Every document, or those of one platform (name or slug), by platform and type."""
        query = _WATCHED.order_by(col(PlatformRow.name), col(DocumentRow.type), col(DocumentRow.url))
        if platform is not None:
            query = query.where(col(PlatformRow.slug) == platform_slug(platform))
        return self._read(query)

    def page(
        self, *, platform: str | None = None, in_trouble: bool = False, after: Place | None = None, limit: int
    ) -> list[WatchedDocument]:
        """A part of the same, by platform's slug, type and id, from the one behind `after` on.

        `in_trouble`: only those that failed at their last check, or have a condition.
        """
        order = (col(PlatformRow.slug), col(DocumentRow.type), col(DocumentRow.id))
        query = _WATCHED.order_by(*order).limit(limit)
        if platform is not None:
            query = query.where(col(PlatformRow.slug) == platform_slug(platform))
        if in_trouble:
            query = query.where(_IN_TROUBLE)
        if after is not None:
            query = query.where(tuple_(*order) > tuple_(*after))
        return self._read(query)

    def names(self) -> Sequence[NamedDocument]:
        """What every document is called, by platform and type, where no more than that matters."""
        return self._names.of("names", self._read_names)

    def _read_names(self) -> Sequence[NamedDocument]:
        with self._database.reading() as session:
            return tuple(NamedDocument(*row) for row in session.execute(_NAMES))

    def one(self, document_id: str) -> WatchedDocument | None:
        """The document of exactly that id."""
        return next(iter(self._read(_WATCHED.where(col(DocumentRow.id) == document_id))), None)

    def find(self, reference: str) -> WatchedDocument:
        """The document that an id or `platform/type` names, or the beginning of one; UnknownDocument otherwise."""
        found = self._named(reference) if reference else []
        if len(found) == 1:
            return found[0]
        if not found:
            raise UnknownDocument(f"no document is called {reference!r}: `clausewatch watch list` shows them")
        several = ", ".join(f"{document.id} ({document.url})" for document in found[:4])
        raise UnknownDocument(f"{reference!r} names several documents, take one of: {several}")

    def set_state(self, document_id: str, state: str, now: datetime) -> None:
        """Pause or resume a document (`paused`, `active`); a resumed one is looked at at once."""
        with self._database.transaction() as session:
            session.execute(update(DocumentRow).where(col(DocumentRow.id) == document_id).values(state=state))
            if state == "active":
                _make_due(session, [document_id], now)

    def make_due(self, document_ids: Sequence[str], now: datetime) -> None:
        """Ask for a check as soon as the host allows it."""
        with self._database.transaction() as session:
            _make_due(session, document_ids, now)

    def newest_check(self, document_id: str) -> CheckSeen | None:
        """The last check of a document, or None before the first."""
        checks = self.checks(document_id, limit=1)
        return checks[0] if checks else None

    def checks(self, document_id: str, *, limit: int) -> list[CheckSeen]:
        """A document's checks with what its snapshots were judged to be, newest first."""
        with self._database.reading() as session:
            return newest_checks(session, document_id, limit)

    def _named(self, reference: str) -> list[WatchedDocument]:
        platform, slash, kind = reference.partition("/")
        if not slash:
            return self._read(_WATCHED.where(col(DocumentRow.id).startswith(reference, autoescape=True)).limit(5))
        wanted = platform_slug(kind)
        documents = self.documents(platform=platform)
        exact = [document for document in documents if platform_slug(document.type) == wanted]
        return exact or [document for document in documents if platform_slug(document.type).startswith(wanted)]

    def _read(self, query: Select[*tuple[Any, ...]]) -> list[WatchedDocument]:
        with self._database.reading() as session:
            found = [WatchedDocument(*row) for row in session.execute(query)]
            conditions = open_conditions(session, [one.id for one in found])
            failing = [one.id for one in found if one.failures or one.retry_at]
            failures = last_failures(session, failing) if failing else {}
        return [
            replace(one, last_failure=failures.get(one.id), conditions=conditions.get(one.id, ()))
            if one.id in failures or one.id in conditions
            else one
            for one in found
        ]


def _watch(session: Session, wanted: NewDocument, now: datetime) -> tuple[str, bool]:
    slug = platform_slug(wanted.platform)
    insert_missing(
        session, PlatformRow, {"id": new_id("plt"), "slug": slug, "name": wanted.platform.strip(), "created_at": now}
    )
    platform_id = session.scalar(select(col(PlatformRow.id)).where(col(PlatformRow.slug) == slug))
    url = wanted.declaration.parts[0].url
    document_id = new_id("doc")
    is_new = insert_missing(
        session,
        DocumentRow,
        {
            "id": document_id,
            "platform_id": platform_id,
            "type": wanted.type.strip(),
            "url": url,
            "declaration": wanted.declaration.model_dump(mode="json"),
            "state": "active",
            "confirm_after_s": wanted.confirm_after_s,
            "check_every_s": wanted.check_every_s,
            "created_at": now,
        },
    )
    if not is_new:
        known = select(col(DocumentRow.id)).where(
            col(DocumentRow.platform_id) == platform_id,
            col(DocumentRow.type) == wanted.type.strip(),
            col(DocumentRow.url) == url,
        )
        return session.scalars(known).one(), False
    interval_s = wanted.check_every_s or wanted.interval_s
    session.add(ScheduleRow(document_id=document_id, host=host_of(url), next_check_at=now, interval_s=interval_s))
    session.flush()
    return document_id, True


def _make_due(session: Session, document_ids: Sequence[str], now: datetime) -> None:
    """Somebody asking outweighs the wait after a failure; what is overdue keeps its place in the queue."""
    asked = col(ScheduleRow.document_id).in_(document_ids)
    later = asked & (col(ScheduleRow.next_check_at) > now)
    session.execute(update(ScheduleRow).where(asked).values(retry_at=None))
    session.execute(update(ScheduleRow).where(later).values(next_check_at=now))
