"""The pages of who runs the installation, walked on each engine over a document that was captured."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from services.api.app import make_resources
from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.outbox import OutboxStore
from shared.db.reviews import Reviews
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources
from shared.db.tables import ConditionRow, EventFailureRow, OutboxRow, ReviewRow, ScheduleRow
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription
from shared.settings import Settings
from tests.factories.browsers import Browser, signed_in
from tests.factories.judging import CLAUSES, ERROR_PAGE, START, Bench, terms
from tests.integration.api.conftest import BASE, Ask

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def bench(database: Database, tmp_path: Path, clock: ManualClock) -> Bench:
    """A document whose captures lie in the API's own archive."""
    return Bench(database, tmp_path, clock=clock)


@pytest.fixture
def resources(database_url: str, database: Database, tmp_path: Path, clock: ManualClock) -> Resources:
    settings = Settings(data=tmp_path, database_url=database_url, public_url=BASE, secret_key="new" * 12)
    return make_resources(settings, database, clock)


@pytest.fixture
def me(ask: Ask, database: Database, accounts: AccountStore, clock: ManualClock) -> Browser:
    """An operator, who only reads in their account."""
    accounts.ensure_account("acc_alice", "Alice", "compliance", START)
    return signed_in(ask, database, clock, "alice", "read-only", is_operator=True)


NEW = [("platform", "Bolt"), ("type", "Terms of Service"), ("urls", "https://bolt.example/terms")]
UNWATCHABLE = [
    (("urls", "http://127.0.0.1/terms"), "loopback"),
    (("urls", " "), "one on each line"),
    (("platform", "…"), "no letter in it"),
    (("check_every_s", "often"), "seconds as a number"),
    (("urls", EVIL), "cannot be watched"),
]


def test_a_document_is_added_looked_at_and_paused(me: Browser, database: Database) -> None:
    assert "Nothing is watched yet" in me.get("/operator").text
    for (name, value), said in UNWATCHABLE:
        answer = me.post("/operator/documents", [*(one for one in NEW if one[0] != name), (name, value)])
        assert (answer.status_code, said in answer.text) == (422, True), (name, value, answer.text)
        assert EVIL not in answer.text
    assert Sources(database).documents() == []
    added = me.post("/operator/documents", [*NEW, ("check_every_s", "600")])
    [document] = Sources(database).documents()
    mine = f"/operator/documents/{document.id}"
    assert added.headers["location"] == f"{mine}?done=added"
    assert (document.interval_s, document.url) == (600, "https://bolt.example/terms")
    assert "It was there already" in me.send("/operator/documents", NEW).text
    assert "It was not looked at yet" in me.get(mine).text
    assert "It is paused." in me.send(f"{mine}/pause").text
    assert me.post(f"{mine}/check").status_code == 409
    assert "resume it" in me.post(f"{mine}/check").text
    assert "It is active again." in me.send(f"{mine}/resume").text
    assert "as soon as its host allows" in me.send(f"{mine}/check").text
    assert f'href="{mine}"' in me.get("/operator").text
    assert me.post(f"{mine}x/pause").status_code == 404


def test_many_documents_come_in_pages(me: Browser, database: Database) -> None:
    wanted = [
        NewDocument("Acme", f"Terms {n:02}", Declaration(parts=(Part(url=f"https://acme.example/{n}"),)), 600, 3600)
        for n in range(51)
    ]
    sources = Sources(database)
    sources.watch(wanted, START)
    assert [one.id for one in sources.names()] == [one.id for one in sources.documents()]
    first = me.get("/operator").text
    assert ("Terms 49" in first.partition("</table>")[0], "Terms 50" in first.partition("</table>")[0]) == (True, False)
    [more] = re.findall(r'href="(/operator\?cursor=[^"]+)">More documents', first)
    rest = me.get(more).text
    assert re.findall(r"Acme · (Terms \d+)", rest) == ["Terms 50"]
    assert "More documents" not in rest
    assert "Terms 00" in me.get("/operator?cursor=made-up").text, "what is no cursor of ours is the first page"


def test_documents_are_chosen_by_platform_and_trouble(me: Browser, database: Database) -> None:
    parts = (Part(url="https://x.example/"),)
    wanted = [
        NewDocument(name, f"Terms {n:02}", Declaration(parts=parts), 600, 3600)
        for name in ("Acme", "Bolt Inc.")
        for n in range(51)
    ]
    ids = [document_id for document_id, _ in Sources(database).watch(wanted, START)]
    with database.transaction() as session:
        session.execute(update(ScheduleRow).where(ScheduleRow.document_id == ids[3]).values(failures=2))
        open_, over = {"document_id": ids[60], "ended_at": None}, {"document_id": ids[5], "ended_at": START}
        rest = {"kind": "unstable", "detail": "", "began_at": START}
        session.add_all(ConditionRow(id=f"con_{n}", **one, **rest) for n, one in enumerate((open_, over)))
    first = me.get("/operator?platform=BOLT%20inc").text
    [more] = re.findall(r'href="(/operator\?[^"]+)">More documents', first)
    assert re.findall(r"([A-Z]\w+)[ .\w]* · Terms 50", me.get(unescape(more)).text) == ["Bolt"]
    troubled = me.get("/operator?trouble=yes").text
    assert [one for one in ids if one in troubled] == [ids[3], ids[60]]
    assert "No document is like that." in me.get(f"/operator?platform={quote(EVIL)}").text


def test_selectors_are_tried_before_they_are_saved(me: Browser, bench: Bench) -> None:
    bench.confirm(terms())
    mine = f"/operator/documents/{bench.document_id}/selectors"
    tried = me.post(mine, [("select", "main"), ("remove", "main p:last-of-type"), ("wish", "preview")])
    assert tried.status_code == 200
    assert CLAUSES[-1] in tried.text.partition("No longer read")[2]
    assert f"{bench.versions[0].words} words" in tried.text, "counted as the document's page counts them"
    assert "main p:last-of-type</textarea>" in tried.text
    nothing = me.post(mine, [("select", ".absent"), ("remove", ""), ("wish", "preview")])
    assert "No text can be read" in nothing.text
    wrong = me.post(mine, [("select", "main\np[["), ("remove", "")])
    assert (wrong.status_code, "line 2: it is no CSS selector" in wrong.text) == (422, True)
    assert ">\nmain" in wrong.text or ">main" in wrong.text
    [document] = Sources(bench.database).documents()
    assert document.declaration.parts[0].select == ()
    assert "It is saved." in me.send(mine, [("select", "main\narticle"), ("remove", "")]).text
    [document] = Sources(bench.database).documents()
    assert document.declaration.parts[0].select == ("main", "article")
    assert "it was so already" in me.send(mine, [("select", "main\narticle"), ("remove", "")]).text
    assert me.post(mine.replace("doc_", "doc_x")).status_code == 404


def test_quarantined_captures_are_accepted(me: Browser, bench: Bench) -> None:
    assert "There is none." in me.get("/operator/quarantine").text
    bench.confirm(terms())
    accept = f"/operator/documents/{bench.document_id}/accept"
    assert me.post(accept).status_code == 409
    for _ in range(2):
        bench.look(ERROR_PAGE)
    listed = me.get("/operator/quarantine").text
    assert listed.count(f'action="{accept}"') == 1, "offered with the newest of the same text alone"
    assert "An error page" in listed
    assert "/api/v1/snapshots" not in listed, "pages link to pages"
    assert "The text is accepted" in me.send(accept).text
    assert bench.confirm_at is not None
    assert accept not in me.get("/operator/quarantine").text
    assert "Its text is accepted; the next check confirms it." in me.get("/operator/quarantine").text


@pytest.mark.parametrize(
    ("bodies", "why"),
    [
        ((ERROR_PAGE, terms()), "shows another text by now"),
        ((b"PK\x03\x04" + bytes(400),), "No text was read from it"),
    ],
)
def test_what_cannot_be_accepted_is_not_offered(
    me: Browser, bench: Bench, bodies: tuple[str | bytes, ...], why: str
) -> None:
    bench.confirm(terms())
    for body in bodies:
        bench.look(body)
    listed = me.get("/operator/quarantine").text
    assert f"/operator/documents/{bench.document_id}/accept" not in listed
    assert why in listed
    refused = me.post(f"/operator/documents/{bench.document_id}/accept")
    assert (refused.status_code, "clausewatch" in refused.text.partition("<main")[2].partition("</main")[0]) == (
        409,
        False,
    )


def test_many_doubts_come_in_pages(me: Browser, bench: Bench, database: Database) -> None:
    bench.confirm(terms())
    bench.confirm(terms(("30 days' notice", "14 days' notice")))
    [change] = bench.changes
    with database.transaction() as session:
        session.add_all(
            ReviewRow(id=f"rev_{n:02}", change_id=change.id, said=f"doubt {n:02}", created_at=START) for n in range(31)
        )
    first = me.get("/operator/reviews").text
    [more] = re.findall(r'href="(/operator/reviews\?cursor=[^"]+)">More doubts', first)
    assert re.findall(r"doubt \d\d", first) == [f"doubt {n:02}" for n in range(30)]
    rest = me.get(more).text
    assert re.findall(r"doubt \d\d", rest) == ["doubt 30"]
    assert "More doubts" not in rest


def test_a_wrong_alert_is_corrected_and_retracted(me: Browser, bench: Bench, database: Database) -> None:
    bench.confirm(terms())
    bench.confirm(terms(("30 days' notice", "14 days' notice")))
    [change] = bench.changes
    assert "No reader doubts" in me.get("/operator/reviews").text
    Reviews(database).add(change.id, f"nothing changed {EVIL}", START)
    listed = me.get("/operator/reviews").text
    assert "nothing changed" in listed
    assert EVIL not in listed
    mine = f"/operator/changes/{change.id}"
    assert f'href="{mine}"' in listed
    silent = me.post(f"{mine}/retract", [("why", " ")])
    assert (silent.status_code, silent.text.count('id="why-fault"')) == (422, 1)
    assert 'id="why-fault"' in silent.text.partition("Retract it</h2>")[2], "at the form that was sent"
    worst = me.post(f"{mine}/correct", [("why", "x"), ("severity", "worst")])
    assert (worst.status_code, 'id="severity-fault"' in worst.text) == (422, True)
    other = "low" if change.severity != "low" else "medium"
    page = me.send(f"{mine}/correct", [("why", "It is less grave."), ("severity", other)]).text
    assert "The change is corrected" in page
    again = me.post(f"{mine}/correct", [("why", "Kept words"), ("severity", other)])
    assert (again.status_code, "that is what it says already" in again.text, "Kept words" in again.text) == (
        409,
        True,
        True,
    )
    assert "The change is retracted" in me.send(f"{mine}/retract", [("why", "A mistake.")]).text
    assert "settled" in me.send(f"/operator/reviews/{change.id}/settle").text
    assert me.post(f"/operator/reviews/{change.id}/settle").status_code == 404
    assert me.get(f"{mine}x").status_code == 404
    [row] = bench.changes
    assert (row.severity, row.status) == (other, "retracted")


def test_queues_show_what_waits_and_revive_what_was_given_up(me: Browser, bench: Bench, database: Database) -> None:
    bench.look(terms())
    with database.transaction() as session:
        event_id = session.scalars(select(OutboxRow.id)).first()
        times = {"last_at": START, "dead_at": START}
        session.add(EventFailureRow(event_id=event_id, consumer="differ", attempts=5, last_error=EVIL, **times))
    page = me.get("/operator/queues").text
    assert "events to give to the broker" in page
    assert "5 attempts" in page
    assert EVIL not in page
    assert "1 dead letter is handled again" in me.send("/operator/dead-letters/retry").text
    assert OutboxStore(database).dead_letters() == []


def test_no_link_for_who_is_signed_in_leads_nowhere(me: Browser, bench: Bench, accounts: AccountStore) -> None:
    bench.confirm(terms())
    bench.confirm(terms(("30 days' notice", "14 days' notice")))
    Reviews(bench.database).add(bench.changes[0].id, "nothing changed", START)
    hook = accounts.add_endpoint("acc_alice", Channel.WEBHOOK, "https://alice.example/hook", "sealed", START)[0]
    accounts.subscribe("acc_alice", Subscription(), [hook.id], START)
    waiting, seen = ["/account", "/operator"], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = me.get(path)
        assert (answer.status_code, answer.text.count("<h1")) == (200, 1), path
        assert " style=" not in answer.text, path
        links = (unescape(link).partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', answer.text))
        waiting += [link for link in links if link.startswith(("/account", "/operator"))]
    own = {f"/account/endpoints/{hook.id}", f"/operator/documents/{bench.document_id}/selectors"}
    assert own | {"/operator/queues", "/account/outbox", f"/operator/changes/{bench.changes[0].id}"} <= seen
