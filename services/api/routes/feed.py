"""`/` and `/changes`: what changed, newest first, by filters."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.api.frame import framed
from services.api.resources import Resources
from services.api.v1.paging import cursor_of, key_of
from services.api.v1.problems import Problem
from services.differ.core.taxonomy import instruments, taxonomy
from shared.db.registry.changes import ChangeEntry, ChangeFilter
from shared.domain.subscriptions import DIRECTIONS, SEVERITIES

_IN_A_PAGE = 30
_ON_THE_FRONT = 8
_PLATFORMS = 500
_FILTERS = ("platform", "type", "category", "severity", "direction", "regulation", "since", "until")


def router(resources: Resources) -> APIRouter:
    """The front page, and the feed; public."""
    routes = APIRouter()

    @routes.get("/")
    def front(request: Request) -> Response:
        newest = resources.registry.changes.listed(ChangeFilter(), limit=_ON_THE_FRONT)
        platforms = resources.platforms.listed(after=None, limit=_PLATFORMS)
        return framed(
            resources,
            request,
            "front",
            title="What the terms of online platforms say, and how they change",
            changes=newest,
            platforms=sorted(platforms, key=lambda one: (-one.changes, one.slug))[:12],
            watched=len(platforms),
        )

    @routes.get("/changes")
    def feed(request: Request) -> Response:
        given = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
        faults = _faults(given)
        wanted = ChangeFilter() if faults else _filter(given)
        found = [] if faults else resources.registry.changes.listed(wanted, after=_after(request), limit=_IN_A_PAGE + 1)
        return framed(
            resources,
            request,
            "feed",
            title="Changes",
            here="/changes",
            status=422 if faults else 200,
            changes=found[:_IN_A_PAGE],
            older=_older(given, found),
            given=given,
            faults=faults,
            choices=_choices(resources),
            chips={name: _without(given, name) for name, value in given.items() if value},
        )

    return routes


def _choices(resources: Resources) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be, by its name: value and words."""
    return {
        "platform": resources.platforms.names(limit=_PLATFORMS),
        "type": [(kind, kind) for kind in resources.registry.documents.types()],
        "category": [(one.id, one.label) for one in taxonomy().values()],
        "severity": [(one, one) for one in reversed(SEVERITIES)],
        "direction": [(one, one) for one in DIRECTIONS],
        "regulation": list(instruments().items()),
    }


def _faults(given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a filter, by its name."""
    known = {"category": taxonomy(), "severity": SEVERITIES, "direction": DIRECTIONS, "regulation": instruments()}
    faults = {
        name: "choose one of the list" for name, there in known.items() if given[name] and given[name] not in there
    }
    for name in ("since", "until"):
        try:
            date.fromisoformat(given[name] or "2026-01-01")
        except ValueError:
            faults[name] = "a day as 2026-03-01"
    if not {"since", "until"} & faults.keys() and given["until"] and given["since"] > given["until"]:
        faults["until"] = "a day after the first one"
    return faults


def _filter(given: Mapping[str, str]) -> ChangeFilter:
    def one(name: str) -> tuple[str, ...]:
        return (given[name],) if given[name] else ()

    until = _midnight(given["until"])
    return ChangeFilter(
        platforms=one("platform"),
        types=one("type"),
        categories=one("category"),
        severities=one("severity"),
        directions=one("direction"),
        regulations=one("regulation"),
        since=_midnight(given["since"]),
        until=until + timedelta(days=1) if until else None,
        told_only=given["severity"] != "editorial",
    )


def _midnight(day: str) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) if day else None


def _after(request: Request) -> tuple[datetime, str] | None:
    """Where the page before ended; the first page for what is no cursor of ours."""
    try:
        key = key_of(request.query_params.get("cursor"), str, str)
        at = datetime.fromisoformat(str(key[0])) if key else None
    except (Problem, ValueError):
        return None
    return (at, str(key[1])) if key and at and at.tzinfo else None


def _older(given: Mapping[str, str], found: list[ChangeEntry]) -> str | None:
    if len(found) <= _IN_A_PAGE:
        return None
    last = found[_IN_A_PAGE - 1]
    values = {name: value for name, value in given.items() if value}
    return "/changes?" + urlencode({**values, "cursor": cursor_of((last.detected_at.isoformat(), last.id))})


def _without(given: Mapping[str, str], name: str) -> str:
    rest = {one: value for one, value in given.items() if value and one != name}
    return "/changes" + ("?" + urlencode(rest) if rest else "")
