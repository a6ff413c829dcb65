"""The page of a digest, which shows all that a message had to cut. Its id is a secret of 100 random bits."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from services.api.frame import framed, no_such_link
from services.api.resources import Resources
from shared.db.notifier.digest_items import Item
from shared.domain.notices import NoticeKind
from shared.domain.subscriptions import SEVERITIES

_ID = re.compile(r"dig_[a-z0-9]{1,64}")
_TITLES = {
    "immediate": "Changes that came together",
    "same-day": "Changes of the day",
    "daily": "Daily digest",
    "weekly": "Weekly digest",
}


def router(resources: Resources) -> APIRouter:
    """`GET /digests/{id}`: everything in the digest, by platform and severity, the gravest first."""
    routes = APIRouter()

    @routes.get("/digests/{digest_id}")
    def show(request: Request, digest_id: str) -> Response:
        found = resources.digests.read(digest_id) if _ID.fullmatch(digest_id) else None
        if found is None:
            return no_such_link(resources, request)
        digest, items = found
        return framed(
            resources,
            request,
            "digest",
            title=f"{_TITLES[digest.cadence]}, {_day(digest.ends_at)}",
            platforms=by_platform(items),
            conditions=[item.data for item in items if item.kind is NoticeKind.CONDITION],
            day=_day,
        )

    return routes


def by_platform(items: Sequence[Item]) -> dict[str, list[Item]]:
    """Those that tell of changes, the gravest platform and change first, and the oldest among equals."""
    told = [item for item in items if item.change is not None]
    told.sort(key=lambda item: item.change.detected_at if item.change else item.created_at)
    told.sort(key=_gravity, reverse=True)
    platforms: dict[str, list[Item]] = {}
    for item in told:
        if item.change is not None:
            platforms.setdefault(item.change.platform_name, []).append(item)
    return platforms


def _gravity(item: Item) -> int:
    severity = item.change.severity if item.change else ""
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


def _day(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y}"
