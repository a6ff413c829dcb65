"""Every page and list of the API that can be read, with values for what stands in braces."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select, tuple_
from sqlmodel import SQLModel, col
from starlette.routing import Mount

from services.api.v1.problem_kinds import KINDS
from services.differ.core.taxonomy import instruments, taxonomy
from shared.db.session import Database
from shared.db.tables import (
    ChangeRow,
    DocumentRow,
    EndpointRow,
    PlatformRow,
    RegisteredProvisionRow,
    SnapshotRow,
    SubscriptionRow,
    VersionRow,
)

_NAME = re.compile(r"\{(\w+)(?::\w+)?\}")
_EACH = 40
"""Values tried of each kind, spread over all there are."""

QUERIES: Mapping[str, Sequence[str]] = {
    "/api/v1/provisions": ("category={category_id}",),
    "/search": ("q=arbitration", "q=personal+data", 'q="30+days"', "q=refund"),
    "/api/v1/search": ("q=arbitration", "q=personal+data", "q=refund"),
    "/changes": ("", "severity=high", "direction=worse"),
    "/api/v1/changes": ("", "severity=high", "limit=100"),
    "/compare": ("", "platform={slug}&platform={other}&category={category_id}"),
    "/documents/{document_id}/compare": ("", "old={first_version}&new={last_version}"),
    "/changes/{change_id}": ("", "view=sides"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A route, and the addresses that are asked in turn; none where nothing is known to stand in its braces."""

    route: str
    paths: tuple[str, ...]


def targets(app: FastAPI, database: Database) -> list[Target]:
    """Every route that answers GET, pages first."""
    values = _values(database)
    return [Target(route, tuple(_filled(route, values))) for route in _routes(app)]


def _routes(app: FastAPI) -> list[str]:
    mounts = [route for route in app.routes if isinstance(route, Mount)]
    parts: list[tuple[str, Any]] = [("", app), *((mount.path, mount.app) for mount in mounts)]
    return [
        prefix + route.path
        for prefix, part in parts
        for route in iter_route_contexts(part.routes)  # FastAPI keeps included routers folded up
        if route.path and "GET" in (route.methods or ()) and not route.path.startswith("/static/")
    ]


def _filled(route: str, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    names = _NAME.findall(route)
    if not all(values.get(name) for name in names):
        return
    queries = QUERIES.get(route, ("",))
    for number in range(_EACH if names or len(queries) > 1 else 1):
        path = _NAME.sub(lambda found, n=number: _at(values[found[1]], n), route)  # type: ignore[misc]
        query = queries[number % len(queries)]
        asked = query.format(
            slug=_at(values["slug"], number),
            other=_at(values["slug"], number + 7),
            category_id=_at(values["category_id"], number),
            first_version=_at(values["first_version"], number),
            last_version=_at(values["last_version"], number),
        )
        yield f"{path}?{asked}" if asked else path


def _at(values: Sequence[str], number: int) -> str:
    return values[number % len(values)]


def _values(database: Database) -> dict[str, Sequence[str]]:
    """What stands for each name in the braces of our routes."""
    changes, documents = _some(database, ChangeRow, "id"), _some(database, DocumentRow, "id")
    return {
        "slug": _some(database, PlatformRow, "slug"),
        "document_id": documents,
        "first_version": _versions(database, documents, func.min),
        "last_version": _versions(database, documents, func.max),
        "change_id": changes,
        "version_id": _some(database, VersionRow, "id"),
        "snapshot_id": _some(database, SnapshotRow, "id"),
        "provision_id": _some(database, RegisteredProvisionRow, "provision_id"),
        "category_id": list(taxonomy()),
        "regulation_id": list(instruments()),
        "ordinal": ["0"],
        "kind": list(KINDS),
        "subscription_id": _some(database, SubscriptionRow, "id"),
        "endpoint_id": _some(database, EndpointRow, "id"),
    }


def _versions(database: Database, documents: Sequence[str], choose: Any) -> list[str]:
    """The first or the last version of each document, by `choose` of its sequence; none where it has no version."""
    ends = select(col(VersionRow.document_id), choose(col(VersionRow.sequence))).group_by(col(VersionRow.document_id))
    query = select(col(VersionRow.document_id), col(VersionRow.id)).where(
        tuple_(col(VersionRow.document_id), col(VersionRow.sequence)).in_(ends)
    )
    with database.reading() as session:
        found = {row[0]: row[1] for row in session.execute(query)}
    return [found.get(document_id, "none") for document_id in documents]


def _some(database: Database, row: type[SQLModel], name: str) -> list[str]:
    column = col(getattr(row, name))
    with database.reading() as session:
        found = list(session.scalars(select(column).order_by(column)))
    return found[:: max(1, len(found) // _EACH)][:_EACH]
