"""Every route of the API and of the pages, asked by whom it is none of their business. A route that is not in the
table fails, so that whoever adds one says who may use it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount, Route

from services.api.app import make_app
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
from tests.integration.api.conftest import Ask


class For(Enum):
    """Whom a route is for."""

    EVERYBODY = "everybody"
    LINK = "who has a link or a signature of ours"
    READERS = "who may read in the account"
    MEMBERS = "who may change things in the account"
    OWNERS = "who owns the account"
    OPERATORS = "who runs the installation"
    SEEN = "the browsers of who may read in the account"
    SENT = "the browsers of who may change things in the account"
    OWNED = "the browsers of who owns the account"
    RUN = "the browsers of who runs the installation"


BROWSED = {For.SEEN: For.READERS, For.SENT: For.MEMBERS, For.OWNED: For.OWNERS, For.RUN: For.OPERATORS}
"""Pages know people by their sessions alone; whom each is for among those who have one."""


_PAGES = """
/ /changes /changes/{change_id} /changes/{change_id}/evidence /changes/{change_id}/redline /changes/{change_id}/wrong
/status /digests/{digest_id} /documents/{document_id} /feeds /health /methodology /platforms /platforms/{slug}
/provisions/{provision_id} /search /calendar.ics /categories /categories/{category_id} /regulations
/regulations/{regulation_id} /compare /documents/{document_id}/calendar.ics /platforms/{slug}/calendar.ics
/feeds/changes.atom /categories/{category_id}/changes.atom /documents/{document_id}/changes.atom
/platforms/{slug}/changes.atom /static/{name} /ledger /.well-known/clausewatch-ledger /documents/{document_id}/compare
"""
_LISTS = """
/openapi.json /platforms /platforms/{slug} /documents /documents/{document_id} /documents/{document_id}/versions
/documents/{document_id}/snapshots /documents/{document_id}/provisions /versions/{version_id}
/versions/{version_id}/provisions /versions/{version_id}/text /snapshots/{snapshot_id}
/snapshots/{snapshot_id}/parts/{ordinal}/raw /provisions /provisions/{provision_id} /provisions/{provision_id}/history
/changes /changes/{change_id} /changes/{change_id}/report /changes/{change_id}/redline /changes/{change_id}/citation
/categories /categories/{category_id} /regulations /regulations/{regulation_id} /search
"""
_SUBSCRIPTION, _ENDPOINT = "/api/v1/subscriptions/{subscription_id}", "/api/v1/endpoints/{endpoint_id}"
_DELIVERY, _DOCUMENT = "/api/v1/deliveries/{delivery_id}", "/api/v1/documents/{document_id}"
_MEMBER = "/api/v1/members/{member_id}"
_ACCOUNT_PAGES = """
/account/subscriptions /account/subscriptions/new /account/subscriptions/{subscription_id} /account/endpoints
/account/endpoints/{endpoint_id} /account
"""
_ACCOUNT_FORMS = """
/account/subscriptions/new /account/subscriptions/{subscription_id} /account/subscriptions/{subscription_id}/pause
/account/subscriptions/{subscription_id}/resume /account/subscriptions/{subscription_id}/remove /account/mutes
/account/mutes/{document_id}/remove /account/hours /account/endpoints /account/endpoints/{endpoint_id}/test
/account/endpoints/{endpoint_id}/rotate /account/endpoints/{endpoint_id}/pause /account/endpoints/{endpoint_id}/enable
/account/endpoints/{endpoint_id}/ask /account/endpoints/{endpoint_id}/replay /account/endpoints/{endpoint_id}/remove
/account/endpoints/{endpoint_id}/deliveries/{delivery_id}/replay
"""
_OWNERS_FORMS = """
/account/keys /account/keys/{key_id}/revoke /account/members /account/members/{member_id}/role
/account/members/{member_id}/remove
"""
_OPERATOR_PAGES = """
/account/outbox /account/outbox/{name} /account/outbox/{name}/html /operator /operator/documents/{document_id}
/operator/documents/{document_id}/selectors /operator/quarantine /operator/reviews /operator/changes/{change_id}
/operator/queues
"""
_OPERATOR_FORMS = """
/operator/documents /operator/documents/{document_id}/pause /operator/documents/{document_id}/resume
/operator/documents/{document_id}/check /operator/documents/{document_id}/accept
/operator/documents/{document_id}/selectors /operator/reviews/{change_id}/settle /operator/changes/{change_id}/retract
/operator/changes/{change_id}/correct /operator/dead-letters/retry
"""

EXPECTED: dict[str, For] = {
    **{f"GET {path}": For.EVERYBODY for path in _PAGES.split()},
    **{f"GET /api/v1{path}": For.EVERYBODY for path in _LISTS.split()},
    **{f"GET {path}": For.SEEN for path in _ACCOUNT_PAGES.split()},
    **{f"POST {path}": For.SENT for path in _ACCOUNT_FORMS.split()},
    **{f"GET {path}": For.OWNED for path in ("/account/keys", "/account/members")},
    **{f"POST {path}": For.OWNED for path in _OWNERS_FORMS.split()},
    **{f"GET {path}": For.RUN for path in _OPERATOR_PAGES.split()},
    **{f"POST {path}": For.RUN for path in _OPERATOR_FORMS.split()},
    "POST /changes/{change_id}/wrong": For.EVERYBODY,
    **{
        f"{method} {path}": For.LINK
        for method in ("GET", "POST")
        for path in ("/p/{endpoint_id}/{token}", "/u/{endpoint_id}/{token}", "/confirm/{endpoint_id}/{expires}/{token}")
    },
    "POST /sendgrid/events": For.LINK,
    "GET /sign-in": For.EVERYBODY,
    "POST /sign-in": For.EVERYBODY,
    "GET /sign-in/{link_id}/{token}": For.LINK,
    "POST /sign-in/{link_id}/{token}": For.LINK,
    "POST /sign-out": For.LINK,
    "GET /api/v1/subscriptions": For.READERS,
    "POST /api/v1/subscriptions": For.MEMBERS,
    "POST /api/v1/subscriptions/preview": For.READERS,
    f"GET {_SUBSCRIPTION}": For.READERS,
    f"PUT {_SUBSCRIPTION}": For.MEMBERS,
    f"POST {_SUBSCRIPTION}/pause": For.MEMBERS,
    f"POST {_SUBSCRIPTION}/resume": For.MEMBERS,
    f"DELETE {_SUBSCRIPTION}": For.MEMBERS,
    "PUT /api/v1/mutes/{document_id}": For.MEMBERS,
    "DELETE /api/v1/mutes/{document_id}": For.MEMBERS,
    "GET /api/v1/endpoints": For.READERS,
    "POST /api/v1/endpoints": For.MEMBERS,
    f"GET {_ENDPOINT}": For.READERS,
    f"POST {_ENDPOINT}/test": For.MEMBERS,
    f"POST {_ENDPOINT}/rotate": For.MEMBERS,
    f"POST {_ENDPOINT}/pause": For.MEMBERS,
    f"POST {_ENDPOINT}/enable": For.MEMBERS,
    f"DELETE {_ENDPOINT}": For.MEMBERS,
    "GET /api/v1/deliveries": For.READERS,
    f"GET {_DELIVERY}": For.READERS,
    "POST /api/v1/deliveries/replay": For.MEMBERS,
    f"POST {_DELIVERY}/retry": For.MEMBERS,
    "GET /api/v1/account": For.READERS,
    "GET /api/v1/changes/{change_id}/evidence": For.READERS,
    "GET /api/v1/versions/{version_id}/evidence": For.READERS,
    "GET /changes/{change_id}/evidence.zip": For.SEEN,
    "GET /versions/{version_id}/evidence.zip": For.SEEN,
    "GET /api/v1/keys": For.OWNERS,
    "POST /api/v1/keys": For.OWNERS,
    "DELETE /api/v1/keys/{key_id}": For.OWNERS,
    "GET /api/v1/members": For.OWNERS,
    "POST /api/v1/members": For.OWNERS,
    f"PATCH {_MEMBER}": For.OWNERS,
    f"DELETE {_MEMBER}": For.OWNERS,
    "POST /api/v1/documents": For.OPERATORS,
    f"PATCH {_DOCUMENT}": For.OPERATORS,
    f"POST {_DOCUMENT}/preview": For.OPERATORS,
    f"POST {_DOCUMENT}/pause": For.OPERATORS,
    f"POST {_DOCUMENT}/resume": For.OPERATORS,
    f"POST {_DOCUMENT}/check": For.OPERATORS,
    f"POST {_DOCUMENT}/accept": For.OPERATORS,
    "GET /api/v1/operator/sources": For.OPERATORS,
    "GET /api/v1/operator/quarantine": For.OPERATORS,
    "GET /api/v1/operator/reviews": For.OPERATORS,
    "POST /api/v1/operator/reviews/{change_id}/settle": For.OPERATORS,
    "POST /api/v1/operator/changes/{change_id}/retract": For.OPERATORS,
    "POST /api/v1/operator/changes/{change_id}/correct": For.OPERATORS,
    "GET /api/v1/operator/dead-letters": For.OPERATORS,
    "POST /api/v1/operator/dead-letters/retry": For.OPERATORS,
}

OWNED = ("{subscription_id}", "{endpoint_id}", "{delivery_id}", "{key_id}", "{member_id}")
"""Of these in a path, Alice's are filled in."""


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
            f"PUT {_SUBSCRIPTION}": {"endpoints": [endpoint]},
            "POST /api/v1/endpoints": {"kind": "email", "address": "else@reader.example"},
            f"POST {_ENDPOINT}/rotate": {},
            "POST /api/v1/deliveries/replay": {"endpoint": endpoint},
            "POST /api/v1/keys": {"name": "another"},
            "POST /api/v1/members": {"email": "mallory@reader.example", "role": "owner"},
            f"PATCH {_MEMBER}": {"role": "owner"},
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
    return sorted(routes_of(make_app(resources)._app.routes))


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
