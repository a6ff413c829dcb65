"""The page that alerts link to: all of the record, and nothing of a page's text or name is acted on."""

import base64
import hashlib
import re
from typing import Any

import pytest
from sqlalchemy import select

from shared.db.session import Database
from shared.db.tables import ChangeRow
from tests.factories.accounts import add_change, add_document
from tests.factories.reports import provision, report
from tests.integration.api.conftest import Ask

VECTORS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "</title></main><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\u202e<b>turned</b>",
)


SPAN: dict[str, Any] = {"side": "after", "span": [0, 2]}


def proven(*, text: str = "Notice before termination is shorter", **changed: Any) -> dict[str, Any]:
    """What the differ may store: a headline and a provision whose sentences have proofs."""
    one = provision(**{"sentence": {"text": text, "proof": [SPAN]}, **changed})
    return {"headline": {"text": text, "proof": [{"provision": "prv_1", **SPAN}]}, "provisions": [one]}


@pytest.fixture
def change_id(database: Database) -> str:
    return add_change(database, add_document(database), **proven())


SAID = (
    "<h1>Notice before termination is shorter</h1>",
    '<span class="badge high">high</span>',
    "9 April 2026",
    "24 April 2026",
    "[deleted: </span>30",
    "[inserted: </span>14",
    "a" * 64,
    "d" * 64,
    "Not legal advice.",
)
IN_FRAME = (
    '<a href="/changes" aria-current="page">',
    "Acme, Terms of Service, https://acme.example/terms",  # how to cite it
    "24 April 2026</time>, in 14 days: <q><bdi>takes effect on 24 April 2026</bdi></q>",
    "API developers",
    "a date that it states moved with the text",
    "90 % sure",
    "No earlier version of this document had this text",
    'rel="noopener noreferrer nofollow"',
)


@pytest.mark.parametrize(("view", "said"), [("", SAID + IN_FRAME), ("?view=sides", SAID), ("/redline", SAID)])
def test_the_record_says_what_changed_and_proves_it(ask: Ask, change_id: str, view: str, said: tuple[str, ...]) -> None:
    answer = ask("GET", f"/changes/{change_id}{view}")
    assert answer.status_code == 200
    assert [one for one in said if one not in answer.text] == []
    assert ("<h4>Before</h4>" in answer.text) == (view != "")


def test_the_link_to_the_evidence_leads_to_it(ask: Ask, change_id: str) -> None:
    answer = ask("GET", f"/changes/{change_id}/evidence")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/changes/{change_id}#evidence")
    assert 'id="evidence"' in ask("GET", f"/changes/{change_id}").text
    assert ask("GET", "/changes/chg_none/evidence").status_code == 404


FACT = {
    "kind": "quantity",
    "unit": "day",
    "before": "30 days",
    "after": "14 days",
    "before_value": 30,
    "after_value": 14,
    "before_span": [21, 28],
    "after_span": [21, 28],
}
NUMBER = '<sup class="fact-number"><span class="unseen"> fact </span>1</sup></mark>'


@pytest.mark.parametrize(
    ("view", "marked"),
    [
        ("", ['<mark class="fact"><del>', "]</span></ins> days" + NUMBER + "&#39; notice."]),
        ("?view=sides", ['[deleted: </span>30<span class="unseen">]</span></del> days' + NUMBER]),
    ],
)
def test_facts_are_marked_where_they_stand(ask: Ask, database: Database, view: str, marked: list[str]) -> None:
    page = ask("GET", f"/changes/{add_change(database, add_document(database), **proven(facts=[FACT]))}{view}").text
    assert [one for one in marked if one not in page] == []
    assert '<th scope="row">Amount</th>' in page


def test_a_long_record_comes_in_pages_that_show_all_of_it(ask: Ask, database: Database) -> None:
    words = '&<>"' * 6_000
    many = [provision(number, sentence=None) for number in range(1, 120)]
    long = provision(120, redline=[["-", "x "], ["+", "y "], ["=", words]], severity="low", sentence=None)
    change_id = add_change(database, add_document(database), **{**proven(), "provisions": [*many, long]})
    path, shown = f"/changes/{change_id}", []
    while path:
        answer = ask("GET", path)
        assert len(answer.content) < 150_000
        shown += re.findall(r'<section class="card change" id="(prv_\d+)"', answer.text)
        found = re.search(r'href="([^"]+)#changes">Further ones', answer.text)
        path = found[1] if found else ""
    assert shown == [f"prv_{number}" for number in range(1, 121)]
    for page in ("0", "99999", "-1", "one"):
        assert ask("GET", f"/changes/{change_id}?page={page}").status_code == 200


def test_changes_of_a_document_lead_to_one_another(ask: Ask, database: Database) -> None:
    document = add_document(database)
    first, second = (add_change(database, document, number, **proven()) for number in (1, 2))
    assert f'rel="next" href="/changes/{second}"' in ask("GET", f"/changes/{first}").text
    last = ask("GET", f"/changes/{second}").text
    assert f'rel="prev" href="/changes/{first}"' in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_of_a_page_is_acted_on(ask: Ask, database: Database, vector: str) -> None:
    hostile = proven(
        text=vector,
        path=[vector],
        heading=vector,
        redline=[["=", vector], ["-", vector], ["+", vector]],
        before={"text": vector * 2, "path": [vector], "parts": None},
        after={"text": vector * 2, "path": [vector], "parts": None},
    )
    change_id = add_change(
        database,
        add_document(database),
        platform={"slug": "acme", "name": vector},
        document={"id": "doc_1", "type": vector, "url": f"https://acme.example/{vector}", "language": vector},
        notes=[vector],
        limits=[vector],
        affected=[vector],
        **hostile,
    )
    other = add_document(database, number=2)
    plain_id = add_change(database, other, **proven())
    for view in ("", "?view=sides", "/redline"):
        answer, plain = (ask("GET", f"/changes/{one}{view}") for one in (change_id, plain_id))
        assert answer.status_code == 200
        assert tags(answer.text) == tags(plain.text) | (tags(answer.text) & {"li", "ul"})
        assert not re.search(r"<(script(?! src=./static/)|img|svg|b)\b|<[a-z]+[^>]*\son\w+=", answer.text)


def tags(page: str) -> set[str]:
    """The names of a page's elements."""
    return set(re.findall(r"<([a-z][a-z0-9]*)", page))


@pytest.mark.parametrize(
    ("status", "said"), [("retracted", "this alert was wrong"), ("corrected", "Corrected after"), ("confirmed", "")]
)
def test_a_record_says_what_became_of_it(ask: Ask, database: Database, change_id: str, status: str, said: str) -> None:
    with database.transaction() as session:
        row = session.scalars(select(ChangeRow)).one()
        row.status, row.report = (
            status,
            {**row.report, "notes": ["Corrected: it was 15 days", "Retracted: it was not so"]},
        )
        session.add(row)
    page = ask("GET", f"/changes/{change_id}").text
    assert said in page
    assert ("was wrong" in page, "Corrected after" in page) == (status == "retracted", status == "corrected")
    head = page.partition("</dl>")[0]
    assert ("it was 15 days" in head, "it was 15 days" in page) == (status != "confirmed", True)
    assert said in ask("GET", f"/changes/{change_id}/redline").text


@pytest.mark.parametrize("wrong", ["chg_unknown", "chg_", "doc_acme_1", "chg_%00", "chg_%25", "chg_" + "a" * 99, "%27"])
def test_an_unknown_record_is_not_found(ask: Ask, change_id: str, wrong: str) -> None:
    assert ask("GET", f"/changes/{wrong}").status_code == 404


def test_the_beginning_of_an_id_names_nothing(ask: Ask, change_id: str) -> None:
    assert ask("GET", f"/changes/{change_id[:-1]}").status_code == 404
    assert ask("POST", f"/changes/{change_id}").status_code == 405


def test_the_style_is_the_one_that_the_headers_allow(ask: Ask, change_id: str) -> None:
    answer = ask("GET", f"/changes/{change_id}/redline")
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert " style=" not in answer.text
    assert report()["disclaimer"] in answer.text
