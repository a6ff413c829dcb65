"""The page of a digest: all of it, in order, for whoever has its address."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from services.notifier.handlers.digests import Digester
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.digests import DigestStore
from shared.db.session import Database
from shared.db.tables import ChangeRow, NoticeRow
from shared.domain.subscriptions import Cadence
from shared.events import ConditionBegan
from tests.factories.accounts import add_change, add_condition, add_document, change_event, subscribe
from tests.factories.posting import Post
from tests.integration.api.conftest import BASE, Ask
from tests.integration.api.test_changes import proven

HOSTILE = "<script>alert(1)</script>"
TOLD = [("acme", "medium", "Fee rises"), ("acme", "low", HOSTILE), ("borealis", "high", "Notice is shorter")]


@pytest.fixture
def link(database: Database, accounts: AccountStore, clock: ManualClock, mailbox: str) -> str:
    """Of a weekly digest of three changes and a condition, as its notice has it."""
    subscribe(accounts, "alice", [mailbox], cadence=Cadence.WEEKLY)
    post = Post(database, clock)
    documents = {slug: add_document(database, platform=slug) for slug in ("acme", "borealis")}
    for number, (slug, severity, headline) in enumerate(TOLD, 1):
        change_id = add_change(database, documents[slug], number, **proven())
        with database.transaction() as session:
            chosen = update(ChangeRow).where(col(ChangeRow.id) == change_id)
            session.execute(chosen.values(severity=severity, headline=headline))
        event = change_event(change_id, documents[slug], platform_slug=slug, severity=severity)
        post.teller.change_detected(event, event_id=f"evt_{change_id}", correlation_id="cor_1")
    condition = add_condition(database, documents["acme"])
    began = ConditionBegan(condition_id=condition, document_id=documents["acme"], kind="unreachable")
    post.teller.condition_changed(began, event_id="evt_1", correlation_id="cor_1")
    clock.advance(timedelta(days=8))
    assert Digester(DigestStore(database), clock, lambda: None, public_url=f"{BASE}/").make_due() == 1
    with database.reading() as session:
        data = session.scalars(select(NoticeRow.data).where(NoticeRow.kind == "digest.ready")).one()
    return str(data["digest"]["link"])


def test_all_of_it_is_there_the_gravest_first(ask: Ask, link: str) -> None:
    answer = ask("GET", link)
    assert answer.status_code == 200
    places = [
        answer.text.index(words) for words in ("Borealis", "Notice is shorter", "Acme", "Fee rises", "&lt;script")
    ]
    assert places == sorted(places)
    assert "Acme Terms of Service: unreachable, began" in answer.text
    assert "<script>" not in answer.text
    assert answer.text.count("<h1>") == 1
    assert "no-referrer" in answer.headers["referrer-policy"]
    for record in re.findall(r'href="(/changes/[^"]+)"', answer.text):
        assert ask("GET", record).status_code == 200
    assert len(re.findall(r'href="/changes/', answer.text)) == len(TOLD)


def test_what_was_taken_back_since_says_so(ask: Ask, link: str, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(ChangeRow).where(col(ChangeRow.headline) == "Fee rises").values(status="retracted"))
    assert "Medium severity, worse for users · retracted" in " ".join(ask("GET", link).text.split())


@pytest.mark.parametrize("path", ["/digests/dig_unknown", "/digests/chg_1", "/digests/dig_%01", "/digests/dig_A'"])
def test_any_other_address_holds_nothing(ask: Ask, link: str, path: str) -> None:
    answer = ask("GET", path)
    assert answer.status_code == 404
    assert answer.text == ask("GET", f"{link}a").text
