"""Every route of the API and of the pages, asked by whom it is none of their business. A route that is not in the
table fails, so that whoever adds one says who may use it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount, Route

from services.api.app import make_routes
from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription
from tests.factories.accounts import START, add_change, add_endpoint
from tests.factories.browsers import signed_in
from tests.integration.api.audiences import BROWSED, ENDPOINT, EXPECTED, MEMBER, OWNED, SUBSCRIPTION, For
from tests.integration.api.conftest import Ask


@dataclass(frozen=True)
class Alice:
    """What she owns, and what may stand in a path beside it."""

    names: dict[str, str]

    def path(self, template: str) -> str:
        """The path, of her things where it names any."""
        return re.sub(r"\{(\w+)\}", lambda name: self.names.get(name[1], "made-up"), template)

    def body(self, route: str) -> dict[str, Any] | None:
        """A good body, as she would send it."""
        endpoint = self.names["endpoint_id"]
        return {
            "POST /api/v1/subscriptions": {"endpoints": [endpoint]},
            "POST /api/v1/subscriptions/preview": {},
            f"PUT {SUBSCRIPTION}": {"endpoints": [endpoint]},
            "POST /api/v1/endpoints": {"kind": "email", "address": "else@reader.example"},
            f"POST {ENDPOINT}/rotate": {},
            "POST /api/v1/deliveries/replay": {"endpoint": endpoint},
            "POST /api/v1/keys": {"name": "another"},
            "POST /api/v1/members": {"email": "mallory@reader.example", "role": "owner"},
            f"PATCH {MEMBER}": {"role": "owner"},
        }.get(route)


@pytest.fixture
def alice(database: Database, accounts: AccountStore, resources: Resources) -> Alice:
    """Her endpoint, subscription and delivery, and a document with a change."""
    declared = Declaration(parts=(Part(url="https://acme.example/terms"),))
    [(document_id, _)] = Sources(database).watch([NewDocument("Acme", "Terms of Service", declared, 600, 3600)], START)
    proven = {"text": "Less notice", "proof": [{"provision": "prv_1", "side": "after", "span": [0, 1]}]}
    change_id = add_change(database, document_id, headline=proven)
    endpoint = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook", secret="sealed")
    accounts.ensure_account("acc_bob", "Bob", "compliance", START)
    return Alice(
        {
            "slug": "acme",
            "document_id": document_id,
            "change_id": change_id,
            "version_id": f"ver_{document_id}_2",
            "snapshot_id": f"snp_{document_id}_2",
            "endpoint_id": endpoint,
            "subscription_id": accounts.subscribe("acc_alice", Subscription(), [endpoint], START),
            "delivery_id": resources.owned.accounts.test_endpoint("acc_alice", endpoint),
            "key_id": resources.identity.keys.make("acc_alice", "hers", "owner", START)[0].id,
            "member_id": resources.members.add("acc_alice", "alice@reader.example", "member", START)[0].id,
        }
    )


def routes_of(routes: Iterable[BaseRoute], under: str = "") -> Iterator[str]:
    """Every method and path, of included and mounted applications too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes_of(included.routes, under)
        elif isinstance(route, Mount):
            yield from routes_of(route.routes or [], under + route.path)
        elif isinstance(route, Route):
            yield from (f"{method} {under}{route.path}" for method in sorted((route.methods or set()) - {"HEAD"}))


def every_route(resources: Resources) -> list[str]:
    return sorted(routes_of(make_routes(resources).routes))


def test_every_route_says_whom_it_is_for(resources: Resources) -> None:
    there_are = every_route(resources)
    assert len(there_are) > 70
    assert [route for route in there_are if route not in EXPECTED] == []


def test_the_api_describes_every_route_it_has(ask: Ask, resources: Resources) -> None:
    described = ask("GET", "/api/v1/openapi.json").json()["paths"]
    ours = {f"{method.upper()} /api/v1{path}" for path, methods in described.items() for method in methods}
    mounted = {route for route in every_route(resources) if " /api/v1/" in route}
    assert mounted - ours == {"GET /api/v1/openapi.json"}


OUTSIDERS = ("anybody", "another account", "read-only", "no operator")
PEOPLE = {"another account": ("bob", "owner"), "read-only": ("alice", "read-only"), "no operator": ("alice", "owner")}
"""Whose they are, and what they may do there."""


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders(ask: Ask, database: Database, accounts: AccountStore, alice: Alice, who: str) -> None:
    headers = _headers(database, who)
    before = _state(database, accounts)
    wrong = []
    for route, audience in EXPECTED.items():
        if audience in BROWSED:
            continue
        if who == "no operator" and audience in {For.MEMBERS, For.OWNERS}:
            continue  # she is the owner: these are hers to do
        method, template = route.split(" ")
        body = alice.body(route)
        answer = ask(method, alice.path(template), headers=headers, **({} if body is None else {"json": body}))
        private = audience in {For.READERS, For.MEMBERS, For.OWNERS}
        tells = who == "another account" and private and any(alice.names[n[1:-1]] in answer.text for n in OWNED)
        if answer.status_code not in _allowed(audience, who, template) or tells:
            wrong.append((route, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert _state(database, accounts) == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_with_browsers(
    ask: Ask, database: Database, accounts: AccountStore, clock: ManualClock, alice: Alice, who: str
) -> None:
    owner, role = PEOPLE.get(who, ("bob", "owner"))
    browser = signed_in(ask, database, clock, owner, role)
    if who == "anybody":
        browser.cookies.clear()
    before, wrong = _state(database, accounts), []
    for route, kind in EXPECTED.items():
        audience = BROWSED.get(kind)
        if audience is None or (who == "no operator" and audience in {For.MEMBERS, For.OWNERS}):
            continue
        method, template = route.split(" ")
        path = alice.path(template)
        answer = browser.get(path) if method == "GET" else browser.post(path)
        leads_on = answer.headers.get("location", "").startswith("/sign-in?next=%2F")
        allowed = {303} if who == "anybody" else _allowed(audience, who, template)
        if 200 in allowed:
            allowed = {*allowed, 303, 409}
        tells = who == "another account" and any(alice.names[n[1:-1]] in answer.text for n in OWNED)
        if answer.status_code not in allowed or tells or (leads_on != (who == "anybody")):
            wrong.append((route, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert _state(database, accounts) == before


def _allowed(audience: For, who: str, template: str) -> set[int]:
    """The statuses that are right; another's object is answered as one that does not exist."""
    is_hers = any(name in template for name in OWNED)
    match audience:
        case For.EVERYBODY:
            return {200, 204, 303, 400, 404, 422}
        case For.LINK:
            return {400, 403, 404, 410}
        case _ if who == "anybody":
            return {401}
        case For.OPERATORS:
            return {403}
        case For.MEMBERS | For.OWNERS if who == "read-only":
            return {403}
        case _ if who == "another account" and is_hers:
            return {404}
        case _:
            return {200, 201, 202, 204, 404, 409, 422}


def _headers(database: Database, who: str) -> dict[str, str]:
    if who == "anybody":
        return {}
    owner, role = PEOPLE[who]
    _, secret = ApiKeys(database).make(f"acc_{owner}", "test", role, START)
    return {"authorization": f"Bearer {secret}"}


def _state(database: Database, accounts: AccountStore) -> list[object]:
    """What nobody else may have changed: Alice's things, and what is watched."""
    hers = (accounts.endpoints("acc_alice"), accounts.subscriptions("acc_alice"))
    sent = accounts.deliveries("acc_alice")
    watched = Sources(database).documents()
    keys = {(key.id, key.revoked_at) for key in ApiKeys(database).of_account("acc_alice")}
    return [
        [row.model_dump() for row in hers[0]],
        [(row.model_dump(), wanted) for row, wanted in hers[1]],
        sent,
        watched,
        keys,
        Members(database).of_account("acc_alice"),
    ]
