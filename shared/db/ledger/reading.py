"""The ledger as it is read: heads, keys, and the proof that a subject is in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.db.session import Database
from shared.db.tables import LedgerEntryRow, LedgerHeadRow
from shared.evidence.ledger import Entry, Head, Kind, Segment

_LINK = tuple(
    getattr(LedgerEntryRow, name) for name in ("seq", "kind", "subject_id", "content_sha256", "at", "previous", "hash")
)
"""The columns of an entry; beside them a row has the subject's facts, which are long."""


class NotYetProven(Exception):
    """A subject that is not in the ledger, or that no head vouches for: the sequencer has not come to it yet."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A subject with what was hashed of it."""

    kind: Kind
    id: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that subjects are in the ledger: `segments` in order of seq, the newest head last."""

    subjects: tuple[Proven, ...]
    segments: tuple[Segment, ...]
    public_keys: str
    """Of these heads, in PEM one after the other; one, unless the installation changed its key."""


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """A head with the key that it is checked by (PEM)."""

    head: Head
    public_key: str


class Ledger:
    """Reads the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> PublishedHead | None:
        """The newest head; None where none was signed yet."""
        found = self.heads(limit=1)
        return found[0] if found else None

    def heads(self, *, before: int | None = None, limit: int) -> list[PublishedHead]:
        """Heads, newest first; of those before a seq, where one is given."""
        statement = select(LedgerHeadRow).order_by(col(LedgerHeadRow.seq).desc()).limit(limit)
        if before is not None:
            statement = statement.where(col(LedgerHeadRow.seq) < before)
        with self._database.reading() as session:
            return [PublishedHead(head_of(row), row.public_key) for row in session.scalars(statement)]

    def public_keys(self) -> list[str]:
        """Every key that ever signed a head, in PEM, the one that signed the newest first."""
        newest = func.max(col(LedgerHeadRow.seq)).desc()
        statement = select(col(LedgerHeadRow.public_key)).group_by(col(LedgerHeadRow.public_key)).order_by(newest)
        with self._database.reading() as session:
            return list(session.scalars(statement))

    def entries(self, first: int, last: int) -> list[Entry]:
        """The entries from one seq to another, both included, as far as a head vouches for them."""
        vouched = select(func.max(col(LedgerHeadRow.seq))).scalar_subquery()
        seq = col(LedgerEntryRow.seq)
        links = select(*_LINK).where(seq.between(first, last), seq <= vouched).order_by(seq)
        with self._database.reading() as session:
            return [Entry(number, Kind(kind), *rest) for number, kind, *rest in session.execute(links)]

    def last_entered_at(self) -> datetime | None:
        """When the newest entry was appended; None where there is none."""
        with self._database.reading() as session:
            entry = newest_entry(session)
            return entry.at if entry else None

    def proof(self, subjects: Sequence[tuple[Kind, str]]) -> Proof:
        """The facts of these subjects and their chains, each to the next head. NotYetProven names one that has none.

        A revision is the change's last one, and is left out where the change was never corrected or retracted.
        """
        with self._database.reading() as session:
            rows = [row for kind, one in subjects if (row := _row(session, kind, one))]
            heads: dict[int, PublishedHead] = {}
            first: dict[int, int] = {}
            for row in rows:
                found = _head_over(session, row)
                heads[found.head.seq] = found
                first[found.head.seq] = min(row.seq, first.get(found.head.seq, row.seq))
            segments = [
                Segment(_entries(session, first[seq], seq), published.head) for seq, published in sorted(heads.items())
            ]
        keys = dict.fromkeys(published.public_key for _, published in sorted(heads.items()))
        return Proof(
            tuple(Proven(Kind(row.kind), row.subject_id, row.facts) for row in rows), tuple(segments), "".join(keys)
        )


def newest_entry(session: Session) -> Entry | None:
    """The end of the chain."""
    row = session.scalars(select(LedgerEntryRow).order_by(col(LedgerEntryRow.seq).desc()).limit(1)).first()
    return entry_of(row) if row else None


def newest_head(session: Session) -> Head | None:
    """The head that vouches for most."""
    row = session.scalars(select(LedgerHeadRow).order_by(col(LedgerHeadRow.seq).desc()).limit(1)).first()
    return head_of(row) if row else None


def entry_of(row: LedgerEntryRow) -> Entry:
    return Entry(row.seq, Kind(row.kind), row.subject_id, row.content_sha256, row.at, row.previous, row.hash)


def head_of(row: LedgerHeadRow) -> Head:
    return Head(row.seq, row.hash, row.at, row.key_id, row.signature)


def entries_of(rows: Iterable[LedgerEntryRow]) -> tuple[Entry, ...]:
    return tuple(map(entry_of, rows))


def _row(session: Session, kind: Kind, subject_id: str) -> LedgerEntryRow | None:
    mine = (col(LedgerEntryRow.kind) == str(kind), col(LedgerEntryRow.subject_id) == subject_id)
    newest = select(LedgerEntryRow).where(*mine).order_by(col(LedgerEntryRow.revision).desc()).limit(1)
    row = session.scalars(newest).first()
    if row is None and kind is not Kind.REVISION:
        raise NotYetProven(f"{kind} {subject_id} is not in the ledger yet")
    return row


def _head_over(session: Session, row: LedgerEntryRow) -> PublishedHead:
    over = select(LedgerHeadRow).where(col(LedgerHeadRow.seq) >= row.seq).order_by(col(LedgerHeadRow.seq)).limit(1)
    head = session.scalars(over).first()
    if head is None:
        raise NotYetProven(f"no head vouches for {row.kind} {row.subject_id} yet")
    return PublishedHead(head_of(head), head.public_key)


def _entries(session: Session, first: int, last: int) -> tuple[Entry, ...]:
    between = select(LedgerEntryRow).where(col(LedgerEntryRow.seq).between(first, last))
    return entries_of(session.scalars(between.order_by(col(LedgerEntryRow.seq))))
