"""Everything that anybody may read over REST, walked over a document whose notice before termination fell."""

from pathlib import Path
from typing import Any

import pytest

from services.api.resources import Resources
from services.api.v1.paging import cursor_of
from services.differ.core.render.citation import citation
from services.differ.handlers.registering import Registrar
from shared.db.identity.keys import ApiKeys
from shared.db.notifier.accounts import AccountStore
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.domain.report import Report
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.integration.api.conftest import Ask

NOTICES = ("30 days", "14 days")
V1 = "/api/v1"

FILTERS = {
    "": True,
    "?platform=acme&severity=high&severity=medium&severity=low": True,
    "?platform=other": False,
    "?type=Terms of Service": True,
    "?type=Privacy Policy": False,
    "?category=contract.termination": True,
    "?category=dispute.arbitration": False,
    "?direction=worse": True,
    "?direction=better": False,
    "?document=none": False,
    "?provision=none": False,
    "?since=2100-01-01T00:00:00Z": False,
    "?until=2100-01-01T00:00:00Z&all=true": True,
}
"""Filters, and whether the one change fits."""

REFUSED = {
    "/documents/none": 404,
    "/documents/none/versions": 404,
    "/documents/none/snapshots": 404,
    "/documents/none/provisions": 404,
    "/documents?cursor=W10": 422,
    "/versions/none": 404,
    "/versions/none/provisions": 404,
    "/versions/none/text": 404,
    "/snapshots/none": 404,
    "/snapshots/none/parts/0/raw": 404,
    "/snapshots/none/parts/x/raw": 422,
    "/provisions": 422,
    "/provisions?category=none": 422,
    "/provisions/none": 404,
    "/provisions/none/history": 404,
    f"/provisions/none/history?cursor={cursor_of(('none/history', 1, 1))}": 404,
    "/provisions/none/history?cursor=W10": 422,
    "/changes?severity=worst": 422,
    "/changes?category=none": 422,
    "/changes?regulation=none": 422,
    "/changes?since=2026-01-01T00:00:00": 422,
    "/changes?cursor=WyJ4IiwieCJd": 422,
    "/changes/none/report": 404,
    "/categories/none": 404,
    "/regulations/none": 404,
    "/search?q=": 422,
    "/search?q=--": 422,
    "/search?q=a&kind=else": 422,
    # what no database takes, or compares by
    "/documents?platform=a%00b": 422,
    "/documents/a%00b": 422,
    "/changes?document=%00": 422,
    "/search?q=terms&platform=%00": 422,
    f"/documents?cursor={cursor_of(('a' + chr(0), 'b', 'c'))}": 422,
    f"/documents?cursor={cursor_of((chr(0xD800), 'b', 'c'))}": 422,
    f"/search?q=terms&cursor={cursor_of((10**30,))}": 422,
    f"/search?q=terms&cursor={cursor_of((-1,))}": 422,
    f"/changes?cursor={cursor_of(('0001-01-01T00:00:00+14:00', 'c'))}": 422,
    "/changes?since=0001-01-01T00:00:00%2B14:00": 422,
    "/changes?until=9999-12-31T23:59:59-14:00": 422,
    "/documents/a%0Ab": 404,
    "/snapshots/none/parts/99999999999999999999/raw": 404,
}
"""Paths that name nothing, or are wrong."""


@pytest.fixture
def bench(database: Database, resources: Resources, tmp_path: Path) -> Bench:
    """In the registry; its captures in the archive that the API reads."""
    bench = Bench(database, tmp_path)
    assert isinstance(resources.archive, type(bench.archive))
    for notice in NOTICES:
        bench.confirm(as_html(policy(notice=notice)))
        Registrar(RegistryStore(database), bench.clock).take_in()
    for sha in list(bench.archive.keys()):
        resources.archive.put(bench.archive.get(sha))
    return bench


@pytest.fixture
def get(ask: Ask, bench: Bench) -> Any:
    def got(path: str) -> Any:
        answer = ask("GET", V1 + path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    return got


def test_a_document_its_versions_its_captures_and_what_it_says(bench: Bench, get: Any, ask: Ask) -> None:
    [document] = get("/documents?platform=acme&type=Terms of Service")["items"]
    assert (document["id"], document["versions"], document["conditions"]) == (bench.document_id, 2, [])
    assert get(f"/documents/{document['id']}") == document
    assert get("/documents?platform=other")["items"] == []

    newest, first = get(f"/documents/{document['id']}/versions")["items"]
    assert (newest["sequence"], first["sequence"], newest["id"]) == (2, 1, document["version_id"])
    assert get(f"/versions/{newest['id']}") == newest
    texts = [ask("GET", f"{V1}/versions/{version['id']}/text") for version in (first, newest)]
    assert [notice in text.text for text, notice in zip(texts, NOTICES, strict=True)] == [True, True]
    clauses = get(f"/versions/{newest['id']}/provisions")["items"]
    assert any("14 days" in clause["text"] for clause in clauses)

    snapshots = get(f"/documents/{document['id']}/snapshots")["items"]
    assert [one["ordinal"] for one in snapshots] == [4, 3, 2, 1]
    assert get(f"/snapshots/{newest['snapshot_id']}")["usable"] is True
    raw = ask("GET", f"{V1}/snapshots/{newest['snapshot_id']}/parts/0/raw")
    assert raw.content == as_html(policy(notice="14 days")).encode()
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")

    provisions = get(f"/documents/{document['id']}/provisions")["items"]
    assert [one["ordinal"] for one in provisions] == sorted(one["ordinal"] for one in provisions)


def test_a_provision_by_category_with_its_history(bench: Bench, get: Any) -> None:
    found = get("/provisions?category=contract.termination&platform=acme")["items"]
    changed = next(one for one in found if "14 days" in one["excerpt"])
    assert get(f"/provisions/{changed['provision_id']}") == changed
    told = get(f"/provisions/{changed['provision_id']}/history")["items"]
    assert [notice in one["text"] for one, notice in zip(told, NOTICES, strict=True)] == [True, True]
    assert get("/categories/contract.termination")["platforms"] == 1
    by_id = {one["id"]: one for one in get("/categories")["items"]}
    assert by_id["contract.termination"]["provisions"] == len(found)
    instruments = get("/regulations")["items"]
    assert instruments
    assert get(f"/regulations/{instruments[0]['id']}") == instruments[0]


def test_changes_by_filters(get: Any) -> None:
    found = {filters: bool(get(f"/changes{filters}")["items"]) for filters in FILTERS}
    assert found == FILTERS


def test_a_change_its_report_its_redline_and_its_citation(bench: Bench, get: Any, ask: Ask) -> None:
    [change] = get("/changes")["items"]
    assert get(f"/changes/{change['id']}") == change
    report = get(f"/changes/{change['id']}/report")
    assert (report["id"], report["status"], report["schema"]) == (change["id"], "confirmed", "clausewatch.change/1")
    redline = ask("GET", f"{V1}/changes/{change['id']}/redline")
    assert redline.headers["content-type"].startswith("text/html")
    assert "<del>" in redline.text
    cited = get(f"/changes/{change['id']}/citation")
    assert cited["record"].endswith(f"/changes/{change['id']}")
    for part in (change["headline"], change["id"], cited["record"], report["evidence"]["new"]["text_sha256"]):
        assert part in cited["text"]
    assert "This record was retracted." in citation(
        Report.from_json({**report, "status": "retracted"}), cited["record"]
    )


def test_search_finds_provisions_and_changes_in_pieces(get: Any) -> None:
    found = get("/search?q=termination notice")["items"]
    assert {one["kind"] for one in found} == {"provision", "change"}
    marked = {piece["text"].lower() for one in found for piece in one["excerpt"] if piece["found"]}
    assert "notice" in marked
    assert get("/search?q=zebra")["items"] == []


def test_every_list_can_be_paged_through(get: Any, bench: Bench) -> None:
    document = get(f"/documents/{bench.document_id}")
    changed = next(
        one for one in get("/provisions?category=contract.termination")["items"] if "14 days" in one["excerpt"]
    )
    for path in (
        f"/versions/{document['version_id']}/provisions",
        f"/provisions/{changed['provision_id']}/history",
        f"/documents/{bench.document_id}/provisions",
        f"/documents/{bench.document_id}/versions",
        f"/documents/{bench.document_id}/snapshots",
        "/provisions?category=contract.termination",
        "/changes?all=true",
        "/search?q=terms",
        "/documents",
    ):
        whole, mark = get(path)["items"], "&" if "?" in path else "?"
        found, following = [], f"{path}{mark}limit=1"
        while following:
            page = get(following)
            found += page["items"]
            following = f"{path}{mark}limit=1&cursor={page['next']}" if page["next"] else ""
        assert found == whole, path
        assert len(found) > 1 or path.count("/") == 1, path


def test_a_cursor_of_another_list_is_refused(get: Any, ask: Ask, bench: Bench) -> None:
    document = bench.document_id
    newest, first = (one["id"] for one in get(f"/documents/{document}/versions")["items"])
    lists = [f"/documents/{document}/{name}" for name in ("versions", "snapshots", "provisions")]
    lists += [f"/versions/{newest}/provisions", f"/versions/{first}/provisions"]
    cursors = {path: get(f"{path}?limit=1")["next"] for path in lists}
    for path in lists:
        for of, cursor in cursors.items():
            answer = ask("GET", f"{V1}{path}?limit=1&cursor={cursor}")
            assert answer.status_code == (200 if of == path else 422), (path, of)
            if of != path:
                assert (answer.json()["type"], answer.json()["faults"][0]["where"]) == (
                    "/problems/invalid",
                    "query.cursor",
                )


def test_bad_input_gets_its_problem(ask: Ask) -> None:
    answers = {path: ask("GET", V1 + path) for path in REFUSED}
    assert {path: answer.status_code for path, answer in answers.items()} == REFUSED
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}


def test_the_bytes_of_what_nobody_judged_are_the_operators(
    ask: Ask, bench: Bench, accounts: AccountStore, database: Database, resources: Resources
) -> None:
    page = "<p>An error page that nobody has judged</p>"
    path = f"{V1}/snapshots/{bench.record(page)}/parts/0/raw"
    accounts.ensure_account("acc_alice", "Alice", "free", bench.clock.now())
    keys, bearers = ApiKeys(database), {}
    for role, is_operator in (("owner", False), ("read-only", True)):
        _, secret = keys.make("acc_alice", role, role, bench.clock.now(), is_operator=is_operator)
        bearers[role] = {"authorization": f"Bearer {secret}"}
    for headers in ({}, bearers["owner"]):
        answer = ask("GET", path, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/quarantined")
    assert ask("GET", path, headers={"authorization": "Bearer cw_none"}).status_code == 401
    assert ask("GET", path, headers=bearers["read-only"]).json()["type"] == "/problems/not-kept"
    resources.archive.put(page.encode())
    shown = ask("GET", path, headers=bearers["read-only"])
    assert shown.content == page.encode()
    assert shown.headers["content-type"] == "application/octet-stream"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"].startswith("attachment")
    assert shown.headers["cache-control"].startswith("private")


def test_a_page_whose_address_holds_a_nul_is_none(ask: Ask) -> None:
    assert [ask("GET", path).status_code for path in ("/changes/a%00b", "/changes.atom?severity=%00")] == [404, 404]
