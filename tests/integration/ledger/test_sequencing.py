"""From committed rows to one gapless chain, on both engines."""

import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import get_context

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from shared.clock import ManualClock
from shared.db.ledger import sequencing
from shared.db.ledger.reading import Ledger, NotYetProven, entries_of
from shared.db.ledger.sequencing import HEAD_AFTER, Sequencer
from shared.db.notifier.revisions import RevisionStore
from shared.db.session import Database
from shared.db.tables import LedgerEntryRow, LedgerHeadRow, SnapshotRow
from shared.evidence.heads import PublicKey, SigningKey
from shared.evidence.ledger import Entry, Kind, broken_links, hash_of
from shared.usecases.revising import Reviser
from tests.factories.accounts import START, add_change, add_document

KEY = SigningKey.derived("s" * 32)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def sequencer(database: Database, clock: ManualClock) -> Sequencer:
    return Sequencer(database, clock, KEY)


def rows(database: Database) -> list[LedgerEntryRow]:
    with database.reading() as session:
        return list(session.scalars(select(LedgerEntryRow).order_by(col(LedgerEntryRow.seq))))


def chain(database: Database) -> list[Entry]:
    """The whole ledger, found to be one chain from its beginning, each entry over the facts beside it."""
    found = rows(database)
    entries = list(entries_of(found))
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert list(broken_links(entries)) == []
    assert [hash_of(row.facts) for row in found] == [entry.content_sha256 for entry in entries]
    return entries


def add_snapshots(database: Database, document_id: str, ordinals: range, *, days_old: int = 0) -> None:
    with database.transaction() as session:
        session.connection().execute(insert(SnapshotRow), [_snapshot(document_id, n, days_old) for n in ordinals])


def _snapshot(document_id: str, ordinal: int, days_old: int) -> dict[str, object]:
    return {
        "id": f"snp_{document_id}_{ordinal}",
        "document_id": document_id,
        "ordinal": ordinal,
        "captured_at": START - timedelta(days=days_old),
        "confirming": False,
        "sha256": f"{ordinal:064d}",
        "fetcher_version": "test",
        "judged": True,
        "event_id": f"evt_{ordinal}",
        "correlation_id": "cor_test",
        "bytes_kept": True,
    }


def test_what_was_there_is_taken_in_once_each_subject_after_what_it_stands_on(
    database: Database, sequencer: Sequencer, clock: ManualClock
) -> None:
    change = add_change(database, add_document(database))
    assert sequencer.run_once() == 5
    assert [str(entry.kind) for entry in chain(database)] == ["snapshot", "snapshot", "version", "version", "change"]
    assert sequencer.run_once() == 0

    reviser = Reviser(RevisionStore(database), clock)
    reviser.correct(change, "the notice is for consumers alone", severity="low")
    assert sequencer.run_once() == 1
    reviser.retract(change, "the page was a draft")
    assert sequencer.run_once() == 1
    chain(database)
    told = [(row.kind, row.subject_id, row.revision, row.facts.get("status")) for row in rows(database)[4:]]
    assert told == [
        ("change", change, 0, None),
        ("revision", change, 1, "corrected"),
        ("revision", change, 2, "retracted"),
    ]
    hashes = [row.facts["report_sha256"] for row in rows(database)[4:]]
    assert len(set(hashes)) == 3


def test_a_row_that_is_committed_late_is_taken_in_however_old_it_is(database: Database, sequencer: Sequencer) -> None:
    document_id = add_document(database)
    add_snapshots(database, document_id, range(5, 8))
    if database.is_sqlite:
        sequencer.run_once()  # it would wait for the transaction below
    with database.transaction() as late:
        late.connection().execute(insert(SnapshotRow), [_snapshot(document_id, 1, days_old=9)])
        if not database.is_sqlite:
            sequencer.run_once()
            assert len(chain(database)) == 3
    assert sequencer.run_once() == 1
    assert chain(database)[-1].subject_id == f"snp_{document_id}_1"


def test_two_sequencers_at_once_leave_one_chain(database: Database, database_url: str, clock: ManualClock) -> None:
    add_snapshots(database, add_document(database), range(350))
    start = threading.Barrier(2)
    taken: list[int] = []

    def take_in() -> None:
        mine = Database(database_url)
        sequencer = Sequencer(mine, clock, KEY, page=20)
        start.wait()
        appended = 0
        while True:
            found, page = sequencer.take_page()
            appended += page
            if not found:
                break
        taken.append(appended)
        mine.close()

    both = [threading.Thread(target=take_in) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(taken) == 350
    assert len(chain(database)) == 350
    assert [one.head.seq for one in Ledger(database).heads(limit=9)] == [320, 220, 120, 20]


def _die(url: str, when: str) -> None:
    """Takes in a page, and is killed between it and the next one, or within the next one."""
    sequencer = Sequencer(Database(url), ManualClock(START), KEY, page=10)
    sequencer.take_page()
    if when == "within":
        sequencing.newest_head = lambda session: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
        sequencer.take_page()
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_sequencer_leaves_whole_pages(database: Database, database_url: str, clock: ManualClock) -> None:
    add_snapshots(database, add_document(database), range(60))
    for when, expected in (("between", 10), ("within", 20)):
        dying = get_context("fork").Process(target=_die, args=(database_url, when))
        dying.start()
        dying.join()
        assert dying.exitcode == -signal.SIGKILL
        assert len(chain(database)) == expected
    assert Sequencer(database, clock, KEY).run_once() == 40
    assert len(chain(database)) == 60


def test_a_head_vouches_for_a_new_entry_at_once_or_soon(
    database: Database, sequencer: Sequencer, clock: ManualClock
) -> None:
    ledger, document_id = Ledger(database), add_document(database)
    add_snapshots(database, document_id, range(1))
    with pytest.raises(NotYetProven, match="not in the ledger yet"):
        ledger.proof([(Kind.SNAPSHOT, f"snp_{document_id}_0")])
    sequencer.run_once()
    add_snapshots(database, document_id, range(1, 3))
    sequencer.run_once()
    with pytest.raises(NotYetProven, match="no head vouches for snapshot"):
        ledger.proof([(Kind.SNAPSHOT, f"snp_{document_id}_2")])
    clock.advance(HEAD_AFTER)
    sequencer.run_once()
    assert [one.head.seq for one in ledger.heads(limit=5)] == [3, 1]
    clock.advance(10 * HEAD_AFTER)
    sequencer.run_once()
    assert len(ledger.heads(limit=5)) == 2

    proof = ledger.proof([(Kind.SNAPSHOT, f"snp_{document_id}_{n}") for n in (2, 0, 1)])
    assert [[entry.seq for entry in segment.entries] for segment in proof.segments] == [[1], [2, 3]]
    assert [subject.id[-1] for subject in proof.subjects] == ["2", "0", "1"]
    [pem] = ledger.public_keys()
    assert pem == proof.public_keys
    for segment in proof.segments:
        assert segment.entries[-1].hash == segment.head.hash
        assert PublicKey.from_pem(pem).fault_of(segment.head) is None


def test_the_database_refuses_to_alter_what_is_in_the_ledger(database: Database, sequencer: Sequencer) -> None:
    add_change(database, add_document(database))
    sequencer.run_once()
    acts = [act for row in (LedgerEntryRow, LedgerHeadRow) for act in (update(row).values(hash="f" * 64), delete(row))]
    if not database.is_sqlite:
        acts.append(text("TRUNCATE ledger_entries"))
    for act in acts:
        with pytest.raises(DBAPIError, match="the ledger is append-only"), database.transaction() as session:
            session.execute(act)
    assert len(chain(database)) == 5
