"""The ledger against itself and against the rows that it speaks of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.db.ledger.reading import entry_of, head_of
from shared.db.ledger.subjects import Subject, changes, snapshots, versions
from shared.db.session import Database
from shared.db.tables import ChangeRow, LedgerEntryRow, LedgerHeadRow, SnapshotRow, VersionRow
from shared.evidence.heads import BadKey, PublicKey
from shared.evidence.ledger import Entry, Head, Kind, broken_links, hash_of
from shared.evidence.verifying.faults import Fault

_PAGE = 200

_READ: Mapping[Kind, Callable[[Session, Sequence[str]], Iterator[Subject]]] = {
    Kind.SNAPSHOT: snapshots,
    Kind.VERSION: versions,
    Kind.CHANGE: changes,
    Kind.REVISION: changes,
}
_MARKED = {
    Kind.SNAPSHOT: (col(SnapshotRow.id), col(SnapshotRow.entered).is_(True)),
    Kind.VERSION: (col(VersionRow.id), col(VersionRow.entered).is_(True)),
    Kind.CHANGE: (col(ChangeRow.id), col(ChangeRow.entered_revision) >= 0),
}


class Audit:
    """One walk over everything; the counts hold once `faults` has run to its end."""

    def __init__(self, database: Database, kept: Head | None = None) -> None:
        """`kept` is a head that was published once, and got from elsewhere than this database."""
        self._database, self._kept = database, kept
        self.entries = self.heads = self.waiting = 0

    def faults(self) -> Iterator[Fault]:
        """Every fault, by the place in the ledger, then heads, then rows that are not in it."""
        last: Entry | None = None
        with self._database.reading() as session:
            while page := self._page(session, last.seq if last else 0):
                yield from _page_faults(session, page, last)
                last = entry_of(page[-1])
                self.entries += len(page)
            yield from self._head_faults(session, last)
            if self._kept:
                yield from _kept_faults(session, self._kept)
            yield from _row_faults(session)
        self.waiting = waiting_rows(self._database)

    def _page(self, session: Session, after: int) -> Sequence[LedgerEntryRow]:
        statement = select(LedgerEntryRow).where(col(LedgerEntryRow.seq) > after).order_by(col(LedgerEntryRow.seq))
        session.expunge_all()  # a walk over years must not hold them in memory
        return session.scalars(statement.limit(_PAGE)).all()

    def _head_faults(self, session: Session, last: Entry | None) -> Iterator[Fault]:
        """Each head is genuine, and names the entry that it named when it was signed."""
        statement = (
            select(LedgerHeadRow, col(LedgerEntryRow.hash))
            .outerjoin(LedgerEntryRow, col(LedgerEntryRow.seq) == col(LedgerHeadRow.seq))
            .order_by(col(LedgerHeadRow.seq))
        )
        for row, its_hash in session.execute(statement):
            self.heads += 1
            where, head = f"head {row.seq}", head_of(row)
            if its_hash is None:
                yield Fault(where, "the entry that it names is gone")
            elif its_hash != row.hash:
                yield Fault(where, f"entry {row.seq} has another hash than when it was signed")
            try:
                fault = PublicKey.from_pem(row.public_key).fault_of(head)
            except BadKey as error:
                fault = f"its key cannot be read: {error}"
            if fault:
                yield Fault(where, fault)
        if last and not self.heads:
            yield Fault("heads", "there are entries, and no head vouches for any")


def _kept_faults(session: Session, kept: Head) -> Iterator[Fault]:
    row = session.get(LedgerEntryRow, kept.seq)
    if row is None:
        yield Fault(f"the kept head {kept.seq}", "the entry that it names is gone")
    elif row.hash != kept.hash:
        yield Fault(f"the kept head {kept.seq}", f"entry {kept.seq} has another hash than when it was signed")


def _page_faults(session: Session, page: Sequence[LedgerEntryRow], before: Entry | None) -> Iterator[Fault]:
    entries = [entry_of(row) for row in page]
    broken: dict[int, list[str]] = {}
    if before is None and entries[0].seq != 1:
        broken[entries[0].seq] = [f"it is the first, and {entries[0].seq - 1} before it are gone"]
    for seq, what in broken_links(entries, before):
        broken.setdefault(seq, []).append(what)
    current = _subjects(session, page)
    for row in page:
        where = f"entry {row.seq} ({row.kind} {row.subject_id})"
        for what in broken.get(row.seq, ()):
            yield Fault(where, what)
        if hash_of(row.facts) != row.content_sha256:
            yield Fault(where, "the facts beside it are not those that were hashed")
        yield from _differences(where, row, current)


def _subjects(session: Session, page: Sequence[LedgerEntryRow]) -> dict[tuple[Kind, str], Subject]:
    """What the rows say now, of all that the page is about."""
    found: dict[tuple[Kind, str], Subject] = {}
    for kind, read in _READ.items():
        ids = [row.subject_id for row in page if row.kind == kind]
        found |= {(one.kind, one.id): one for one in (read(session, ids) if ids else ())}
    return found


def _differences(where: str, row: LedgerEntryRow, current: Mapping[tuple[Kind, str], Subject]) -> Iterator[Fault]:
    """Each fact that the subject's row says otherwise now."""
    kind = Kind(row.kind)
    subject = current.get((kind, row.subject_id))
    if subject is None:
        yield Fault(
            where, "its row is gone" if kind is not Kind.REVISION else "its row was never corrected or retracted"
        )
        return
    if subject.revision != row.revision:
        return  # a later revision stands in the row, and has an entry of its own
    is_revised = kind is Kind.CHANGE and (Kind.REVISION, row.subject_id) in current
    for name, hashed in sorted(row.facts.items()):
        now: Any = subject.facts.get(name)
        if now != hashed and not (is_revised and name == "report_sha256"):
            yield Fault(where, f"its row was altered: {name} was {hashed}, and is {now}")


def _row_faults(session: Session) -> Iterator[Fault]:
    """Rows that say they are in the ledger, and are not."""
    for kind, (row_id, marked) in _MARKED.items():
        mine = (col(LedgerEntryRow.kind) == str(kind), col(LedgerEntryRow.subject_id) == row_id)
        absent = ~select(col(LedgerEntryRow.seq)).where(*mine).exists()
        for subject_id in session.scalars(select(row_id).where(marked, absent).order_by(row_id)):
            yield Fault(f"{kind} {subject_id}", "its row says that it is in the ledger, where it is not")


def waiting_rows(database: Database) -> int:
    """How many rows are not in the ledger yet, or not as they stand now."""
    behind = col(ChangeRow.entered_revision) < col(ChangeRow.revision)
    open_rows = ((SnapshotRow, ~col(SnapshotRow.entered)), (VersionRow, ~col(VersionRow.entered)), (ChangeRow, behind))
    counts = [select(func.count()).select_from(row).where(is_open) for row, is_open in open_rows]
    with database.reading() as session:
        return sum(session.scalars(count).one() for count in counts)
