"""Addresses of every route that answers GET, of the installation that is hostile."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import select
from sqlmodel import SQLModel, col

from benchmarks.page_routes import targets
from services.api.app import make_resources, make_routes
from services.cli.opening import Opened
from shared.db.tables import (
    ApiKeyRow,
    ChangeRow,
    DeliveryRow,
    DigestRow,
    DocumentRow,
    EndpointRow,
    MemberRow,
    PlatformRow,
    SnapshotRow,
    SubscriptionRow,
    VersionRow,
)
from tests.e2e import hostile_texts as hostile
from tests.e2e.hostile_site import MAIL

EACH = 3
"""Addresses of each route: one for each platform, whose names break out in different ways."""

_WORDS = quote(hostile.SHORT)
ASKED = {
    "/sign-in": [f"next={_WORDS}", f"next={quote(hostile.URLS[1])}"],
    "/search": [f"q={_WORDS}", "q=account", "q=window.hit"],
    "/changes": [
        f"platform={_WORDS}&type={_WORDS}&category={_WORDS}&since={_WORDS}",
        f"type={quote(hostile.TYPES[1])}",
    ],
}
"""What is asked beside what the addresses of a route are by themselves."""

MOST_ASKED = 8
"""About how many addresses of a route are asked without a browser, spread over all."""


def addresses(opened: Opened) -> dict[str, list[str]]:
    """Addresses of every route that answers GET; a name in braces that is new here is given hostile words."""
    values, personal = _values(opened), _personal(opened)
    found: dict[str, list[str]] = {}
    routes = make_routes(make_resources(opened.settings, opened.database))
    for target in targets(routes, opened.database):
        some = list(dict.fromkeys(target.paths))
        some = some[:: max(1, len(some) // MOST_ASKED)]
        paths = personal.get(target.route) or some or [_filled(target.route, values, n) for n in range(EACH)]
        found[target.route] = [
            *dict.fromkeys(paths),
            *(f"{target.route}?{query}" for query in ASKED.get(target.route, ())),
        ]
    return found


def _filled(route: str, values: Mapping[str, Sequence[str]], number: int) -> str:
    def value(name: re.Match[str]) -> str:
        known = values.get(name[1]) or [quote(hostile.SHORT, safe="")]
        return known[number % len(known)]

    return re.sub(r"\{(\w+)(?::\w+)?\}", value, route)


def _personal(opened: Opened) -> dict[str, list[str]]:
    """The links in mails, which hold by a token of their own for each purpose."""
    links, soon = make_resources(opened.settings, opened.database).links, opened.clock.now() + timedelta(days=1)
    ids = _values(opened)["endpoint_id"]
    return {
        "/p/{endpoint_id}/{token}": [links.preferences(one) for one in ids],
        "/u/{endpoint_id}/{token}": [links.unsubscribe(one) for one in ids],
        "/confirm/{endpoint_id}/{expires}/{token}": [links.confirm(one, soon) for one in ids],
    }


def _values(opened: Opened) -> dict[str, list[str]]:
    rows: dict[str, tuple[type[SQLModel], str]] = {
        "slug": (PlatformRow, "slug"),
        "document_id": (DocumentRow, "id"),
        "change_id": (ChangeRow, "id"),
        "version_id": (VersionRow, "id"),
        "snapshot_id": (SnapshotRow, "id"),
        "endpoint_id": (EndpointRow, "id"),
        "subscription_id": (SubscriptionRow, "id"),
        "delivery_id": (DeliveryRow, "id"),
        "digest_id": (DigestRow, "id"),
        "member_id": (MemberRow, "id"),
        "key_id": (ApiKeyRow, "id"),
    }
    with opened.database.reading() as session:
        kept = {name: list(session.scalars(select(col(getattr(row, key))))) for name, (row, key) in rows.items()}
    return {**kept, "name": [MAIL]}
