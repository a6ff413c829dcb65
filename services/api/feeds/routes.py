"""Where feeds and calendars are read; all public, and small enough to be read whole each time."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response

from services.api.feeds.atom import MEDIA_TYPE, Feed, atom
from services.api.feeds.calendar import MEDIA_TYPE as CALENDAR
from services.api.feeds.calendar import calendar
from services.api.frame import framed, said
from services.api.resources import Resources
from services.api.v1.answers import tagged
from services.differ.core.taxonomy import taxonomy
from shared.db.registry.changes import ChangeFilter
from shared.domain.report import SEVERITIES

_FEEDS = (("/feeds", "All feeds"),)
_ENTRIES = 50
_DAYS = 500
_PAST = timedelta(days=90)
_MAX_AGE_S = 300

Severities = Annotated[tuple[str, ...], Query(alias="severity")]


def router(resources: Resources) -> APIRouter:
    """`…/changes.atom`, `…/calendar.ics`, and the page that tells of them."""
    routes = APIRouter()
    answers = _Answers(resources)

    @routes.get("/feeds")
    def told(request: Request) -> Response:
        return framed(resources, request, "feeds", title="Feeds", here="/feeds", severities=SEVERITIES[:3])

    @routes.get("/feeds/changes.atom")
    def everything(request: Request, severities: Severities = ()) -> Response:
        return answers.feed(request, "Changes", "/changes", ChangeFilter(severities=severities))

    @routes.get("/platforms/{slug}/changes.atom")
    def of_platform(request: Request, slug: str, severities: Severities = ()) -> Response:
        name = _found(resources.feeds.platform_name(slug))
        wanted = ChangeFilter(platforms=(slug,), severities=severities)
        return answers.feed(request, f"Changes of {name}", f"/platforms/{slug}", wanted)

    @routes.get("/documents/{document_id}/changes.atom")
    def of_document(request: Request, document_id: str, severities: Severities = ()) -> Response:
        name = _found(resources.feeds.document_name(document_id))
        wanted = ChangeFilter(documents=(document_id,), severities=severities)
        return answers.feed(request, f"Changes of {name}", f"/documents/{document_id}", wanted)

    @routes.get("/categories/{category_id}/changes.atom")
    def of_category(request: Request, category_id: str, severities: Severities = ()) -> Response:
        category = taxonomy().get(category_id)
        name = _found(category.label if category else None)
        wanted = ChangeFilter(categories=(category_id,), severities=severities)
        return answers.feed(request, f"Changes about {name}", f"/categories/{category_id}", wanted)

    @routes.get("/calendar.ics")
    def every_day(request: Request) -> Response:
        return answers.days(request, "Dates of policy changes")

    @routes.get("/platforms/{slug}/calendar.ics")
    def days_of_platform(request: Request, slug: str) -> Response:
        name = _found(resources.feeds.platform_name(slug))
        return answers.days(request, f"Dates of {name}", platform=slug)

    @routes.get("/documents/{document_id}/calendar.ics")
    def days_of_document(request: Request, document_id: str) -> Response:
        name = _found(resources.feeds.document_name(document_id))
        return answers.days(request, f"Dates of {name}", document_id=document_id)

    return routes


class _Answers:
    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def feed(self, request: Request, title: str, page: str, wanted: ChangeFilter) -> Response:
        unknown = sorted(set(wanted.severities) - set(SEVERITIES))
        if unknown:
            why = f"severity={unknown[0][:40]}: it may be high, medium, low or editorial."
            return said(self._resources, request, "There is no such feed", why, ways=_FEEDS, status=422)
        asked = _query(wanted.severities)
        path = f"{request.url.path}{asked}"
        named = f"{title} ({', '.join(wanted.severities)})" if wanted.severities else title
        entries = self._resources.feeds.newest(wanted, _ENTRIES)
        body = atom(Feed(f"{named} · Clausewatch", path, page), entries, self._base(request))
        return tagged(request, body, MEDIA_TYPE, max_age_s=_MAX_AGE_S)

    def days(
        self, request: Request, title: str, *, platform: str | None = None, document_id: str | None = None
    ) -> Response:
        since = (self._resources.clock.now() - _PAST).date()
        days = self._resources.feeds.days(since, platform=platform, document_id=document_id, limit=_DAYS)
        body = calendar(f"{title} · Clausewatch", days, self._base(request))
        return tagged(request, body, CALENDAR, max_age_s=_MAX_AGE_S)

    def _base(self, request: Request) -> str:
        """Our public address; without one, the one that was asked."""
        return (self._resources.links.base or str(request.base_url)).rstrip("/")


def _found(name: str | None) -> str:
    if name is None:
        raise HTTPException(404)
    return name


def _query(severities: Collection[str]) -> str:
    return f"?{urlencode([('severity', severity) for severity in severities])}" if severities else ""
