"""The one sequencer: appends to the ledger what was committed since, in bounded pages, each in its own transaction.

Whether a row is in the ledger stands in the row itself. So a row counts when it is committed, however old its id or
time is then; those from before the ledger was there are taken in like any other; and a page that was lost with its
process is simply still to be done.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlmodel import Session, col

from shared.clock import Clock
from shared.db.ledger.reading import newest_entry, newest_head
from shared.db.ledger.subjects import Subject, of_kind
from shared.db.session import Database
from shared.db.tables import ChangeRow, LedgerEntryRow, LedgerHeadRow, SnapshotRow, VersionRow
from shared.evidence.heads import SigningKey
from shared.evidence.ledger import HEAD_EVERY, Entry, Head, Kind, hash_of, next_entry
from shared.logging import get_logger

PAGE = 100
"""Rows at a time: their reports are read whole, and on SQLite a page keeps other writers waiting."""

HEAD_AFTER = timedelta(seconds=5)
"""No entry waits longer for a head than this and the time to the sequencer's next turn."""

_SPENDS_S = 0.3
"""What one turn may take of its caller's time while there is more to take in."""

_LOCK = 0x636C_6175  # "clau": no other advisory lock of this database may be the same

log = get_logger()


class Sequencer:
    """Appends entries and signs heads. Two at once take turns, and together leave one chain."""

    def __init__(self, database: Database, clock: Clock, key: SigningKey, *, page: int = PAGE) -> None:
        self._database, self._clock, self._key, self._page = database, clock, key, page

    def run_once(self) -> int:
        """Take in what is due, for some tenths of a second at most; how many entries that made."""
        until, appended = self._clock.monotonic() + _SPENDS_S, 0
        while True:
            found, page = self.take_page()
            appended += page
            if found < self._page or self._clock.monotonic() >= until:
                break
        if appended:
            log.info("ledger.appended", entries=appended)
        return appended

    def take_page(self) -> tuple[int, int]:
        """Take in one page: how many subjects were found due, and how many entries were appended by us."""
        with self._database.reading() as session:
            due = _due(session, self._page)
            if not due and not _awaits_head(session, self._clock.now()):
                return 0, 0
        hashed = [(subject, hash_of(subject.facts)) for subject in due]
        with self._database.transaction() as session:
            _wait_for_turn(session)
            entries = self._append(session, hashed)
            self._sign(session, entries)
        return len(due), len(entries)

    def _append(self, session: Session, hashed: Sequence[tuple[Subject, str]]) -> list[Entry]:
        """An entry for each subject that no other sequencer has entered meanwhile."""
        claimed = _claim(session, [subject for subject, _ in hashed])
        last = newest_entry(session)
        entries, rows = list[Entry](), list[dict[str, Any]]()
        at = max(self._clock.now(), last.at) if last else self._clock.now()  # clocks of two machines may differ
        for subject, content in hashed:
            if (subject.kind, subject.id) in claimed:
                last = next_entry(last, subject.kind, subject.id, content, at)
                entries.append(last)
                rows.append(_entry_values(last, subject))
        if rows:
            session.connection().execute(insert(LedgerEntryRow), rows)
        return entries

    def _sign(self, session: Session, entries: Sequence[Entry]) -> None:
        """A head every so many entries, and at the end where the newest is of some time ago."""
        head, last = newest_head(session), entries[-1] if entries else newest_entry(session)
        signed = head.seq if head else 0
        heads = list[Head]()
        for entry in entries:
            if entry.seq - signed == HEAD_EVERY:
                heads.append(self._key.head(entry, entry.at))
                signed = entry.seq
        now = self._clock.now()
        is_late = head is None or now - head.at >= HEAD_AFTER
        if last and last.seq > signed and not heads and is_late:
            heads.append(self._key.head(last, max(now, last.at)))
        if heads:
            session.connection().execute(insert(LedgerHeadRow), [self._head_values(one) for one in heads])

    def _head_values(self, head: Head) -> dict[str, Any]:
        return {
            "seq": head.seq,
            "hash": head.hash,
            "at": head.at,
            "key_id": head.key_id,
            "public_key": self._key.public.pem,
            "signature": head.signature,
        }


def _due(session: Session, limit: int) -> list[Subject]:
    """What is to be entered next. A snapshot comes before its versions, a version before its changes.

    They are asked for in the opposite order: whose snapshot is committed between two questions waits for the next page.
    """
    behind = col(ChangeRow.entered_revision) < col(ChangeRow.revision)
    marks = (col(ChangeRow.id), col(ChangeRow.entered_revision))
    oldest = (col(ChangeRow.detected_at), col(ChangeRow.id))
    of_changes = session.execute(select(*marks).where(behind).order_by(*oldest).limit(limit)).all()
    of_versions = _unentered(session, VersionRow, col(VersionRow.first_seen_at), limit)
    of_snapshots = _unentered(session, SnapshotRow, col(SnapshotRow.captured_at), limit)
    wanted = [(Kind.SNAPSHOT, one) for one in of_snapshots] + [(Kind.VERSION, one) for one in of_versions]
    wanted += [(Kind.CHANGE if entered < 0 else Kind.REVISION, one) for one, entered in of_changes]
    return _read(session, wanted[:limit])


def _unentered(session: Session, row: type[SnapshotRow] | type[VersionRow], oldest: Any, limit: int) -> Sequence[str]:
    due = select(col(row.id)).where(col(row.entered).is_(False)).order_by(oldest, col(row.id)).limit(limit)
    return session.scalars(due).all()


def _read(session: Session, wanted: Sequence[tuple[Kind, str]]) -> list[Subject]:
    """Their facts, in the order in which they are wanted."""
    found: dict[tuple[Kind, str], Subject] = {}
    for kind in Kind:
        subjects = of_kind(session, kind, [one for of, one in wanted if of is kind])
        found |= {(subject.kind, subject.id): subject for subject in subjects}
    return [found[one] for one in wanted if one in found]


def _claim(session: Session, due: Sequence[Subject]) -> set[tuple[Kind, str]]:
    """Marks them as entered; those that another sequencer has not marked before us."""
    claimed: set[tuple[Kind, str]] = set()
    for kind, row, is_open, mark in (
        (Kind.SNAPSHOT, SnapshotRow, col(SnapshotRow.entered).is_(False), {"entered": True}),
        (Kind.VERSION, VersionRow, col(VersionRow.entered).is_(False), {"entered": True}),
        (Kind.CHANGE, ChangeRow, col(ChangeRow.entered_revision) < 0, {"entered_revision": 0}),
    ):
        ids = [subject.id for subject in due if subject.kind is kind]
        claimed |= {(kind, one) for one in _marked(session, row, ids, is_open, mark)}
    for subject in due:
        if subject.kind is Kind.REVISION:
            behind = col(ChangeRow.entered_revision) < subject.revision
            mark = {"entered_revision": subject.revision}
            claimed |= {(subject.kind, one) for one in _marked(session, ChangeRow, [subject.id], behind, mark)}
    return claimed


def _marked(
    session: Session, row: type[Any], ids: Sequence[str], is_open: ColumnElement[bool], mark: Mapping[str, Any]
) -> Sequence[str]:
    if not ids:
        return ()
    statement = update(row).where(col(row.id).in_(ids), is_open).values(**mark).returning(col(row.id))
    return session.scalars(statement, execution_options={"synchronize_session": False}).all()


def _awaits_head(session: Session, now: datetime) -> bool:
    """Whether the newest entry is not vouched for, and has waited long enough."""
    head, last = newest_head(session), newest_entry(session)
    return last is not None and (head is None or (last.seq > head.seq and now - head.at >= HEAD_AFTER))


def _wait_for_turn(session: Session) -> None:
    """From here to the commit nobody else appends; on SQLite a writing transaction is alone from its beginning."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _entry_values(entry: Entry, subject: Subject) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "kind": str(entry.kind),
        "subject_id": entry.subject_id,
        "revision": subject.revision,
        "facts": subject.facts,
        "content_sha256": entry.content_sha256,
        "at": entry.at,
        "previous": entry.previous,
        "hash": entry.hash,
    }
