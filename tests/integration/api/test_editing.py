"""A source that is edited: what operators ask for on its page and over REST, what that changes and what not."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from services.api.app import make_resources
from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.amending import Amendment
from shared.db.fetcher.claims import Claims
from shared.db.fetcher.values import DueDocument
from shared.db.identity.keys import ApiKeys
from shared.db.ledger.sequencing import HEAD_AFTER, Sequencer
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources, WatchedDocument
from shared.db.tables import ScheduleRow
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription
from shared.evidence.heads import SigningKey
from shared.evidence.unpacking import unpacked
from shared.evidence.verifying import trust_in, verify
from shared.settings import Settings
from tests.factories.browsers import Browser, signed_in
from tests.factories.judging import START, Bench, terms
from tests.integration.api.conftest import BASE, Ask

EVIL = '"><script>alert(1)</script>'
FIRST, SECOND = "https://acme.example/terms", "https://acme.example/terms/2"
SIGNING = SigningKey.derived("the installation's own " * 2)
LATER = START + timedelta(days=9)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def resources(database_url: str, database: Database, tmp_path: Path, clock: ManualClock) -> Resources:
    settings = Settings(data=tmp_path, database_url=database_url, public_url=BASE, secret_key="new" * 12)
    return make_resources(settings, database, clock)


@pytest.fixture
def bench(database: Database, tmp_path: Path, clock: ManualClock) -> Bench:
    """A document whose captures lie in the API's own archive."""
    return Bench(database, tmp_path, clock=clock)


@pytest.fixture
def document_id(database: Database) -> str:
    """Terms in two parts, the first with selectors; looked at lately, and not due for days."""
    parts = (Part(url=FIRST, select=("main",)), Part(url=SECOND))
    wanted = NewDocument("Acme", "Terms of Service", Declaration(parts=parts), 600, 3600, 900)
    [(document_id, _)] = Sources(database).watch([wanted], START)
    with database.transaction() as session:
        session.execute(update(ScheduleRow).values(next_check_at=LATER, seen=[{"url": FIRST}], failures=2))
    return document_id


@pytest.fixture
def me(ask: Ask, database: Database, accounts: AccountStore, clock: ManualClock) -> Browser:
    """An operator, who only reads in their account."""
    accounts.ensure_account("acc_alice", "Alice", "compliance", START)
    return signed_in(ask, database, clock, "alice", "read-only", is_operator=True)


@pytest.fixture
def key(database: Database, accounts: AccountStore) -> dict[str, str]:
    """The headers of an operator's program."""
    accounts.ensure_account("acc_alice", "Alice", "compliance", START)
    _, secret = ApiKeys(database).make("acc_alice", "operator", "read-only", START, is_operator=True)
    return _key(secret)


def _key(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def filled_in(**given: str) -> list[tuple[str, str]]:
    """The form as it is shown for that document, but for what is given."""
    shown = {"type": "Terms of Service", "urls": f"{FIRST}\n{SECOND}", "check_every_s": "900", "confirm_after_s": "600"}
    return list({**shown, **given}.items())


def stored(database: Database, document_id: str) -> WatchedDocument:
    document = Sources(database).one(document_id)
    assert document is not None
    return document


def schedule(database: Database, document_id: str) -> ScheduleRow:
    with database.reading() as session:
        return session.get_one(ScheduleRow, document_id)


def next_look(database: Database) -> DueDocument:
    """What the fetcher takes next."""
    claim = Claims(database, lease=timedelta(minutes=4)).claim_host(START, lambda _host: 1)
    assert claim is not None
    [document] = claim.documents
    return document


def test_the_form_holds_what_there_is_and_saving_it_changes_nothing(
    me: Browser, database: Database, document_id: str
) -> None:
    mine = f"/operator/documents/{document_id}"
    before, page = stored(database, document_id), me.get(mine).text
    for name, value in filled_in():
        assert f'name="{name}"' in page
        assert value in page
    assert "it was so already" in me.send(mine, filled_in()).text
    assert stored(database, document_id) == before
    assert schedule(database, document_id).next_check_at == LATER


def test_another_address_is_read_at_the_next_check_as_the_one_before_was(
    me: Browser, database: Database, document_id: str
) -> None:
    with database.transaction() as session:  # a check is under way: what it brings is of the old address
        session.execute(update(ScheduleRow).values(lease_token="slt_old", lease_until=LATER))
    moved = "https://legal.acme-group.example/terms"
    sent = filled_in(urls=f"{moved}\n{SECOND}\nhttps://acme.example/terms/3", check_every_s="")
    page = me.send(f"/operator/documents/{document_id}", sent).text
    assert "It is saved." in page
    assert f"{moved}\n{SECOND}" in page
    row = schedule(database, document_id)
    assert (row.host, row.next_check_at, row.seen, row.lease_token) == ("legal.acme-group.example", START, None, None)
    look = next_look(database)
    assert [part.url for part in look.declaration.parts] == [moved, SECOND, "https://acme.example/terms/3"]
    assert [part.select for part in look.declaration.parts] == [("main",), (), ()]
    assert (look.check_every_s, look.interval_s) == (None, 900)


def test_times_and_type_change_without_reading_anew(me: Browser, database: Database, document_id: str) -> None:
    mine = f"/operator/documents/{document_id}"
    me.send(mine, filled_in(type="  Conditions générales "))
    assert stored(database, document_id).type == "Conditions générales"
    assert schedule(database, document_id).next_check_at == LATER, "a name is no reason to look"
    page = me.send(mine, filled_in(type="Conditions générales", check_every_s="90.5", confirm_after_s="0")).text
    assert 'value="90.5"' in page
    row, document = schedule(database, document_id), stored(database, document_id)
    assert (row.next_check_at, row.interval_s, row.seen) == (START, 90.5, [{"url": FIRST}])
    assert (document.check_every_s, document.confirm_after_s) == (90.5, 0)
    me.send(mine, [*filled_in(type="Conditions générales"), ("javascript", "yes")])
    assert [part.javascript for part in stored(database, document_id).declaration.parts] == [True, True]


UNUSABLE = [
    ("type", "", "no letter in it"),
    ("type", "…", "no letter in it"),
    ("type", "x" * 201, "200 characters at most"),
    ("type", "Terms\nof Service", "one line"),
    ("type", "Privacy Policy", "another document of that type"),
    ("urls", " ", "20 at most"),
    ("urls", "\n".join(f"{FIRST}/{n}" for n in range(21)), "20 at most"),
    ("urls", f"{FIRST}\n{SECOND}\n{FIRST}", "line 3: "),
    ("urls", f"{FIRST}\nhttp://127.0.0.1/terms", "line 2: "),
    ("urls", "http://169.254.169.254/latest", "cloud metadata"),
    ("urls", "http://0x7f.1/", "cannot be watched"),
    ("urls", "https://user:secret@acme.example/", "credentials"),
    ("urls", "file:///etc/passwd", "scheme"),
    ("urls", f"https://acme.example/ {EVIL}", "white space"),
    ("check_every_s", "often", "seconds as a number from 1"),
    ("check_every_s", "0", "seconds as a number from 1"),
    ("check_every_s", "2678401", "seconds as a number from 1"),
    ("confirm_after_s", "-1", "seconds as a number from 0"),
    ("confirm_after_s", "", "0: the next look is enough"),
    ("confirm_after_s", "nan", "seconds as a number from 0"),
]


def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    me: Browser, database: Database, document_id: str
) -> None:
    other = NewDocument("Acme", "Privacy Policy", Declaration(parts=(Part(url=FIRST),)), 600, 3600)
    Sources(database).watch([other], START)
    mine, before = f"/operator/documents/{document_id}", stored(database, document_id)
    for name, value, said in UNUSABLE:
        kept = "confirm_after_s" if name != "confirm_after_s" else "check_every_s"
        answer = me.post(mine, filled_in(**{name: value, kept: "777"}))
        assert answer.status_code == 422, (name, value)
        fault = answer.text.partition(f'id="{name}-fault"')[2].partition("</span>")[0]
        assert said in unescape(fault), (name, value, fault)
        assert f'aria-describedby="{name}-hint {name}-fault"' in answer.text, name
        assert 'value="777"' in answer.text, "what else was typed stays"
        assert value.strip() in unescape(answer.text), (name, value)
        assert EVIL not in answer.text
        assert stored(database, document_id) == before, (name, value)
    assert me.post(mine, filled_in(), csrf="made-up").status_code == 403
    assert me.post(f"{mine}x", filled_in()).status_code == 404


def test_a_form_that_is_older_than_another_edit_is_not_saved_unseen(
    me: Browser, database: Database, document_id: str
) -> None:
    def shown(page: str) -> tuple[str, str]:
        return "shown", re.findall(r'name="shown" value="(\w+)"', page)[0]

    mine = f"/operator/documents/{document_id}"
    old = shown(me.get(mine).text)
    me.send(mine, [*filled_in(urls=FIRST), old])
    refused = me.post(mine, [*filled_in(check_every_s="60"), old])
    assert (refused.status_code, "it was edited since" in refused.text) == (422, True)
    assert f"{FIRST}\n{SECOND}" in refused.text, "what was typed stays"
    assert [part.url for part in stored(database, document_id).declaration.parts] == [FIRST]
    assert "It is saved." in me.send(mine, [*filled_in(check_every_s="60"), shown(refused.text)]).text


def test_words_in_a_type_and_an_address_are_shown_as_words(me: Browser, database: Database, document_id: str) -> None:
    mine, address = f"/operator/documents/{document_id}", "https://acme.example/'onload=alert(1)<b>"
    page = me.send(mine, filled_in(type=f"Terms {EVIL}", urls=address)).text
    pages = [page, *(me.get(place).text for place in ("/operator", f"{mine}/selectors", f"/documents/{document_id}"))]
    for shown in pages:
        assert EVIL not in shown
        assert "<b>" not in shown
    assert f"Terms {EVIL}" in unescape(page)


def test_what_was_recorded_stays_and_is_found_under_the_new_type(
    ask: Ask, me: Browser, key: dict[str, str], bench: Bench, tmp_path: Path
) -> None:
    bench.confirm(terms())
    bench.confirm(terms(("30 days' notice", "14 days' notice")))
    [change], versions = bench.changes, [one.id for one in bench.versions]
    old, new = change.report["document"]["type"], "Community Guidelines"
    path = f"/api/v1/documents/{bench.document_id}"
    changed = ask("PATCH", path, headers=key, json={"type": f" {new} "}).json()["changed"]
    assert changed == [{"setting": "type", "before": old, "after": new, "url": None}]
    assert [one.id for one in bench.versions] == versions
    for wanted, found in ((old, []), (new, [change.id])):
        listed = ask("GET", "/api/v1/changes", headers=key, params={"type": wanted, "all": "true"}).json()["items"]
        assert [one["id"] for one in listed] == found
    assert new in me.get(f"/changes/{change.id}").text
    assert new in ask("GET", f"/documents/{bench.document_id}/changes.atom").text
    report = ask("GET", f"/api/v1/changes/{change.id}/report", headers=key).json()
    assert report["document"]["type"] == old, "a report says what was told"
    me.send(f"/operator/documents/{bench.document_id}", filled_in(type=new, urls="https://acme.example/legal"))
    for _ in range(2):  # taken in, then signed
        Sequencer(bench.database, bench.clock, SIGNING).run_once()
        bench.clock.advance(HEAD_AFTER)
    evidence = ask("GET", f"/api/v1/changes/{change.id}/evidence", headers=key)
    (tmp_path / "bundle.zip").write_bytes(evidence.content)
    assert verify(unpacked(tmp_path / "bundle.zip"), trust_in(key=SIGNING.public.pem.encode(), head=None)).faults == ()
    bench.confirm(terms(("30 days' notice", "7 days' notice")))
    assert bench.changes[-1].report["document"]["type"] == new


def test_the_page_tells_who_edited_what(
    ask: Ask, me: Browser, key: dict[str, str], database: Database, document_id: str
) -> None:
    mine = f"/operator/documents/{document_id}"
    assert "<h2>Edits</h2>" not in me.get(mine).text
    me.send(mine, filled_in(type=f"Terms {EVIL}", check_every_s=""))
    ask("PATCH", f"/api/v1/documents/{document_id}", headers=key, json={"urls": [SECOND], "javascript": True})
    me.send(f"{mine}/selectors", [("select", "article"), ("remove", "")])
    me.send(f"{mine}/selectors", [("select", "article"), ("remove", "")])  # which changes nothing
    Sources(database).amend(document_id, Amendment(confirm_after_s=60), START)
    page = me.get(mine).text
    assert EVIL not in page
    edits = [re.sub(r"<[^>]+>|\s+", " ", one) for one in page.partition("<h2>Edits</h2>")[2].split("<li ")[1:]]
    told = (
        ("by a command", ("600 s", "60 s")),
        ("alice.read-only.true@reader.example", ("none", "article")),
        ("operator", (f"{FIRST}, {SECOND}", SECOND, "no", "yes")),
        ("alice.read-only.true@reader.example", ("Terms of Service", "900 s", "by how often it changes")),
    )
    for edit, (who, words) in zip(edits, told, strict=True):
        assert who in edit
        assert all(word in edit for word in words), (edit, words)


def test_a_subscription_may_keep_a_type_that_no_document_has_any_more(
    ask: Ask, me: Browser, database: Database, accounts: AccountStore, document_id: str
) -> None:
    accounts.ensure_account("acc_bob", "Bob", "compliance", START)
    mine, kinds = f"/operator/documents/{document_id}", {"types": ["Terms of Service"]}
    assert "subscription names" not in me.get(mine).text
    hook = accounts.add_endpoint("acc_alice", Channel.WEBHOOK, "https://alice.example/hook", "sealed", START)[0]
    wanted = Subscription(document_types=frozenset(kinds["types"]))
    subscription_id = accounts.subscribe("acc_alice", wanted, [hook.id], START)
    assert "1 subscription names “Terms of Service”" in me.get(mine).text
    me.send(mine, filled_in(type="Customer Agreement"))
    secrets = {name: ApiKeys(database).make(f"acc_{name}", "k", "owner", START)[1] for name in ("alice", "bob")}
    for name, status in (("alice", 200), ("bob", 422)):  # who never named it has mistyped it
        assert (
            ask("POST", "/api/v1/subscriptions/preview", headers=_key(secrets[name]), json=kinds).status_code == status
        )
    body = {**kinds, "endpoints": [hook.id], "minimum_severity": "high"}
    answer = ask("PUT", f"/api/v1/subscriptions/{subscription_id}", headers=_key(secrets["alice"]), json=body)
    assert (answer.status_code, answer.json()["types"]) == (200, kinds["types"])


AMENDED: list[tuple[dict[str, Any], list[tuple[str, Any, Any]]]] = [
    ({"type": "Privacy Policy"}, [("type", "Terms of Service", "Privacy Policy")]),
    ({"urls": [SECOND]}, [("urls", [FIRST, SECOND], [SECOND])]),
    ({"check_every_s": None}, [("check_every_s", 900, None)]),
    ({"check_every_s": 60, "type": None, "urls": None}, [("check_every_s", 900, 60)]),
    ({"confirm_after_s": None}, []),
    ({}, []),
]


def test_programs_amend_the_same(ask: Ask, key: dict[str, str], database: Database, document_id: str) -> None:
    path = f"/api/v1/documents/{document_id}"
    whole = {"type": "Terms of Service", "urls": [FIRST, SECOND], "check_every_s": 900}
    for body, said in AMENDED:
        answer = ask("PATCH", path, headers=key, json=body)
        changed = [(one["setting"], one["before"], one["after"]) for one in answer.json()["changed"]]
        assert (answer.status_code, changed) == (200, said), (body, answer.text)
        ask("PATCH", path, headers=key, json=whole)
    refused = ask("PATCH", path, headers=key, json={"urls": [FIRST, "http://10.0.0.1/"]})
    assert (refused.status_code, refused.json()["faults"][0]["where"]) == (422, "body.urls.1")
    twice = NewDocument("Acme", "Terms of Service", Declaration(parts=(Part(url=SECOND),)), 600, 3600)
    Sources(database).watch([twice], START)
    refused = ask("PATCH", path, headers=key, json={"urls": [SECOND]})
    assert (refused.status_code, refused.json()["faults"][0]["where"]) == (422, "body.urls.0")
    assert [part.url for part in stored(database, document_id).declaration.parts] == [FIRST, SECOND]
