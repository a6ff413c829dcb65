"""What who runs the installation does about documents, captures, changes and events, on each engine."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.api.app import make_resources
from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.notifier.accounts import AccountStore
from shared.db.outbox import OutboxStore
from shared.db.reviews import Reviews
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources
from shared.db.tables import EventFailureRow, OutboxRow
from shared.domain.documents import Declaration, Part, RangeSelector
from shared.settings import Settings
from tests.factories.accounts import START as EARLIER
from tests.factories.judging import CLAUSES, ERROR_PAGE, START, Bench, terms
from tests.integration.api.conftest import BASE, Ask

NEW: dict[str, Any] = {"platform": "Bolt", "type": "Terms of Service", "urls": ["https://bolt.example/terms"]}


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
def me(database: Database, accounts: AccountStore) -> dict[str, str]:
    """An operator's headers; in the account they only read."""
    accounts.ensure_account("acc_alice", "Alice", "compliance", EARLIER)
    _, secret = ApiKeys(database).make("acc_alice", "operator", "read-only", EARLIER, is_operator=True)
    return {"authorization": f"Bearer {secret}"}


def test_a_document_is_added_amended_paused_and_looked_at(ask: Ask, me: dict[str, str]) -> None:
    made = ask("POST", "/api/v1/documents", headers=me, json={**NEW, "select": ["main"]})
    assert made.status_code == 201, made.text
    again = ask("POST", "/api/v1/documents", headers=me, json=NEW)
    source = made.json()["source"]
    assert (again.status_code, again.json()["is_new"], again.json()["source"]["id"]) == (200, False, source["id"])
    assert source["declaration"]["parts"][0]["select"] == ["main"]
    path = made.headers["location"]
    assert (path, "location" in again.headers) == (f"/api/v1/documents/{source['id']}", False)
    amended = ask("PATCH", path, headers=me, json={"select": ["article"], "check_every_s": 60}).json()
    assert {one["setting"]: one["after"] for one in amended["changed"]} == {"select": ["article"], "check_every_s": 60}
    assert ask("PATCH", path, headers=me, json={"select": ["article"]}).json()["changed"] == []
    more = ask("PATCH", path, headers=me, json={"urls": [*NEW["urls"], "https://bolt.example/more"]}).json()
    assert [part["url"] for part in more["source"]["declaration"]["parts"]][1:] == ["https://bolt.example/more"]
    assert ask("POST", f"{path}/pause", headers=me).json()["state"] == "paused"
    assert ask("POST", f"{path}/check", headers=me).status_code == 409
    assert ask("POST", f"{path}/resume", headers=me).json()["state"] == "active"
    assert ask("POST", f"{path}/check", headers=me).status_code == 202
    listed = ask("GET", "/api/v1/operator/sources?platform=Bolt", headers=me).json()["items"]
    assert [one["id"] for one in listed] == [source["id"]]
    assert ask("POST", f"{path[:-1]}/pause", headers=me).status_code == 404


def test_what_is_watched_comes_in_pages(ask: Ask, me: dict[str, str], database: Database) -> None:
    select = ("main", RangeSelector(start_after="h1", end_before="hr"))
    named = (("Bolt", "https://bolt.example"), ("Acme", "https://b.example"), ("Acme", "https://a.example"))
    wanted = [
        NewDocument(name, "Terms of Service", Declaration(parts=(Part(url=url, select=select),)), 600, 3600)
        for name, url in named
    ]
    ids = [document_id for document_id, _ in Sources(database).watch(wanted, START)]
    first = ask("GET", "/api/v1/operator/sources?limit=2", headers=me).json()
    rest = ask("GET", f"/api/v1/operator/sources?limit=2&cursor={first['next']}", headers=me).json()
    assert [one["id"] for one in [*first["items"], *rest["items"]]] == [*sorted(ids[1:]), ids[0]]
    assert rest["next"] is None
    selected = first["items"][0]["declaration"]["parts"][0]["select"]
    assert selected == ["main", {"start_after": "h1", "end_before": "hr"}], "the ends that are not given are left out"
    [only] = ask("GET", "/api/v1/operator/sources?platform=Bolt", headers=me).json()["items"]
    assert only["id"] == ids[0]
    assert ask("GET", "/api/v1/operator/sources?cursor=made-up", headers=me).status_code == 422


UNWATCHABLE: list[tuple[dict[str, Any], str]] = [
    ({"urls": ["http://127.0.0.1/terms"]}, "loopback"),
    ({"urls": ["https://169.254.169.254/"]}, "cloud metadata"),
    ({"urls": ["file:///etc/passwd"]}, "scheme"),
    ({"urls": []}, "body.urls"),
    ({"select": ["main", "p[["]}, "body.select.1"),
    ({"platform": "…"}, "body.platform"),
    ({"type": "a\nb"}, "body.type"),
    ({"confirm_after_s": -1}, "body.confirm_after_s"),
]


def test_what_cannot_be_watched_says_why(ask: Ask, me: dict[str, str]) -> None:
    for changed, said in UNWATCHABLE:
        answer = ask("POST", "/api/v1/documents", headers=me, json={**NEW, **changed})
        assert answer.status_code == 422, (changed, answer.text)
        assert said in answer.json()["detail"], (changed, answer.text)
    assert ask("GET", "/api/v1/operator/sources", headers=me).json()["items"] == []


def test_selectors_are_tried_on_stored_captures_before_they_are_saved(
    ask: Ask, me: dict[str, str], bench: Bench
) -> None:
    bench.confirm(terms())
    path = f"/api/v1/documents/{bench.document_id}"
    [same] = ask("POST", f"{path}/preview", headers=me, json={}).json()["items"]
    assert set(same["counts"]) == {"unchanged"}
    assert same["now"] == same["then"]
    assert CLAUSES[0] in same["now"]["beginning"]

    body = {"select": ["main"], "remove": ["main p:last-of-type"], "captures": 2}
    items = ask("POST", f"{path}/preview", headers=me, json=body).json()["items"]
    assert len(items) == 2
    assert items[0]["removed"] == [CLAUSES[-1]]
    assert items[0]["added"] == []
    assert items[0]["then"]["provisions"] < items[0]["now"]["provisions"]

    [nothing] = ask("POST", f"{path}/preview", headers=me, json={"select": [".absent"]}).json()["items"]
    assert nothing["then"] is None
    assert nothing["why"]
    assert ask("PATCH", path, headers=me, json={}).json()["changed"] == []  # nothing of it was saved


def test_quarantined_captures_are_listed_and_accepted(ask: Ask, me: dict[str, str], bench: Bench) -> None:
    bench.confirm(terms())
    path = f"/api/v1/documents/{bench.document_id}/accept"
    assert ask("POST", path, headers=me).status_code == 409
    for _ in range(3):
        bench.look(ERROR_PAGE)
    first = ask("GET", "/api/v1/operator/quarantine?limit=2", headers=me).json()
    rest = ask("GET", f"/api/v1/operator/quarantine?limit=2&cursor={first['next']}", headers=me).json()
    found = [*first["items"], *rest["items"]]
    assert len({one["snapshot_id"] for one in found}) == 3
    assert {one["document_id"] for one in found} == {bench.document_id}
    assert all(one["why"] for one in found)
    assert ask("POST", path, headers=me).status_code == 202
    assert bench.confirm_at is not None


def test_a_wrong_alert_is_corrected_retracted_and_its_doubts_settled(
    ask: Ask, me: dict[str, str], bench: Bench, database: Database
) -> None:
    bench.confirm(terms())
    bench.confirm(terms(("30 days' notice", "14 days' notice")))
    [change] = bench.changes
    Reviews(database).add(change.id, "nothing changed", START)
    path = f"/api/v1/operator/changes/{change.id}"
    [doubt] = ask("GET", "/api/v1/operator/reviews", headers=me).json()["items"]
    assert (doubt["change_id"], doubt["said"]) == (change.id, "nothing changed")
    other = "low" if change.severity != "low" else "medium"
    corrected = ask("POST", f"{path}/correct", headers=me, json={"why": "It is less grave.", "severity": other})
    assert corrected.status_code == 200, corrected.text
    assert ask("POST", f"{path}/retract", headers=me, json={"why": " "}).status_code == 422
    assert ask("POST", f"{path}/retract", headers=me, json={"why": "It was a mistake."}).status_code == 200
    assert ask("POST", f"{path}/retract", headers=me, json={"why": "Once more."}).status_code == 409
    assert ask("POST", f"{path}x/retract", headers=me, json={"why": "None such."}).status_code == 404
    settle = f"/api/v1/operator/reviews/{change.id}/settle"
    assert ask("POST", settle, headers=me).json() == {"count": 1}
    assert ask("POST", settle, headers=me).status_code == 404
    [row] = bench.changes
    assert (row.severity, row.status) == (other, "retracted")


def test_doubts_come_in_pages(ask: Ask, me: dict[str, str], bench: Bench, database: Database) -> None:
    bench.confirm(terms())
    bench.confirm(terms(("30 days' notice", "14 days' notice")))
    [change] = bench.changes
    for number, minutes in enumerate((2, 0, 0)):
        Reviews(database).add(change.id, f"doubt {number}", START + timedelta(minutes=minutes))
    first = ask("GET", "/api/v1/operator/reviews?limit=2", headers=me).json()
    rest = ask("GET", f"/api/v1/operator/reviews?limit=2&cursor={first['next']}", headers=me).json()
    assert {one["said"] for one in first["items"]} == {"doubt 1", "doubt 2"}
    assert ([one["said"] for one in rest["items"]], rest["next"]) == (["doubt 0"], None)


def test_dead_letters_are_listed_and_revived(ask: Ask, me: dict[str, str], bench: Bench, database: Database) -> None:
    bench.look(terms())
    with database.transaction() as session:
        event_id = session.scalars(select(OutboxRow.id)).first()
        failure = EventFailureRow(
            event_id=event_id, consumer="differ", attempts=5, last_error="x", last_at=START, dead_at=START
        )
        session.add(failure)
    [dead] = ask("GET", "/api/v1/operator/dead-letters", headers=me).json()["items"]
    assert (dead["event_id"], dead["attempts"]) == (event_id, 5)
    assert ask("POST", "/api/v1/operator/dead-letters/retry", headers=me).json() == {"count": 1}
    assert OutboxStore(database).dead_letters() == []
