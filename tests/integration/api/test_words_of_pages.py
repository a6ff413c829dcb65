"""What pages say of severities, directions, dates and imports, so that nobody has to know our words for them."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from services.differ.handlers.registering import Registrar
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.db.tables import ChangeRow, DocumentRow, VersionRow
from tests.factories.accounts import START, add_change, add_document
from tests.factories.browsers import Browser, signed_in
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.factories.reports import provision
from tests.integration.api.conftest import Ask


@pytest.fixture
def document(database: Database) -> str:
    """A document with a change."""
    document_id = add_document(database)
    add_change(database, document_id, **REPORT)
    return document_id


STATED = {"value": "2026-05-01", "quote": "Effective 1 May 2026"}
DATES = {
    "last_seen_old": "2026-04-10T07:00:00Z",
    "first_seen_new": "2026-04-10T08:00:00Z",
    "stated_updated": None,
    "effective": STATED,
    "objection": None,
}
REPORT = {"headline": None, "provisions": [provision(sentence=None)]}


def test_the_words_beside_provisions_are_explained(ask: Ask, database: Database, tmp_path: Path) -> None:
    bench = Bench(database, tmp_path)
    bench.confirm(as_html(policy(notice="30 days")))
    bench.confirm(as_html(policy(notice="14 days")))
    Registrar(RegistryStore(database), bench.clock).take_in()
    document = ask("GET", f"/documents/{bench.document_id}").text
    assert "how grave such a clause is by itself" in document
    [provision, *_] = re.findall(r'href="(/provisions/[^"]+)"', document)
    for path in (f"/documents/{bench.document_id}", provision, f"/changes/{bench.changes[0].id}"):
        assert 'href="/methodology#severity"' in ask("GET", path).text, path
    methods = ask("GET", "/methodology").text
    assert 'id="severity"' in methods
    assert all(f'<span class="badge {word}">' in methods for word in ("high", "medium", "low", "editorial"))


@pytest.mark.parametrize(
    ("direction", "words"),
    [
        ("worse", "worse for users"),
        ("better", "better for users"),
        ("mixed", "better in part, worse in part"),
        ("neutral", "neither better nor worse"),
    ],
)
def test_a_direction_is_said_in_words(ask: Ask, database: Database, document: str, direction: str, words: str) -> None:
    with database.transaction() as session:
        session.execute(update(ChangeRow).values(direction=direction))
    assert words in ask("GET", "/changes").text


@pytest.mark.parametrize(
    ("effective", "said"), [(STATED, "<q><bdi>Effective 1 May 2026</bdi></q>"), (None, "not stated: ")]
)
def test_whether_a_day_is_stated_is_always_said(
    ask: Ask, database: Database, document: str, effective: dict[str, Any] | None, said: str
) -> None:
    change_id = add_change(database, document, 2, **REPORT, dates=DATES | {"effective": effective})
    row = ask("GET", f"/changes/{change_id}").text.partition("<dt>Stated as effective</dt><dd>")[2]
    assert said in row.partition("</dd>")[0]


def test_an_imported_document_says_so_in_words(ask: Ask, database: Database, document: str) -> None:
    with database.transaction() as session:
        session.execute(update(DocumentRow).values(url="import:old-texts/acme/terms-of-service"))
        session.execute(update(VersionRow).values(origin="imported"))
    for path in (f"/documents/{document}", f"/changes/chg_{document}_1"):
        page = ask("GET", path).text
        assert "imported from the archive “<bdi>old-texts</bdi>”" in page, path
        assert "import:" not in page, path
    assert "recorded <time" in ask("GET", f"/documents/{document}").text


def reader(ask: Ask, database: Database, clock: ManualClock, accounts: AccountStore, *, is_operator: bool) -> Browser:
    accounts.ensure_account("acc_alice", "Alice", "compliance", START)
    return signed_in(ask, database, clock, "alice", "owner", is_operator=is_operator)


@pytest.mark.parametrize(("is_operator", "way"), [(True, "/operator"), (False, "/platforms")])
def test_a_form_without_anything_to_choose_says_it_once(
    ask: Ask, database: Database, clock: ManualClock, accounts: AccountStore, is_operator: bool, way: str
) -> None:
    form = reader(ask, database, clock, accounts, is_operator=is_operator).get("/account/subscriptions/new").text
    assert form.count("No document is watched yet") == 1
    assert f'href="{way}"' in form.partition("No document is watched yet")[2].partition("</p>")[0]
    assert "There is none to choose yet" not in form.partition("<h2>How</h2>")[0]
