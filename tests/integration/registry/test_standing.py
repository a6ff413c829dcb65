"""How checks stand: what counts as watched, overdue and ailing, in which order, and how many of each; both engines."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from shared.db.registry.standing import Standing, Standings
from shared.db.session import Database
from shared.db.tables import ConditionRow, DocumentRow, ScheduleRow
from tests.factories.accounts import START, add_document

CASES = (
    # state, due in minutes (None: nobody looks at it), failures in a row, open condition, condition that ended
    ("active", 10, 0, None, None),
    ("active", -20, 0, None, None),
    ("active", -40, 3, "unreachable", None),
    ("active", 10, 2, None, None),
    ("active", 10, 0, "unstable", None),
    ("active", 10, 0, None, "unreadable"),
    ("paused", -40, 4, "unreachable", None),
    ("imported", None, 0, None, None),
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def standings(database: Database) -> Standings:
    for number, case in enumerate(CASES):
        document_id = add_document(database, number=number, kind=f"Policy {number}")
        with database.transaction() as session:
            _lay(session, document_id, *case)
    return Standings(database)


def _lay(
    session: Session,
    document_id: str,
    state: str,
    due_min: int | None,
    failures: int,
    open_: str | None,
    was: str | None,
) -> None:
    document = session.get(DocumentRow, document_id)
    assert document is not None
    document.state = state
    if due_min is not None:
        schedule = ScheduleRow(
            document_id=document_id,
            host="acme.example",
            next_check_at=START + timedelta(minutes=due_min),
            last_checked_at=START - timedelta(hours=failures),
            interval_s=3600.0,
            failures=failures,
        )
        session.add(schedule)
    ends: tuple[tuple[str | None, datetime | None], ...] = ((open_, None), (was, START))
    for kind, ended_at in ends:
        if kind is not None:
            row = ConditionRow(
                id=f"cnd_{document_id}",
                document_id=document_id,
                kind=kind,
                detail="",
                began_at=START,
                ended_at=ended_at,
            )
            session.add(row)


def test_documents_are_counted_by_how_their_checks_stand(standings: Standings) -> None:
    found = standings.at(START - timedelta(minutes=15), most=10)
    assert (found.watched, found.others, found.last_checked_at) == (6, 2, START)
    assert (found.overdue_count, found.ailing_count) == (2, 2)
    assert [(one.type, one.failures, one.conditions) for one in found.overdue] == [
        ("Policy 2", 3, ("unreachable",)),
        ("Policy 1", 0, ()),
    ]
    assert [(one.type, one.failures, one.conditions) for one in found.ailing] == [
        ("Policy 3", 2, ()),
        ("Policy 4", 0, ("unstable",)),
    ]


def test_more_than_are_shown_are_counted_all_the_same(standings: Standings) -> None:
    found = standings.at(START - timedelta(minutes=15), most=1)
    assert ([one.type for one in found.overdue], found.overdue_count) == (["Policy 2"], 2)
    assert ([one.type for one in found.ailing], found.ailing_count) == (["Policy 3"], 2)


def test_nothing_is_watched_in_the_beginning(database: Database) -> None:
    assert Standings(database).at(START, most=10) == Standing(0, 0, None, 0, 0, (), ())
