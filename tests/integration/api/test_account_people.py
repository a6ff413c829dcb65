"""The pages of an account's plan, keys, members and outbox, walked on each engine."""

import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from shared.clock import ManualClock
from shared.db.identity.members import Members
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow, DigestRow, HeldBackRow, NoticeRow, QuotaRow
from shared.domain.deliveries import Channel
from shared.settings import Settings
from tests.factories.accounts import PLANS, START, add_endpoint
from tests.factories.browsers import Browser, signed_in
from tests.integration.api.conftest import Ask

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def alice(ask: Ask, database: Database, accounts: AccountStore, clock: ManualClock) -> Browser:
    """An owner, in an installation where Bob has an account too."""
    for owner in ("alice", "bob"):
        accounts.ensure_account(f"acc_{owner}", owner.title(), PLANS[owner], START)
    return signed_in(ask, database, clock, "alice", "owner")


def test_the_overview_says_what_is_used_held_back_and_waiting(
    ask: Ask, database: Database, clock: ManualClock, accounts: AccountStore, alice: Browser
) -> None:
    bob = signed_in(ask, database, clock, "bob", "member")
    mailbox = add_endpoint(accounts, "bob", Channel.EMAIL, "bob@reader.example")
    add_endpoint(accounts, "bob", Channel.WEBHOOK, "https://bob.example/1", secret="sealed")
    assert "Nearly full" not in bob.get("/account").text
    add_endpoint(accounts, "bob", Channel.WEBHOOK, "https://bob.example/2", secret="sealed")
    about = {"account_id": "acc_bob", "endpoint_id": mailbox, "created_at": START, "due_at": START}
    with database.transaction() as session:
        session.add(QuotaRow(account_id="acc_bob", day=clock.now().date(), used=800))
        values = {"week": START.date(), "reason": "plan-platforms", "platform": "acme", "count": 3}
        session.add(HeldBackRow(account_id="acc_bob", **values))
        session.add(NoticeRow(id="ntc_1", kind="x", subject="x", data={}, correlation_id="cor", created_at=START))
        session.flush()
        session.add(DeliveryRow(id="dlv_1", notice_id="ntc_1", state="held", reason="digest", **about))
        times = {"ends_at": START, "created_at": START}
        digest = {"endpoint_id": mailbox, "cadence": "weekly", "period": "2026-04-06", "notice_id": "ntc_1"}
        session.add(DigestRow(id="dig_1", **digest, **times))
    page = bob.get("/account").text
    assert "2 of 2 webhook and Slack endpoints of the plan watcher are used" in page
    assert "800 of today’s 1000 deliveries are used" in page
    assert "3 deliveries of" in page
    assert "the plan watcher covers 25 platforms" in page
    assert "1 for bob@reader.example: digest" in page
    assert 'href="/digests/dig_1"' in page


def test_a_key_is_made_shown_once_and_revoked(ask: Ask, alice: Browser) -> None:
    place = "/account/keys"
    for fields in ([("name", " ")], [("name", "x" * 201)], [("name", "x"), ("role", "king")]):
        assert alice.post(place, fields).status_code == 422
    refused = alice.post(place, [("name", EVIL), ("role", "owner"), ("operator", "yes")])
    assert (refused.status_code, "only who runs this installation" in refused.text) == (403, True)
    assert EVIL not in refused.text
    page = alice.send(place, [("name", EVIL), ("role", "member")]).text
    [secret] = re.findall(r"cw_[A-Za-z0-9_-]{30,}", page)
    assert EVIL not in page
    assert secret not in alice.get(place).text
    headers = {"authorization": f"Bearer {secret}"}
    assert ask("GET", "/api/v1/endpoints", headers=headers).status_code == 200
    [revoke] = set(re.findall(r'action="(/account/keys/[^"]+/revoke)"', alice.get(place).text))
    assert "is revoked" in alice.send(revoke).text
    assert ask("GET", "/api/v1/endpoints", headers=headers).status_code == 401
    assert alice.post(revoke).status_code == 404


def test_members_come_change_and_go(ask: Ask, database: Database, clock: ManualClock, alice: Browser) -> None:
    place = "/account/members"
    assert alice.post(place, [("email", "nobody")]).status_code == 422
    assert "carol@reader.example" in alice.send(place, [("email", "Carol@reader.example"), ("role", "member")]).text
    again = alice.post(place, [("email", "carol@reader.example"), ("role", "member")])
    assert (again.status_code, "belongs to an account already" in again.text) == (409, True)
    mine, carol = (Members(database).by_email(f"{name}@reader.example") for name in ("alice.owner.false", "carol"))
    assert mine
    assert carol
    assert alice.post(f"{place}/{mine.id}/role", [("role", "member")]).status_code == 409, "the only owner"
    assert "The role is changed" in alice.send(f"{place}/{carol.id}/role", [("role", "owner")]).text
    assert "It is removed" in alice.send(f"{place}/{carol.id}/remove").text
    assert alice.post(f"{place}/{carol.id}/remove").status_code == 404
    member = signed_in(ask, database, clock, "alice", "member")
    assert member.get(place).status_code == 403
    assert f'href="{place}"' not in member.get("/account").text


def test_a_key_says_who_made_it_and_ends_with_them(
    ask: Ask, database: Database, clock: ManualClock, alice: Browser
) -> None:
    carol = signed_in(ask, database, clock, "alice", "owner", is_operator=True)
    for number in ("1", "2"):
        carol.send("/account/keys", [("name", number), ("role", "member")])
    assert "by alice.owner.true@reader.example" in alice.get("/account/keys").text
    member = Members(database).by_email("alice.owner.true@reader.example")
    assert member
    assert "2 API keys that they made are revoked." in alice.send(f"/account/members/{member.id}/remove").text
    page = alice.get("/account/keys").text
    assert "by a member who left" in page
    assert page.count("<td>revoked <time") == 2


def mail(folder: Path, name: str, html: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = "alice@reader.example", f"Changes {EVIL}"
    message.set_content(f"In words {EVIL}")
    message.add_alternative(html, subtype="html")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.eml").write_bytes(bytes(message))


def test_the_outbox_shows_mails_that_can_do_nothing(
    ask: Ask, database: Database, clock: ManualClock, settings: Settings, alice: Browser
) -> None:
    place, operator = "/account/outbox", signed_in(ask, database, clock, "alice", "read-only", is_operator=True)
    assert "nothing was mailed yet" in operator.get(place).text
    mail(settings.data / "outbox", "dlv_1", f"<p>Hello {EVIL}</p>")
    assert f'href="{place}/dlv_1"' in operator.get(place).text
    page = operator.get(f"{place}/dlv_1")
    assert "<iframe" in page.text
    assert EVIL not in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    html = operator.get(f"{place}/dlv_1/html")
    policy = html.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert EVIL in html.text
    for path in (f"{place}/dlv_2", f"{place}/..%2Fsecret", f"{place}/dlv_2/html"):
        assert operator.get(path).status_code == 404, path
    assert alice.get(f"{place}/dlv_1").status_code == 403, "mails of other accounts, and links that sign in"
    assert place not in alice.get("/account").text
