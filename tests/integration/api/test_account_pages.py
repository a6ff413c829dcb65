"""The pages of an account, walked as its members walk them, on each engine."""

import re
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

import pytest
from markupsafe import escape
from pydantic import SecretStr

from services.api.app import make_resources
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources
from shared.db.tables import AttemptRow, DeliveryRow, NoticeRow
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.notices import NoticeKind, change_subject, revision_subject
from shared.domain.subscriptions import Subscription
from shared.settings import Settings
from tests.factories.accounts import PLANS, START, add_change, add_endpoint, add_provision
from tests.factories.browsers import Browser, signed_in
from tests.integration.api.conftest import Ask, asking

PLACE = "/account/subscriptions"
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def document(database: Database, accounts: AccountStore) -> str:
    """A watched document with a change and a provision, and the cast's accounts; its id."""
    declared = Declaration(parts=(Part(url="https://acme.example/terms"),))
    [(document_id, _)] = Sources(database).watch([NewDocument("Acme", "Terms of Service", declared, 600, 3600)], START)
    add_change(database, document_id)
    add_provision(database, document_id, "prv_1")
    for owner, plan in PLANS.items():
        accounts.ensure_account(f"acc_{owner}", owner.title(), plan, START)
    return document_id


@pytest.fixture
def alice(ask: Ask, database: Database, clock: ManualClock, document: str) -> Browser:
    return signed_in(ask, database, clock, "alice", "owner")


@pytest.fixture
def hook(accounts: AccountStore, document: str) -> str:
    return add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook", secret="sealed")


def wants(accounts: AccountStore) -> list[tuple[str, Subscription]]:
    return [(row.state, wanted) for row, wanted in accounts.subscriptions("acc_alice")]


def test_a_subscription_is_tried_made_changed_and_removed(
    alice: Browser, accounts: AccountStore, document: str, hook: str
) -> None:
    assert "Nothing is subscribed to yet" in alice.get(PLACE).text
    platform = alice.get("/platforms/acme").text
    assert f'href="{PLACE}/new?platform=acme"' in platform
    form = alice.get(f"{PLACE}/new?platform=acme").text
    assert 'value="acme" checked' in form
    assert f'value="{hook}" checked' in form

    fields = [("platforms", "acme"), ("minimum_severity", "medium"), ("cadence", "daily"), ("endpoints", hook)]
    tried = alice.post(f"{PLACE}/new", [*fields, ("wish", "preview")])
    assert tried.status_code == 200
    assert "1 change would have been told" in tried.text
    assert f'href="/changes/chg_{document}_1"' in tried.text
    assert wants(accounts) == []
    page = alice.send(f"{PLACE}/new", fields).text
    assert "It is saved." in page
    assert "in a daily digest" in page
    assert "It was there already" in alice.send(f"{PLACE}/new", fields).text  # the same form, sent twice
    [(state, wanted)] = wants(accounts)
    assert (state, wanted.platforms, wanted.cadence) == ("active", frozenset({"acme"}), "daily")

    [(row, _)] = accounts.subscriptions("acc_alice")
    mine = f"{PLACE}/{row.id}"
    assert 'value="acme" checked' in alice.get(mine).text
    changed = [("directions", "worse"), ("categories", "dispute.arbitration"), ("provisions", "prv_1"), *fields[1:]]
    alice.send(mine, changed)
    [(_, wanted)] = wants(accounts)
    assert (wanted.platforms, wanted.directions, wanted.provisions) == (frozenset(), {"worse"}, {"prv_1"})
    assert "It is paused." in alice.send(f"{mine}/pause").text
    assert wants(accounts)[0][0] == "paused"
    assert "It is active again." in alice.send(f"{mine}/resume").text
    assert "It is removed." in alice.send(f"{mine}/remove").text
    assert wants(accounts) == []
    assert alice.get(mine).status_code == 404


BAD: list[tuple[Sequence[tuple[str, str]], int, str]] = [
    ([("platforms", "amce")], 422, "&#39;amce&#39; names none that there is"),
    ([("cadence", "hourly")], 422, "choose one of the list"),
    ([("minimum_severity", "worst")], 422, "choose one of the list"),
    ([("provisions", "../../x")], 422, "choose one of the list"),
    ([("provisions", "prv_1"), ("provisions", "prv_mistyped")], 422, "&#39;prv_mistyped&#39; names none that there is"),
    ([("endpoints", "")], 422, "at least one endpoint"),
    ([("endpoints", "ep_other")], 422, "none of this account"),
    ([("platforms", '"><script>alert(1)</script>')], 422, "names none that there is"),
    ([("documents", f"doc_{number}") for number in range(101)], 422, "100 at most"),
]


def test_a_form_that_is_wrong_comes_again_and_says_where(alice: Browser, accounts: AccountStore, hook: str) -> None:
    good = {"types": "Terms of Service", "cadence": "weekly", "endpoints": hook}
    for fields, status, said in BAD:
        kept = [(name, value) for name, value in good.items() if name not in {one for one, _ in fields}]
        answer = alice.post(f"{PLACE}/new", [*kept, *fields])
        assert (answer.status_code, said in answer.text) == (status, True), (fields, answer.text)
        assert 'value="Terms of Service" checked' in answer.text, "what was typed is kept"
        assert "<script>alert" not in answer.text
    assert wants(accounts) == []


def test_what_is_watched_no_more_stays_in_the_form(alice: Browser, accounts: AccountStore, hook: str) -> None:
    """Or to save the form would make a subscription to one document one to all of them."""
    provisions = frozenset(f"prv_{number}" for number in range(30))
    gone = accounts.subscribe("acc_alice", Subscription(documents=frozenset({"doc_gone"})), [hook], START)
    many = accounts.subscribe("acc_alice", Subscription(provisions=provisions), [hook], START)
    assert 'value="doc_gone" checked' in alice.get(f"{PLACE}/{gone}").text
    assert alice.get(f"{PLACE}/{many}").text.count('name="provisions"') == 30


def test_a_plan_says_what_it_has_no_room_for(
    ask: Ask, database: Database, clock: ManualClock, accounts: AccountStore, document: str
) -> None:
    charlie = signed_in(ask, database, clock, "charlie", "owner")
    mailbox = add_endpoint(accounts, "charlie", Channel.EMAIL, "charlie@reader.example")
    answer = charlie.post(f"{PLACE}/new", [("cadence", "weekly"), ("endpoints", mailbox)])
    assert (answer.status_code, "covers 1 platform: name them" in answer.text) == (403, True)


def test_documents_are_muted_and_hours_kept(alice: Browser, accounts: AccountStore, document: str) -> None:
    assert "<option" not in alice.get(PLACE).text, "lists to choose from are on the pages of their forms"
    assert f'<option value="{document}">Acme · Terms of Service' in alice.get("/account/mutes").text
    assert "is muted" in alice.send("/account/mutes", [("document", document)]).text
    assert "is muted, or none is watched" in alice.get("/account/mutes").text
    assert "Acme · Terms of Service" in alice.get(PLACE).text.partition("Muted documents")[2]
    assert alice.post("/account/mutes", [("document", "doc_none")]).status_code == 422
    alice.send(f"/account/mutes/{document}/remove")
    assert alice.post(f"/account/mutes/{document}/remove").status_code == 404
    assert '<option value="Europe/Berlin">' in alice.get("/account/hours").text
    page = alice.send("/account/hours", [("timezone", "Europe/Berlin"), ("quiet", "22:00-07:00")]).text
    assert "Europe/Berlin, quiet hours 22:00-07:00" in page
    account = accounts.account("acc_alice")
    assert account
    assert (account.timezone, account.quiet_hours) == ("Europe/Berlin", "22:00-07:00")
    for fields, said in (
        ([("timezone", "Mars/Olympus"), ("quiet", "")], "no such time zone"),
        ([("timezone", "UTC"), ("quiet", "late")], "not a time of day"),
        ([("timezone", "UTC"), ("quiet", "07:00-07:00")], "from 07:00 to 07:00 is no time at all"),
    ):
        answer = alice.post("/account/hours", fields)
        assert (answer.status_code, said in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        (f"{PLACE}/new", f"{PLACE}/new"),
        (f"{PLACE}/sub_1/pause", f"{PLACE}/sub_1"),
        ("/account/keys/key_1/revoke", "/account/keys"),
        ("/operator/changes/chg_1/retract", "/operator/changes/chg_1"),
    ],
)
def test_who_sends_a_form_after_their_session_ended_comes_back_to_its_page(ask: Ask, path: str, page: str) -> None:
    assert ask("POST", path).headers["location"] == f"/sign-in?next={quote(page, safe='')}"


def test_who_only_reads_sees_and_changes_nothing(
    ask: Ask, database: Database, clock: ManualClock, accounts: AccountStore, hook: str, document: str
) -> None:
    accounts.subscribe("acc_alice", Subscription(), [hook], START)
    [(row, _)] = accounts.subscriptions("acc_alice")
    reader = signed_in(ask, database, clock, "alice", "read-only")
    page = reader.get(PLACE)
    assert "Everything that is watched" in page.text
    assert "Subscribe</a>" not in page.text
    assert page.text.count("<form") == 2, "the search and the way out alone"
    assert reader.post(f"{PLACE}/{row.id}/pause").status_code == 403
    assert ask("GET", PLACE).headers["location"] == "/sign-in?next=%2Faccount%2Fsubscriptions"
    member = signed_in(ask, database, clock, "alice", "member")
    assert member.post(f"{PLACE}/{row.id}/pause", csrf="made-up").status_code == 403
    assert wants(accounts)[0][0] == "active"


def attempt(database: Database, delivery_id: str, answer: str) -> None:
    """A failed try at a delivery."""
    values = {
        "at": START,
        "duration_ms": 12,
        "outcome": "failed",
        "status": 503,
        "error": "http-status",
        "answer": answer,
    }
    with database.transaction() as session:
        session.add(AttemptRow(delivery_id=delivery_id, n=1, **values))
        session.get_one(DeliveryRow, delivery_id).state = "dead"


def test_an_endpoint_is_added_tried_rotated_and_what_failed_is_sent_again(
    alice: Browser, accounts: AccountStore, database: Database
) -> None:
    place = "/account/endpoints"
    assert "Nobody is told yet" in alice.get(place).text
    added = alice.post(place, [("kind", "webhook"), ("address", "https://receiver.example/hook")])
    mine, *_ = added.headers["location"].partition("?")
    first, again = alice.get(mine).text, alice.get(mine).text
    assert "whsec_" in first
    assert "whsec_" not in again
    assert "already" in alice.send(place, [("kind", "webhook"), ("address", "https://receiver.example/hook")]).text
    assert "whsec_" in alice.send(f"{mine}/rotate").text
    assert "whsec_" not in alice.get(mine).text

    assert "A test is on its way" in alice.send(f"{mine}/test").text
    [delivery] = accounts.deliveries("acc_alice")
    attempt(database, delivery.id, f"{EVIL} is down")
    log = alice.get(mine).text
    assert "status 503 · 12 ms" in log
    assert "&lt;script&gt;" in log
    assert EVIL not in log
    assert "No delivery stands so" in alice.get(f"{mine}?state=delivered").text
    assert "sent again" in alice.send(f"{mine}/deliveries/{delivery.id}/replay").text
    assert accounts.deliveries("acc_alice")[0].state == "pending"
    many = [("states", "dead"), ("states", "failed"), ("since", "2026-01-01")]
    assert "No delivery fits that, so none is sent again" in alice.send(f"{mine}/replay", many).text
    for fields, said in (
        ([], "at least one"),
        ([("states", "held")], "are sent again in bulk"),
        ([*many[:1], ("since", "x")], "a day as"),
    ):
        answer = alice.post(f"{mine}/replay", fields)
        assert (answer.status_code, said in answer.text) == (422, True), fields

    assert "It is paused." in alice.send(f"{mine}/pause").text
    assert "It is active again." in alice.send(f"{mine}/enable").text
    assert alice.post(f"{mine}/ask").status_code == 409
    assert "It is removed." in alice.send(f"{mine}/remove").text
    assert alice.get(mine).status_code == 404


def test_a_delivery_says_which_change_it_tells_of(alice: Browser, database: Database, document: str, hook: str) -> None:
    told = f"chg_{document}_1"
    corrected = revision_subject(told, NoticeKind.CHANGE_CORRECTED, 1)
    made = {"correlation_id": "cor_1", "created_at": START}
    with database.transaction() as session:
        for number, subject in enumerate((change_subject(told), corrected, change_subject("chg_gone"))):
            session.add(NoticeRow(id=f"ntc_{number}", kind="change.detected", subject=subject, data={}, **made))
            session.flush()
            about = {"notice_id": f"ntc_{number}", "endpoint_id": hook, "account_id": "acc_alice"}
            times = {"due_at": START, "created_at": START}
            session.add(DeliveryRow(id=f"dlv_{number}", state="delivered", **about, **times))
    log = alice.get(f"/account/endpoints/{hook}").text
    assert log.count(f'<a href="/changes/{told}">Notice before termination is shorter</a>') == 2
    assert told not in re.sub(r'href="[^"]*"', "", log), "an id says nothing to who reads the log"
    assert "change chg_gone" in log


UNUSABLE = [
    ("webhook", "http://receiver.example/", 422, "only https"),
    ("webhook", "https://169.254.169.254/", 422, "cloud metadata"),
    ("email", EVIL, 422, "no email address"),
    ("slack", "https://slack.example/services/T0/B0/x", 422, "a Slack endpoint is at"),
    ("fax", "1", 422, "choose email, webhook or Slack"),
]


def test_an_address_that_nothing_can_be_sent_to_says_why(alice: Browser, accounts: AccountStore) -> None:
    for kind, address, status, said in UNUSABLE:
        answer = alice.post("/account/endpoints", [("kind", kind), ("address", address)])
        assert (answer.status_code, said in answer.text) == (status, True), (kind, address, answer.text)
        assert f'value="{escape(address)}"' in answer.text, "what was typed is kept"
    assert accounts.endpoints("acc_alice") == []


def test_a_mailbox_is_asked_for_its_consent(
    settings: Settings, database: Database, clock: ManualClock, document: str
) -> None:
    leaving = settings.model_copy(update={"smtp_url": SecretStr("smtp://mail.example")})
    alice = signed_in(asking(make_resources(leaving, database, clock)), database, clock, "alice", "owner")
    added = alice.send("/account/endpoints", [("kind", "email"), ("address", "carol@reader.example")])
    assert "A mail asks its reader for consent" in added.text
    [mine] = set(re.findall(r'action="(/account/endpoints/[^"]+)/ask"', added.text))
    assert alice.post(f"{mine}/test").status_code == 409
    assert "asked too often" in alice.send(f"{mine}/ask").text
    clock.advance(timedelta(days=2))
    assert "is sent again" in alice.send(f"{mine}/ask").text
