"""Feeds and calendars, as feed readers and calendar programs take them, on both engines."""

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from icalendar import Calendar
from sqlalchemy import update

from services.differ.handlers.registering import Registrar
from shared.clock import ManualClock
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.db.tables import ChangeRow
from tests.factories.accounts import START, add_change, add_document
from tests.factories.reports import provision
from tests.integration.api.conftest import Ask

NS = {"a": "http://www.w3.org/2005/Atom"}
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_QUOTE = "These terms take effect on 1 May 2026."
HOSTILE = '</title><script>alert("1")</script>\x07\x00'


@pytest.fixture
def registered(database: Database, clock: ManualClock) -> list[str]:
    """Two platforms with a change each, the second of low severity; ids of the documents."""
    documents = [add_document(database, platform=name) for name in ("acme", "brook")]
    dates = {
        "effective": {"value": "2026-05-01", "quote": _QUOTE},
        "objection": {"value": "2026-04-20", "quote": _QUOTE},
        "stated_updated": None,
        "last_seen_old": None,
        "first_seen_new": None,
    }
    add_change(database, documents[0], dates=dates, provisions=[provision()])
    add_change(database, documents[1], dates={**dates, "effective": None, "objection": None})
    with database.transaction() as session:
        low = update(ChangeRow).where(ChangeRow.document_id == documents[1])  # type: ignore[arg-type]
        session.execute(low.values(severity="low", detected_at=START + timedelta(hours=1)))
    Registrar(RegistryStore(database), clock).take_in()
    return documents


def feed_of(body: bytes) -> Element:
    """The feed, held to what RFC 4287, 4.1.1 and 4.1.2, asks of every feed and entry."""
    feed = ElementTree.fromstring(body)
    assert feed.tag == f"{{{NS['a']}}}feed"
    assert feed.findtext("a:author/a:name", namespaces=NS)
    for element in (feed, *feed.findall("a:entry", NS)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", NS)) == 1, name
        assert element.findtext("a:id", "", NS).startswith("urn:uuid:")
        assert _RFC3339.fullmatch(element.findtext("a:updated", "", NS))
        assert len(element.findall("a:link[@rel='alternate']", NS)) == 1
    ids = [entry.findtext("a:id", "", NS) for entry in feed.findall("a:entry", NS)]
    assert len(set(ids)) == len(ids)
    return feed


@pytest.mark.parametrize(
    ("path", "platforms"),
    [
        ("/feeds/changes.atom", ["Brook", "Acme"]),
        ("/feeds/changes.atom?severity=high", ["Acme"]),
        ("/feeds/changes.atom?severity=high&severity=low", ["Brook", "Acme"]),
        ("/feeds/changes.atom?severity=editorial", []),
        ("/platforms/acme/changes.atom", ["Acme"]),
        ("/platforms/acme/changes.atom?severity=low", []),
        ("/documents/doc_brook_1/changes.atom", ["Brook"]),
        ("/categories/contract.termination/changes.atom", ["Acme"]),
        ("/categories/dispute.arbitration/changes.atom", []),
    ],
)
@pytest.mark.usefixtures("registered")
def test_a_feed_holds_its_changes_newest_first(ask: Ask, path: str, platforms: list[str]) -> None:
    answer = ask("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml")
    feed = feed_of(answer.content)
    titles = [entry.findtext("a:title", "", NS) for entry in feed.findall("a:entry", NS)]
    assert [title.split()[0] for title in titles] == platforms
    [own] = feed.findall("a:link[@rel='self']", NS)
    assert own.get("href") == f"https://watch.example{path}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/platforms/nobody/changes.atom", 404),
        ("/documents/doc_none/changes.atom", 404),
        ("/categories/no.such/changes.atom", 404),
        ("/platforms/nobody/calendar.ics", 404),
        ("/documents/doc_none/calendar.ics", 404),
        ("/feeds/changes.atom?severity=dreadful", 422),
    ],
)
def test_what_is_not_there_has_no_feed(ask: Ask, path: str, status: int) -> None:
    assert ask("GET", path).status_code == status


@pytest.mark.parametrize("path", ["/feeds/changes.atom", "/calendar.ics"])
@pytest.mark.usefixtures("registered")
def test_who_has_it_already_is_sent_nothing(ask: Ask, path: str) -> None:
    tag = ask("GET", path).headers["etag"]
    again = ask("GET", path, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_a_retraction_renews_the_entry_and_keeps_its_id(
    ask: Ask, database: Database, clock: ManualClock, registered: list[str]
) -> None:
    path = f"/documents/{registered[0]}/changes.atom"
    before = feed_of(ask("GET", path).content).find("a:entry", NS)
    clock.advance(timedelta(days=1))
    with database.transaction() as session:
        session.execute(update(ChangeRow).values(status="retracted"))
    Registrar(RegistryStore(database), clock).take_in()
    after = feed_of(ask("GET", path).content).find("a:entry", NS)
    assert before is not None
    assert after is not None
    assert after.findtext("a:id", "", NS) == before.findtext("a:id", "", NS)
    assert after.findtext("a:published", "", NS) == before.findtext("a:published", "", NS)
    assert after.findtext("a:updated", "", NS) > before.findtext("a:updated", "", NS)
    assert "Retracted: " in after.findtext("a:title", "", NS)
    assert not Calendar.from_ical(ask("GET", "/calendar.ics").content).walk("VEVENT")


def test_what_documents_say_is_text_in_feeds_and_calendars(ask: Ask, database: Database, registered: list[str]) -> None:
    hostile = HOSTILE if database.is_sqlite else HOSTILE.replace("\x00", "")  # PostgreSQL keeps no such text
    with database.transaction() as session:
        session.execute(update(ChangeRow).values(headline=hostile))
    feed = feed_of(ask("GET", f"/documents/{registered[0]}/changes.atom").content)
    title = feed.findtext("a:entry/a:title", "", NS)
    assert '</title><script>alert("1")</script>\ufffd' in title
    assert not feed.findall(".//script")
    [event, *_] = Calendar.from_ical(ask("GET", "/calendar.ics").content).walk("VEVENT")
    assert "\x07" not in event["description"]


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("/calendar.ics", [date(2026, 4, 20), date(2026, 5, 1)]),
        ("/platforms/acme/calendar.ics", [date(2026, 4, 20), date(2026, 5, 1)]),
        ("/documents/doc_acme_1/calendar.ics", [date(2026, 4, 20), date(2026, 5, 1)]),
        ("/platforms/brook/calendar.ics", []),
    ],
)
@pytest.mark.usefixtures("registered")
def test_a_calendar_holds_the_days_that_documents_state(ask: Ask, path: str, days: list[date]) -> None:
    answer = ask("GET", path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    read = Calendar.from_ical(answer.content)
    assert (read["version"], bool(read["prodid"])) == ("2.0", True)
    events = read.walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == days
    assert [event.decoded("dtstamp") for event in events] == [START] * len(days)
    assert len({event["uid"] for event in events}) == len(days)
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))  # RFC 5545, 3.1


def test_days_long_past_are_left_out(ask: Ask, clock: ManualClock, registered: list[str]) -> None:
    clock.at = datetime(2027, 1, 1, tzinfo=UTC)
    assert registered
    assert not Calendar.from_ical(ask("GET", "/calendar.ics").content).walk("VEVENT")


def test_a_page_tells_of_the_feeds_and_every_page_of_the_first(ask: Ask) -> None:
    page = ask("GET", "/feeds", headers={"authorization": "Bearer of nothing"}).text
    assert '<link rel="alternate" type="application/atom+xml"' in page
    for path in re.findall(r'href="(/feeds/[^"]+|/calendar[^"]+)"', page):
        assert ask("GET", path).status_code == 200, path
