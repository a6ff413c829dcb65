"""What an account does about its subscriptions, endpoints and deliveries, on each engine."""

from typing import Any

import pytest

from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.identity.sessions import Sessions
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from tests.factories.accounts import PLANS, START, add_change, add_endpoint
from tests.integration.api.conftest import Ask

HOOK = "https://receiver.example/hook"


@pytest.fixture
def document(database: Database) -> str:
    """A watched document with a change; its id."""
    declared = Declaration(parts=(Part(url="https://acme.example/terms"),))
    [(document_id, _)] = Sources(database).watch([NewDocument("Acme", "Terms of Service", declared, 600, 3600)], START)
    add_change(database, document_id)
    return document_id


def of(database: Database, accounts: AccountStore, owner: str, role: str = "member") -> dict[str, str]:
    """The headers of one of the cast."""
    accounts.ensure_account(f"acc_{owner}", owner.title(), PLANS[owner], START)
    _, secret = ApiKeys(database).make(f"acc_{owner}", "test", role, START)
    return {"authorization": f"Bearer {secret}"}


def test_an_owner_walks_from_an_endpoint_to_its_delivery(
    ask: Ask, database: Database, accounts: AccountStore, document: str
) -> None:
    me = of(database, accounts, "alice")
    made = ask("POST", "/api/v1/endpoints", headers=me, json={"kind": "webhook", "address": HOOK})
    assert made.status_code == 201, made.text
    secret, endpoint = made.json()["secret"], made.json()["endpoint"]["id"]
    assert secret.startswith("whsec_")
    again = ask("POST", "/api/v1/endpoints", headers=me, json={"kind": "webhook", "address": HOOK}).json()
    assert (again["secret"], again["endpoint"]["id"]) == (None, endpoint)
    shown = ask("GET", made.headers["location"], headers=me)
    assert shown.json()["id"] == endpoint
    assert secret not in shown.text
    assert shown.headers["cache-control"].startswith("private")

    wish = {"platforms": ["acme"], "minimum_severity": "medium"}
    seen = ask("POST", "/api/v1/subscriptions/preview", headers=me, json=wish).json()
    assert [one["id"] for one in seen["items"]] == [f"chg_{document}_1"]
    made = ask("POST", "/api/v1/subscriptions", headers=me, json={**wish, "endpoints": [endpoint]})
    assert made.status_code == 201, made.text
    subscription = made.json()["id"]
    path = made.headers["location"]
    assert path == f"/api/v1/subscriptions/{subscription}"
    assert ask("POST", f"{path}/pause", headers=me).json()["state"] == "paused"
    assert ask("POST", f"{path}/resume", headers=me).json()["state"] == "active"
    rewritten = ask("PUT", path, headers=me, json={"cadence": "daily", "endpoints": [endpoint]}).json()
    assert (rewritten["id"], rewritten["platforms"], rewritten["cadence"]) == (subscription, [], "daily")

    assert ask("PUT", f"/api/v1/mutes/{document}", headers=me).status_code == 204
    assert ask("POST", "/api/v1/subscriptions/preview", headers=me, json=wish).json()["count"] == 0
    assert ask("GET", "/api/v1/subscriptions", headers=me).json()["muted"] == [document]
    assert ask("DELETE", f"/api/v1/mutes/{document}", headers=me).status_code == 204
    assert ask("DELETE", f"/api/v1/mutes/{document}", headers=me).status_code == 404

    delivery = ask("POST", f"/api/v1/endpoints/{endpoint}/test", headers=me).json()["delivery"]
    found = ask("GET", f"/api/v1/deliveries/{delivery}", headers=me).json()
    assert (found["notice_kind"], found["state"], found["attempt_log"]) == ("endpoint.test", "pending", [])
    rotated = ask("POST", f"/api/v1/endpoints/{endpoint}/rotate", headers=me, json={"overlap_s": 60}).json()
    assert rotated["secret"] not in (None, secret)
    assert ask("POST", f"/api/v1/endpoints/{endpoint}/pause", headers=me).json()["state"] == "paused"
    assert ask("POST", f"/api/v1/endpoints/{endpoint}/enable", headers=me).json()["state"] == "active"

    assert ask("DELETE", f"/api/v1/endpoints/{endpoint}", headers=me).status_code == 204
    assert ask("GET", f"/api/v1/endpoints/{endpoint}", headers=me).status_code == 404
    left = ask("GET", f"/api/v1/deliveries/{delivery}", headers=me).json()
    assert (left["state"], left["reason"]) == ("cancelled", "endpoint-removed")
    assert ask("GET", path, headers=me).json()["endpoints"] == []
    new = ask("POST", "/api/v1/endpoints", headers=me, json={"kind": "webhook", "address": HOOK}).json()
    assert new["secret"] not in (None, secret)
    assert ask("DELETE", path, headers=me).status_code == 204
    assert ask("GET", path, headers=me).status_code == 404


REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("alice", "endpoints", {"kind": "webhook", "address": "https://169.254.169.254/"}, 422, "cloud metadata"),
    ("alice", "endpoints", {"kind": "webhook", "address": "http://receiver.example/"}, 422, "only https"),
    ("alice", "endpoints", {"kind": "webhook", "address": "https://u:p@receiver.example/"}, 422, "credentials"),
    ("alice", "endpoints", {"kind": "webhook", "address": "https://2130706433/"}, 422, "unusual form"),
    ("alice", "endpoints", {"kind": "email", "address": "no mailbox"}, 422, "no email address"),
    ("alice", "endpoints", {"kind": "fax", "address": "1"}, 422, "body.kind"),
    ("charlie", "endpoints", {"kind": "webhook", "address": HOOK}, 403, "the plan free includes 0"),
    ("charlie", "subscriptions", {"endpoints": ["{mine}"], "cadence": "weekly"}, 403, "name them"),
    (
        "charlie",
        "subscriptions",
        {"platforms": ["acme"], "endpoints": ["{mine}"], "cadence": "immediate"},
        403,
        "tells weekly",
    ),
    ("alice", "subscriptions", {"platforms": ["amce"], "endpoints": ["{mine}"]}, 422, "body.platforms"),
    (
        "alice",
        "subscriptions",
        {"categories": ["dispute.nothing"], "endpoints": ["{mine}"]},
        422,
        "body.categories",
    ),
    ("alice", "subscriptions", {"provisions": ["prv_1"], "endpoints": ["{mine}"]}, 422, "body.provisions"),
    ("alice", "subscriptions/preview", {"provisions": ["prv_1"]}, 422, "names none that there is"),
    ("alice", "subscriptions", {"endpoints": ["ep_other"]}, 422, "none of this account's endpoints"),
    ("alice", "subscriptions", {"endpoints": []}, 422, "body.endpoints"),
    ("alice", "deliveries/replay", {"states": ["held"]}, 422, "body.states"),
    ("alice", "deliveries/replay", {"endpoint": "ep_other"}, 422, "body.endpoint"),
]


def test_what_cannot_be_had_says_why(ask: Ask, database: Database, accounts: AccountStore, document: str) -> None:
    me = {owner: of(database, accounts, owner) for owner in ("alice", "charlie")}
    mailbox = {owner: add_endpoint(accounts, owner, Channel.EMAIL, f"{owner}@reader.example") for owner in me}
    for owner, path, body, status, said in REFUSED:
        sent = {**body, "endpoints": [mailbox[owner]]} if body.get("endpoints") == ["{mine}"] else body
        answer = ask("POST", f"/api/v1/{path}", headers=me[owner], json=sent)
        assert answer.status_code == status, (path, body, answer.text)
        assert said in answer.json()["detail"], (path, body, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_rewriting_does_not_count_what_it_replaces(
    ask: Ask, database: Database, accounts: AccountStore, document: str
) -> None:
    """Charlie's plan covers one platform: another instead of it fits, another beside it does not."""
    declared = Declaration(parts=(Part(url="https://bolt.example/terms"),))
    Sources(database).watch([NewDocument("Bolt", "Terms of Service", declared, 600, 3600)], START)
    me = of(database, accounts, "charlie")
    mine = [add_endpoint(accounts, "charlie", Channel.EMAIL, "charlie@reader.example")]
    acme, bolt = ({"platforms": [slug], "cadence": "weekly", "endpoints": mine} for slug in ("acme", "bolt"))
    made = ask("POST", "/api/v1/subscriptions", headers=me, json=acme)
    assert made.status_code == 201, made.text
    assert ask("POST", "/api/v1/subscriptions", headers=me, json=bolt).status_code == 403
    assert ask("PUT", f"/api/v1/subscriptions/{made.json()['id']}", headers=me, json=bolt).status_code == 200


def test_deliveries_come_in_pages_and_are_sent_again(
    ask: Ask, database: Database, accounts: AccountStore, resources: Resources, clock: ManualClock
) -> None:
    me = of(database, accounts, "alice")
    endpoint = add_endpoint(accounts, "alice", Channel.WEBHOOK, HOOK, secret="sealed")
    sent = [resources.owned.accounts.test_endpoint("acc_alice", endpoint) for _ in range(3)]
    first = ask("GET", "/api/v1/deliveries?limit=2&state=pending", headers=me).json()
    rest = ask("GET", f"/api/v1/deliveries?limit=2&state=pending&cursor={first['next']}", headers=me).json()
    assert sorted(one["id"] for one in [*first["items"], *rest["items"]]) == sorted(sent)
    assert rest["next"] is None
    assert ask("GET", "/api/v1/deliveries?state=dead", headers=me).json()["items"] == []
    assert ask("GET", "/api/v1/deliveries?endpoint=ep_other", headers=me).json()["items"] == []
    assert ask("POST", f"/api/v1/deliveries/{sent[0]}/retry", headers=me).json()["state"] == "pending"
    assert ask("POST", "/api/v1/deliveries/replay", headers=me, json={}).json() == {"count": 0}
    assert ask("GET", "/api/v1/deliveries?cursor=WyIyIiwiMSJd", headers=me).status_code == 422


def test_a_browser_proves_that_a_page_of_ours_asks(
    ask: Ask, database: Database, accounts: AccountStore, resources: Resources
) -> None:
    accounts.ensure_account("acc_alice", "Alice", "compliance", START)
    member, _ = Members(database).add("acc_alice", "alice@reader.example", "owner", START)
    token = Sessions(database).begin(member.id, START)
    cookie = {"cookie": f"clausewatch_session={token}"}
    body = {"kind": "webhook", "address": HOOK}
    assert ask("GET", "/api/v1/endpoints", headers=cookie).status_code == 200
    assert ask("POST", "/api/v1/endpoints", headers=cookie, json=body).status_code == 403
    forged = {**cookie, "x-csrf-token": "made-up"}
    assert ask("POST", "/api/v1/endpoints", headers=forged, json=body).status_code == 403
    proof = resources.identity.box.link_token("csrf", _hash(token))
    assert ask("POST", "/api/v1/endpoints", headers={**cookie, "x-csrf-token": proof}, json=body).status_code == 201


def _hash(token: str) -> str:
    from shared.db.identity.sessions import hashed

    return hashed(token)
