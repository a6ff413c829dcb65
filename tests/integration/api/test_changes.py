"""The page that alerts link to: all of the record, and nothing of a page's text or name is acted on."""

import base64
import hashlib
import re
from typing import Any

import pytest
from sqlalchemy import update

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


@pytest.mark.parametrize("view", ["", "/redline", "/evidence"])
def test_the_record_says_what_changed_and_proves_it(ask: Ask, change_id: str, view: str) -> None:
    answer = ask("GET", f"/changes/{change_id}{view}")
    assert answer.status_code == 200
    for said in (
        "<h1>Notice before termination is shorter</h1>",
        '<span class="badge high">high</span>',
        "9 April 2026",
        "24 April 2026",
        "[deleted: </span>30",
        "[inserted: </span>14",
        "a" * 64,
        "d" * 64,
        "Not legal advice.",
    ):
        assert said in answer.text, said


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
    answer = ask("GET", f"/changes/{change_id}")
    plain = ask("GET", f"/changes/{add_change(database, other, **proven())}")
    assert answer.status_code == 200
    assert tags(answer.text) == tags(plain.text) | (tags(answer.text) & {"li", "ul"})
    assert not re.search(r"<(script|img|svg|b)\b|<[a-z]+[^>]*\son\w+=", answer.text)


def tags(page: str) -> set[str]:
    """The names of a page's elements."""
    return set(re.findall(r"<([a-z][a-z0-9]*)", page))


@pytest.mark.parametrize(
    ("status", "said"), [("retracted", "this alert was wrong"), ("corrected", "Corrected after"), ("confirmed", "")]
)
def test_a_record_says_what_became_of_it(ask: Ask, database: Database, change_id: str, status: str, said: str) -> None:
    with database.transaction() as session:
        session.execute(update(ChangeRow).values(status=status))
    page = ask("GET", f"/changes/{change_id}").text
    assert said in page
    assert ("was wrong" in page, "Corrected" in page) == (status == "retracted", status == "corrected")


@pytest.mark.parametrize("wrong", ["chg_unknown", "chg_", "doc_acme_1", "chg_%00", "chg_%25", "chg_" + "a" * 99, "%27"])
def test_an_unknown_record_is_not_found(ask: Ask, change_id: str, wrong: str) -> None:
    assert ask("GET", f"/changes/{wrong}").status_code == 404


def test_the_beginning_of_an_id_names_nothing(ask: Ask, change_id: str) -> None:
    assert ask("GET", f"/changes/{change_id[:-1]}").status_code == 404
    assert ask("POST", f"/changes/{change_id}").status_code == 405


def test_the_style_is_the_one_that_the_headers_allow(ask: Ask, change_id: str) -> None:
    answer = ask("GET", f"/changes/{change_id}")
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert " style=" not in answer.text
    assert report()["disclaimer"] in answer.text
