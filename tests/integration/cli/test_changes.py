"""`changes` and `deadletters`: what was found, and what could not be handled."""

from datetime import UTC, datetime

import pytest

from services.cli.changes import since_moment
from services.cli.errors import UsageError
from shared.db.outbox import Inbox, OutboxStore, announce
from shared.db.session import Database
from shared.db.tables import ChangeRow
from shared.events import SnapshotCaptured
from tests.factories.accounts import START, add_change, add_document
from tests.factories.commands import Commands

NOW = datetime(2026, 5, 8, 12, tzinfo=UTC)


@pytest.fixture
def _changes(database: Database) -> None:
    for platform, severity, headline in (("acme", "high", "Notice is shorter"), ("bolt", "low", "A new office")):
        change_id = add_change(database, add_document(database, platform=platform))
        with database.transaction() as session:
            row = session.get_one(ChangeRow, change_id)
            row.severity, row.headline = severity, headline
            session.add(row)


@pytest.mark.usefixtures("_changes")
@pytest.mark.parametrize(
    ("options", "headlines"),
    [
        ((), {"Notice is shorter", "A new office"}),
        (("--platform", "Acme"), {"Notice is shorter"}),
        (("--platform", "Zeta"), set()),
        (("--severity", "medium"), {"Notice is shorter"}),
        (("--severity", "low"), {"Notice is shorter", "A new office"}),
        (("--since", "2026-04-09"), {"Notice is shorter", "A new office"}),
        (("--since", "2026-04-11"), set()),
    ],
)
def test_changes_are_listed_by_what_is_asked(commands: Commands, options: tuple[str, ...], headlines: set[str]) -> None:
    assert {line["headline"] for line in commands.json("changes", "list", *options)} == headlines


def test_an_empty_list_says_whether_it_was_narrowed(commands: Commands) -> None:
    assert commands("changes", "list") == "no changes yet\n"
    assert commands("changes", "list", "--platform", "Zeta") == "no change fits these options\n"


@pytest.mark.usefixtures("_changes")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("list", "--severity", "dire"), "'dire' is not one of"),
        (("list", "--since", "yesterday"), "'yesterday' is no date"),
        (("list", "--limit", "0"), "'--limit'"),
        (("show", "chg_nothing"), "'chg_nothing' names no change"),
        (("show", "chg_"), "'chg_' names several changes"),
        (("show", "chg_", "--json", "--html"), "take one of --json, --markdown and --html"),
    ],
)
def test_a_refusal_is_one_line(commands: Commands, arguments: tuple[str, ...], words: str) -> None:
    assert words in commands.refusal("changes", *arguments)


@pytest.mark.usefixtures("_changes")
def test_a_change_is_shown_by_the_beginning_of_its_id(commands: Commands) -> None:
    assert commands.json("changes", "show", "chg_doc_acme")["id"] == "chg_doc_acme_1_1"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12h", datetime(2026, 5, 8, 0, tzinfo=UTC)),
        ("7d", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 4, 24, 12, tzinfo=UTC)),
        ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC)),
    ],
)
def test_since_is_a_date_or_a_length_of_time(text: str, moment: datetime) -> None:
    assert since_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["7", "d", "-1d", "2026-13-01", "99999999999d"])
def test_since_refuses_anything_else(text: str) -> None:
    with pytest.raises(UsageError, match="is no date"):
        since_moment(text, NOW)


def test_dead_letters_are_listed_and_revived(commands: Commands, database: Database) -> None:
    with database.transaction() as session:
        event = SnapshotCaptured(document_id="doc_1", snapshot_id="snp_1")
        event_id = announce(session, event, correlation_id="cor_1", now=START)
    Inbox(database, "differ", poison_after=1).failed(event_id, "no such document", START)

    [dead] = commands.json("deadletters", "list")
    assert (dead["event_id"], dead["consumer"], dead["last_error"]) == (event_id, "differ", "no such document")

    assert commands("deadletters", "retry") == "1 dead letter will be handled again\n"
    assert commands.json("deadletters", "list") == []
    assert [event.id for event in OutboxStore(database).unpublished(10)] == [event_id]
