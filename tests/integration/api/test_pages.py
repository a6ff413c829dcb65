"""The pages that anybody may read, walked link by link over a document whose notice before termination fell."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import update

from services.differ.handlers.registering import Registrar
from shared.clock import ManualClock
from shared.db.registry.provisions import Provisions
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.db.tables import DocumentRow, PlatformRow, RegisteredProvisionRow, ScheduleRow
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.integration.api.conftest import Ask

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


class Page(HTMLParser):
    """What of a page the tests look at: its links, headings and tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if tag in {"a", "link"} and values.get("href"):
            self.links.append(str(values["href"]))

    def count(self, tag: str) -> int:
        return sum(one == tag for one, _ in self.tags)


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    bench = Bench(database, tmp_path)
    for notice in ("30 days", "14 days"):
        bench.confirm(as_html(policy(notice=notice)))
        Registrar(RegistryStore(database), bench.clock).take_in()
    return bench


def test_no_link_of_ours_leads_nowhere(ask: Ask, bench: Bench) -> None:
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop()
        answer = ask("GET", path)
        if path.startswith("/account/") or path.endswith("/evidence.zip"):
            assert answer.headers["location"].startswith("/sign-in?next="), path
            continue
        assert answer.status_code == 200, path
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Page(answer.text)
        assert page.count("h1") == 1, path
        assert all(
            "style" not in values and not any(name.startswith("on") for name in values) for _, values in page.tags
        )
        for link in page.links:
            link = link.partition("#")[0]
            if link.startswith("/") and link not in seen:
                seen.add(link)
                waiting.append(link)
    assert {
        "/changes",
        "/platforms",
        "/platforms/acme",
        "/categories/contract.termination",
        "/regulations/gdpr",
        f"/documents/{bench.document_id}",
    } <= seen


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 200, "14 days"),
        ("?platform=acme&severity=high", 200, "platform acme"),
        ("?platform=other", 200, "No change fits all of that"),
        ("?type=Terms of Service&category=contract.termination&since=2026-01-01&until=2030-01-01", 200, "14 days"),
        ("?since=2100-01-01", 200, "No change fits all of that"),
        ("?cursor=nonsense", 200, "14 days"),
        ("?severity=worst", 422, "choose one of the list"),
        ("?since=yesterday", 422, "a day as 2026-03-01"),
        ("?category=none&regulation=none", 422, "choose one of the list"),
    ],
)
def test_the_feed_is_filtered(ask: Ask, bench: Bench, query: str, status: int, said: str) -> None:
    answer = ask("GET", f"/changes{query}")
    assert answer.status_code == status
    assert said in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/platforms/none",
        "/documents/none",
        "/changes/none",
        "/provisions/none",
        "/categories/none",
        "/regulations/none",
    ],
)
def test_what_is_not_there_is_said(ask: Ask, bench: Bench, path: str) -> None:
    assert ask("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("termination notice", "<mark>"),
        ("zebra", "Nothing says that"),
        ("--", "There is no word in that"),
        ("", "Every provision in force"),
    ],
)
def test_search_says_what_it_found(ask: Ask, bench: Bench, typed: str, said: str) -> None:
    assert said in ask("GET", "/search", params={"q": typed}).text


@pytest.mark.parametrize("path", ["/search", "/changes"])
def test_what_was_typed_is_text(ask: Ask, bench: Bench, path: str) -> None:
    names = ("q", "platform", "type", "category", "severity", "direction", "regulation", "since", "until", "cursor")
    page = Page(ask("GET", path, params=dict.fromkeys(names, EVIL)).text)
    assert page.count("img") == 0
    assert [values.get("src", "")[:8] for tag, values in page.tags if tag == "script"] == ["/static/"]


def test_an_installation_without_anything_says_how_to_begin(ask: Ask) -> None:
    assert "clausewatch catalogue list" in ask("GET", "/").text
    assert "clausewatch catalogue list" in ask("GET", "/platforms").text
    assert "Nothing has changed yet" in ask("GET", "/changes").text


def test_a_provision_shows_its_history_and_how_others_handle_it(
    ask: Ask, bench: Bench, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        session.add(PlatformRow(id="plt_other", slug="other", name="Other & Sons", created_at=bench.clock.now()))
        session.flush()
        for row in (DocumentRow, RegisteredProvisionRow):
            session.execute(update(row).values(platform_id="plt_other"))
    another = Bench(database, tmp_path / "another", clock=bench.clock)
    another.confirm(as_html(policy(notice="45 days")))
    Registrar(RegistryStore(database), bench.clock).take_in()
    mine = next(one for one in Provisions(database).of_document(bench.document_id) if "14 days" in one.excerpt)
    page = ask("GET", f"/provisions/{mine.provision_id}").text
    assert f'href="/categories/{mine.category}"' in page
    assert 'href="/regulations/' in page
    assert "30 days" in page, "what it said before"
    others = page.partition("How other platforms handle this")[2].partition("History")[0]
    assert "45 days" in others
    assert "Acme" in others
    another.confirm(as_html(policy(notice="20 days")))
    Registrar(RegistryStore(database), bench.clock).take_in()
    elsewhere = ask("GET", f"/changes/{another.changes[0].id}").text.partition("Earlier on other platforms")[2]
    assert f"/changes/{bench.changes[0].id}" in elsewhere


def test_a_platform_shows_its_changes_over_time_and_what_it_speaks_of(ask: Ask, bench: Bench) -> None:
    page = ask("GET", "/platforms/acme").text
    assert '<rect class="high"' in page
    assert '<tr><th scope="row">April 2026</th><td class="number">1</td>' in page
    assert re.search(
        r'contract.termination">[^<]+</a></th><td class="number">1</td>\s*<td class="number">1 of 1</td>', page
    )


def test_a_history_says_once_what_stood_in_several_versions(ask: Ask, bench: Bench, database: Database) -> None:
    bench.confirm(as_html(policy(notice="14 days").replace("16 years", "18 years")))
    Registrar(RegistryStore(database), bench.clock).take_in()
    mine = next(one for one in Provisions(database).of_document(bench.document_id) if "14 days" in one.excerpt)
    history = ask("GET", f"/provisions/{mine.provision_id}").text.partition("<h2>History</h2>")[2]
    assert re.findall(r"Versions? \d[^·]*", history) == ["Versions 2 to 3 ", "Version 1 "]
    assert "[deleted: </span>30" in history


@pytest.mark.parametrize(
    ("third", "said"),
    [
        (policy(notice="30 days"), "Yes: the text went back to that of"),
        (policy(notice="30 days").replace("16 years", "18 years"), "In part: 1 of the provisions above says again"),
        (policy(notice="45 days"), "No earlier version of this document had this text"),
    ],
    ids=["whole", "in part", "new"],
)
def test_a_record_says_whether_its_words_were_seen_before(ask: Ask, bench: Bench, third: str, said: str) -> None:
    bench.confirm(as_html(third))
    assert said in ask("GET", f"/changes/{bench.changes[-1].id}").text


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("?category=contract.termination&platform=acme", 200, "14 days"),
        ("?category=dispute.arbitration&platform=acme&platform=&platform=", 200, "Says nothing of the kind"),
        (
            "?category=dispute.arbitration&platform=acme&platform=%3Cb%3E",
            422,
            "“<bdi>&lt;b&gt;</bdi>” is none of these",
        ),
        ("?category=none&platform=acme", 422, "“<bdi>none</bdi>” is none of these platforms and categories"),
        ("", 200, "Choose a category"),
    ],
)
def test_platforms_stand_side_by_side(ask: Ask, bench: Bench, query: str, status: int, said: str) -> None:
    answer = ask("GET", f"/compare{query}")
    assert (answer.status_code, said in answer.text) == (status, True)


def test_a_check_that_did_not_come_is_a_silent_gap(ask: Ask, bench: Bench, clock: ManualClock) -> None:
    with bench.database.transaction() as session:
        due = clock.now() - timedelta(minutes=16)
        session.execute(update(ScheduleRow).values(next_check_at=due, failures=0))
    assert "Silent gaps</dt><dd>1:" in ask("GET", "/status").text
    with bench.database.transaction() as session:
        session.execute(update(ScheduleRow).values(next_check_at=clock.now(), failures=2))
    page = ask("GET", "/status").text
    assert "Silent gaps</dt><dd>0:" in page
    assert "Failing, or with a condition" in page
