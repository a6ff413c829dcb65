"""A reader says that an alert is wrong; the operator hears of it, and nothing else happens."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.reviews import MOST_OPEN, Heard
from shared.db.session import Database
from shared.db.tables import ChangeRow, ReviewRow
from shared.settings import Settings
from tests.factories.accounts import START, add_change, add_document
from tests.factories.browsers import signed_in
from tests.factories.commands import Commands
from tests.integration.api.conftest import Ask


@pytest.fixture
def change_id(database: Database) -> str:
    return add_change(database, add_document(database))


def said(resources: Resources) -> list[str]:
    return [review.said for review, _ in resources.reviews.open()]


def test_what_a_reader_says_waits_for_the_operator(
    ask: Ask, resources: Resources, settings: Settings, change_id: str, tmp_path: Path
) -> None:
    commands = Commands(tmp_path / "data", DATABASE_URL=settings.database_url)
    assert '<form method="post">' in ask("GET", f"/changes/{change_id}/wrong").text
    assert said(resources) == []
    words = "The 14 days\nwere there before\x00."
    for _ in range(2):  # a button pressed twice
        assert ask("POST", f"/changes/{change_id}/wrong", data={"said": words}).status_code == 200
    assert said(resources) == ["The 14 days\nwere there before."]
    [line] = [line for line in commands.run("doctor", "--json").stdout.split("{") if "reviews" in line]
    assert "1 open" in line
    [listed] = commands.json("reviews", "list")
    assert (listed["change_id"], listed["settled_at"]) == (change_id, None)
    assert "1 review of" in commands("reviews", "settle", change_id)
    assert said(resources) == []
    assert "nothing is open" in commands.refusal("reviews", "settle", change_id, status=1)


@pytest.mark.parametrize("body", [b"", b"said=", b"said=%00+", b"other=x", b"said=" + b"x" * 2001, b"\xff\xfe"])
def test_what_says_nothing_or_too_much_is_refused(ask: Ask, resources: Resources, change_id: str, body: bytes) -> None:
    assert ask("POST", f"/changes/{change_id}/wrong", content=body).status_code == 422
    assert said(resources) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("POST", "/changes/chg_unknown/wrong", b"said=x", 404, id="unknown id"),
        pytest.param("GET", "/changes/chg_unknown/wrong", b"", 404, id="unknown id, asking"),
        pytest.param("POST", "/changes/chg_%00/wrong", b"said=x", 404, id="no id"),
        pytest.param("POST", "/changes/{}/wrong", b"said=" + b"x" * 20_000, 413, id="oversized"),
        pytest.param("POST", "/changes/{}/wrong", b"&".join([b"said=x"] * 500), 400, id="too many fields"),
        pytest.param("PUT", "/changes/{}/wrong", b"said=x", 405, id="wrong method"),
    ],
)
def test_an_outsider_stores_nothing(
    ask: Ask, resources: Resources, change_id: str, method: str, path: str, body: bytes, status: int
) -> None:
    assert ask(method, path.format(change_id), content=body).status_code == status
    assert said(resources) == []


def test_a_flood_meets_a_bound(ask: Ask, resources: Resources, change_id: str) -> None:
    for number in range(MOST_OPEN + 3):
        heard = resources.reviews.add(change_id, f"doubt {number}", START)
        assert heard == (Heard.NEW if number < MOST_OPEN else Heard.FULL)
    assert len(said(resources)) == MOST_OPEN
    assert resources.reviews.add("chg_unknown", "x", START) == Heard.UNKNOWN


def test_a_reader_has_one_open_doubt_about_a_change(
    ask: Ask, resources: Resources, database: Database, clock: ManualClock, accounts: AccountStore, change_id: str
) -> None:
    place = f"/changes/{change_id}/wrong"
    accounts.ensure_account("acc_alice", "Alice", "free", START)
    alice = signed_in(ask, database, clock, "alice", "read-only")
    assert "said so already" not in ask("GET", place).text
    for words, answer in (
        ("Nothing fell.", "Thank you"),
        ("It rose.", "is added to"),
        ("It rose.", "these very words"),
    ):
        assert answer in ask("POST", place, data={"said": words}).text
    assert "said so already" in ask("GET", place).text
    assert "said so already" not in alice.get(place).text
    assert "Thank you" in alice.post(place, [("said", "I doubt it too.")]).text
    assert "said so already" in alice.get(place).text
    assert sorted(said(resources)) == ["I doubt it too.", "Nothing fell.\n\nIt rose."]
    with database.reading() as session:
        readers = session.scalars(select(ReviewRow.reader)).all()
    assert not any(reader is None or "127.0.0.1" in reader for reader in readers), "addresses are not kept"
    answers = [ask("POST", place, data={"said": letter * 2000}).text for letter in "abcd"]
    assert ["no room" in answer for answer in answers] == [False, False, False, True]
    assert resources.reviews.settle(change_id, START) == 2
    assert "Thank you" in ask("POST", place, data={"said": "Nothing fell."}).text


def test_a_headline_is_shown_as_text(ask: Ask, database: Database) -> None:
    change_id = add_change(database, add_document(database))
    with database.transaction() as session:
        session.execute(update(ChangeRow).values(headline="</p><script>alert(1)</script>"))
    page = ask("GET", f"/changes/{change_id}/wrong").text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
