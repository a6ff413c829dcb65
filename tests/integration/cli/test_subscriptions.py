"""`subscriptions` and `subscribe --preview`: what is told can be paused, muted, and looked at beforehand."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select

from services.notifier.handlers.telling import Teller
from shared.clock import ManualClock, SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import AccountRow, ChangeRow, ScheduleRow
from shared.domain.subscriptions import Subscription
from tests.factories.accounts import START, add_change, add_document, add_provision, change_event
from tests.factories.commands import Commands
from tests.factories.reports import provision

MAIL = ("endpoints", "add", "email", "alice@acme.example")


def watch_acme(database: Database) -> str:
    """Acme's terms, watched; the document's id."""
    document_id = add_document(database)
    with database.transaction() as session:
        session.add(ScheduleRow(document_id=document_id, host="acme.example", next_check_at=START, interval_s=900))
    return document_id


@pytest.fixture
def subscribed(commands: Commands, database: Database) -> str:
    """A subscription of Alice's to Acme, whose terms are document doc_acme_1; its id."""
    watch_acme(database)
    commands(*MAIL)
    return str(commands.json("subscribe", "--to", "alice@acme.example", "--platform", "acme")["id"])


def tell(database: Database, number: int) -> int:
    """Tell of another change of Acme's terms; how many deliveries there are then."""
    change_id = add_change(database, "doc_acme_1", number)
    teller = Teller(TellingStore(database), ManualClock(START), told=lambda: None)
    teller.change_detected(change_event(change_id), event_id=f"evt_{number}", correlation_id="cor_1")
    return len(AccountStore(database).deliveries())


def test_a_paused_subscription_tells_nothing_until_it_is_resumed(
    commands: Commands, database: Database, subscribed: str
) -> None:
    assert f"{subscribed} is paused" in commands("subscriptions", "pause", subscribed)
    assert commands.json("subscriptions", "list")["subscriptions"][0]["state"] == "paused"
    assert tell(database, 1) == 0

    commands("subscriptions", "resume", subscribed[:8])
    assert tell(database, 2) == 1


def test_a_muted_document_is_not_told_of(commands: Commands, database: Database, subscribed: str) -> None:
    assert "is muted" in commands("subscriptions", "mute", "acme/terms-of-service")
    assert "already muted" in commands("subscriptions", "mute", "doc_acme_1")
    assert commands.json("subscriptions", "list")["muted"] == ["doc_acme_1"]
    assert "muted: Acme / Terms of Service" in commands("subscriptions", "list")
    assert tell(database, 1) == 0

    commands("subscriptions", "unmute", "doc_acme_1")
    assert tell(database, 2) == 1
    assert "is not muted" in commands.refusal("subscriptions", "unmute", "doc_acme_1")


def test_directions_and_provisions_are_kept(commands: Commands, database: Database, subscribed: str) -> None:
    wish = ("subscribe", "--to", "alice@acme.example", "--direction", "worse", "--provision")
    assert "no provision has the id 'prv_1'" in commands.refusal(*wish, "prv_1")
    tell(database, 1)
    add_provision(database, "doc_acme_1", "prv_1")
    commands(*wish, "prv_1")
    (_, wanted) = AccountStore(database).subscriptions("acc_local")[-1]
    assert wanted == Subscription(directions=frozenset({"worse"}), provisions=frozenset({"prv_1"}))
    listed = commands.json("subscriptions", "list")["subscriptions"][-1]
    assert (listed["directions"], listed["provisions"], listed["to"]) == (["worse"], ["prv_1"], ["alice@acme.example"])


@pytest.fixture
def history(database: Database) -> list[str]:
    """Changes of 1, 80 and 100 days ago, one that was retracted and one that was told to nobody; the ids of all."""
    document = watch_acme(database)
    found = [add_change(database, document, n, provisions=[provision(n)]) for n in range(1, 6)]
    add_provision(database, document, "prv_1")
    now = SystemClock().now()
    with database.transaction() as session:
        for change_id, days in zip(found, (1, 80, 100, 2, 3), strict=True):
            row = session.get_one(ChangeRow, change_id)
            row.detected_at = now - timedelta(days=days)
            row.direction = "better" if days == 80 else "worse"
            session.add(row)
        session.execute(update(ChangeRow).where(ChangeRow.id == found[3]).values(status="retracted"))  # type: ignore[arg-type]
        session.execute(update(ChangeRow).where(ChangeRow.id == found[4]).values(alert=False))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ((), [0, 1]),
        (("--platform", "acme", "--min-severity", "high"), [0, 1]),
        (("--direction", "better"), [1]),
        (("--provision", "prv_1"), [0]),
        (("--category", "contract.termination"), [0, 1]),
        (("--category", "dispute.arbitration"), []),
    ],
)
def test_a_preview_shows_what_would_have_been_told(
    commands: Commands, history: list[str], wish: tuple[str, ...], told: list[int]
) -> None:
    previewed = commands.json("subscribe", "--preview", *wish)
    assert [change["id"] for change in previewed] == [history[n] for n in told]


def test_a_preview_reads_reports_only_for_what_is_in_them(
    commands: Commands, database: Database, history: list[str]
) -> None:
    with database.transaction() as session:
        session.execute(update(ChangeRow).where(ChangeRow.id == history[1]).values(report={}))  # type: ignore[arg-type]
    assert "2 changes in 90 days" in commands("subscribe", "--preview", "--platform", "acme")
    told = commands.json("subscribe", "--preview", "--direction", "worse", "--category", "contract.termination")
    assert [(one["id"], one["provision_ids"]) for one in told] == [(history[0], ["prv_1"])]


def test_a_preview_subscribes_nobody_and_heeds_mutes(
    commands: Commands, database: Database, history: list[str]
) -> None:
    said = commands("subscribe", "--preview")
    assert "2 changes in 90 days, 0.2 a week; nothing was subscribed to" in said
    assert AccountStore(database).subscriptions("acc_local") == []

    commands("subscriptions", "mute", "doc_acme_1")
    assert "nothing of the last 90 days" in commands("subscribe", "--preview")


def test_time_zone_and_quiet_hours(commands: Commands, database: Database) -> None:
    assert commands("subscriptions", "hours") == "time zone UTC, no quiet hours\n"
    said = commands("subscriptions", "hours", "--timezone", "Europe/Berlin", "--quiet", "22:00-07:00")
    assert said == commands("subscriptions", "hours") == "time zone Europe/Berlin, quiet hours 22:00-07:00\n"
    with database.reading() as session:
        account = session.exec(select(AccountRow)).one()
    assert (account.timezone, account.quiet_hours) == ("Europe/Berlin", "22:00-07:00")
    assert commands("subscriptions", "hours", "--quiet", "none") == "time zone Europe/Berlin, no quiet hours\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("subscribe",), "'--to' names nobody to tell"),
        (("subscribe", "--preview", "--direction", "down"), "not one of worse, better, neutral, mixed"),
        (("subscriptions", "pause", "sub_0"), "names no subscription"),
        (("subscriptions", "hours", "--timezone", "Mars/Base"), "no time zone 'Mars/Base'"),
        (("subscriptions", "hours", "--quiet", "at night"), "write 22:00-07:00, or none"),
        (("subscriptions", "hours", "--quiet", "07:00-07:00"), "is no time at all; write 22:00-07:00, or none"),
    ],
)
def test_a_refusal_says_what_to_write(commands: Commands, arguments: tuple[str, ...], words: str) -> None:
    assert words in commands.refusal(*arguments)
