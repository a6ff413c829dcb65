"""An account's plan, keys and members over REST, on each engine."""

from dataclasses import replace
from typing import Any

import pytest

from services.api.resources import Owned, Resources
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.domain.deliveries import Channel
from shared.settings import Settings
from shared.usecases.refusals import Refused
from tests.factories.accounts import PLANS, START, add_endpoint
from tests.integration.api.conftest import Ask, asking


def of(database: Database, owner: str, role: str = "owner", *, is_operator: bool = False) -> dict[str, str]:
    """The headers of one of the cast."""
    account_id = f"acc_{owner}"
    AccountStore(database).ensure_account(account_id, owner.title(), PLANS[owner], START)
    _, secret = ApiKeys(database).make(account_id, "test", role, START, is_operator=is_operator)
    return {"authorization": f"Bearer {secret}"}


def test_an_account_says_what_is_used_of_its_plan(ask: Ask, database: Database, accounts: AccountStore) -> None:
    me = of(database, "bob", "read-only")
    add_endpoint(accounts, "bob", Channel.WEBHOOK, "https://bob.example/hook", secret="sealed")
    shown = ask("GET", "/api/v1/account", headers=me)
    assert shown.headers["cache-control"].startswith("private")
    account = shown.json()
    assert (account["id"], account["role"], account["is_operator"]) == ("acc_bob", "read-only", False)
    plan = account["plan"]
    assert (plan["name"], plan["platforms"], plan["push_endpoints"], plan["history_days"]) == ("watcher", 25, 2, 365)
    assert plan["email_cadences"] == ["same-day", "daily", "weekly"]
    assert account["used"] == {"platforms": 0, "push_endpoints": 1, "deliveries_today": 0}


def test_a_key_is_shown_once_and_good_until_it_is_revoked(ask: Ask, database: Database) -> None:
    me = of(database, "alice")
    made = ask("POST", "/api/v1/keys", headers=me, json={"name": "  build server ", "role": "member"})
    assert made.status_code == 201, made.text
    key, secret = made.json()["key"], made.json()["secret"]
    assert (key["name"], key["role"], key["revoked_at"]) == ("build server", "member", None)
    assert secret.startswith(key["hint"])
    shown = ask("GET", "/api/v1/keys", headers=me)
    assert key["id"] in [one["id"] for one in shown.json()["items"]]
    assert secret not in shown.text
    new = {"authorization": f"Bearer {secret}"}
    assert ask("GET", "/api/v1/account", headers=new).json()["role"] == "member"
    assert ask("POST", "/api/v1/keys", headers=new, json={"name": "more"}).status_code == 403
    assert ask("DELETE", f"/api/v1/keys/{key['id']}", headers=of(database, "bob")).status_code == 404
    assert ask("GET", "/api/v1/account", headers=new).status_code == 200
    assert ask("DELETE", f"/api/v1/keys/{key['id']}", headers=me).status_code == 204
    assert ask("GET", "/api/v1/account", headers=new).status_code == 401
    assert ask("DELETE", f"/api/v1/keys/{key['id']}", headers=me).status_code == 404


def test_only_operators_make_keys_of_operators(ask: Ask, database: Database) -> None:
    wish = {"name": "all", "role": "owner", "is_operator": True}
    refused = ask("POST", "/api/v1/keys", headers=of(database, "alice"), json=wish)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/operators-only")
    made = ask("POST", "/api/v1/keys", headers=of(database, "alice", is_operator=True), json=wish)
    assert (made.status_code, made.json()["key"]["is_operator"]) == (201, True)
    reader = of(database, "alice", "read-only", is_operator=True)
    assert ask("POST", "/api/v1/keys", headers=reader, json=wish).status_code == 403


def test_members_come_and_go_and_an_owner_stays(ask: Ask, database: Database, resources: Resources) -> None:
    me, clock = of(database, "alice"), resources.clock
    wish = {"email": "Ann@Reader.example", "role": "owner"}
    ann = ask("POST", "/api/v1/members", headers=me, json=wish)
    assert (ann.status_code, ann.json()["email"]) == (201, "ann@reader.example"), ann.text
    again = ask("POST", "/api/v1/members", headers=of(database, "bob"), json=wish)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/member-already")
    path = f"/api/v1/members/{ann.json()['id']}"
    last = ask("PATCH", path, headers=me, json={"role": "member"})
    assert (last.status_code, last.json()["type"]) == (409, "/problems/last-owner")
    assert ask("DELETE", path, headers=me).status_code == 409
    second = ask("POST", "/api/v1/members", headers=me, json={"email": "ben@reader.example"}).json()
    assert second["role"] == "read-only"
    raised = ask("PATCH", f"/api/v1/members/{second['id']}", headers=me, json={"role": "owner"})
    assert (raised.status_code, raised.json()["role"]) == (200, "owner")
    session = {"cookie": f"clausewatch_session={resources.identity.sessions.begin(ann.json()['id'], clock.now())}"}
    assert ask("GET", "/api/v1/members", headers=session).status_code == 200
    assert ask("DELETE", path, headers=session).json()["type"] == "/problems/csrf"
    assert ask("DELETE", path, headers=me).status_code == 204
    assert ask("GET", "/api/v1/members", headers=session).status_code == 401
    assert [one["email"] for one in ask("GET", "/api/v1/members", headers=me).json()["items"]] == ["ben@reader.example"]
    assert ask("PATCH", path, headers=me, json={"role": "owner"}).status_code == 404


def test_keys_end_with_the_member_who_made_them(ask: Ask, database: Database, resources: Resources) -> None:
    me, now = of(database, "alice"), resources.clock.now()
    people, keys = resources.owned.people, ApiKeys(database)
    _, by_nobody = people.make_key("acc_alice", "the machine's", "owner")
    ann, ben = (
        Members(database).add("acc_alice", f"{name}@reader.example", "owner", now)[0] for name in ("ann", "ben")
    )
    first, secret = people.make_key("acc_alice", "ann's", "owner", member_id=ann.id)
    other, _ = people.make_key("acc_alice", "ben's", "owner", member_id=ben.id)
    made = ask("POST", "/api/v1/keys", headers={"authorization": f"Bearer {secret}"}, json={"name": "by a key"})
    assert made.json()["key"]["created_by"] == ann.id
    assert ask("DELETE", f"/api/v1/members/{ann.id}", headers=me).status_code == 204
    listed = {one["id"]: one for one in ask("GET", "/api/v1/keys", headers=me).json()["items"]}
    ended = {key_id for key_id, one in listed.items() if one["revoked_at"]}
    assert ended == {first.id, made.json()["key"]["id"]}
    assert listed[other.id]["created_by"] == ben.id
    assert keys.found(by_nobody, now)
    for gone in ({"member_id": ann.id}, {"key_id": first.id}):
        with pytest.raises(Refused, match="were removed"):  # asked while they were being removed
            people.make_key("acc_alice", "late", "owner", **gone)


def test_in_production_a_mailbox_is_asked_first_though_the_api_has_no_key_to_mail(
    resources: Resources, settings: Settings, database: Database, clock: ManualClock
) -> None:
    production = settings.model_copy(update={"env": "production"})
    ask = asking(replace(resources, owned=Owned.of(production, database, clock)))
    wish = {"kind": "email", "address": "else@reader.example"}
    made = ask("POST", "/api/v1/endpoints", headers=of(database, "alice"), json=wish).json()
    assert (made["endpoint"]["state"], made["asked"]) == ("unconfirmed", "sent")


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("keys", {"name": ""}, "body.name"),
    ("keys", {"name": "a\nb"}, "body.name"),
    ("keys", {"name": "a", "role": "operator"}, "body.role"),
    ("keys", {"name": "a", "secret": "cw_mine"}, "body.secret"),
    ("members", {"email": "nobody"}, "body.email"),
    ("members", {"email": "a@reader.example\r\nBcc: b@reader.example"}, "body.email"),
    ("members", {"email": "a@reader.example", "is_operator": True}, "body.is_operator"),
    ("members", {"email": "a@reader.example", "role": "owner", "account_id": "acc_bob"}, "body.account_id"),
]


def test_bad_input_names_the_field(ask: Ask, database: Database) -> None:
    me, wrong = of(database, "alice"), []
    for place, body, field in REFUSED:
        answer = ask("POST", f"/api/v1/{place}", headers=me, json=body)
        faults = [fault["where"] for fault in answer.json().get("faults", [])]
        if (answer.status_code, faults) != (422, [field]):
            wrong.append((place, body, answer.status_code, faults))
    assert wrong == []
    assert Members(database).of_account("acc_alice") == []
    assert len(ApiKeys(database).of_account("acc_alice")) == 1


@pytest.mark.parametrize("role", ["member", "read-only"])
def test_keys_and_members_are_the_owners_business(ask: Ask, database: Database, role: str) -> None:
    me = of(database, "alice", role)
    for place, body in (("keys", {"name": "a"}), ("members", {"email": "a@reader.example"})):
        assert ask("GET", f"/api/v1/{place}", headers=me).status_code == 403
        assert ask("POST", f"/api/v1/{place}", headers=me, json=body).status_code == 403
