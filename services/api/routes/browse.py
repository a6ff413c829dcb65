"""`/platforms`, `/search`, `/methodology`: what is watched, what it says, and how we know."""

from fastapi import APIRouter, Request, Response

from services.api.charting import chart
from services.api.frame import framed, nothing_here
from services.api.resources import Resources
from services.api.v1.routes.search import pieces
from services.differ.core.taxonomy import taxonomy
from shared.db.registry.changes import ChangeFilter
from shared.db.registry.search import KINDS
from shared.domain.searching import LONGEST, parse_query

_PLATFORMS = 500
_DOCUMENTS = 100
_CHANGES = 20
_HITS = 30


def router(resources: Resources) -> APIRouter:
    """Lists, and one by its slug or id; public."""
    routes = APIRouter()
    registry = resources.registry

    @routes.get("/platforms")
    def platforms(request: Request) -> Response:
        found = resources.platforms.listed(after=None, limit=_PLATFORMS)
        return framed(resources, request, "platforms", title="Platforms", here="/platforms", platforms=found)

    @routes.get("/platforms/{slug}")
    def platform(request: Request, slug: str) -> Response:
        entry = resources.platforms.one(slug)
        if entry is None:
            return nothing_here(resources, request, "platform")
        coverage, prevalences = registry.provisions.coverage(platform=slug), registry.provisions.prevalences()
        return framed(
            resources,
            request,
            "platform",
            title=entry.name,
            here="/platforms",
            platform=entry,
            documents=registry.documents.listed(platform=slug, limit=_DOCUMENTS),
            chart=chart(resources.platforms.changed(slug), resources.clock.now()),
            coverage=[
                (one, coverage.get(one.id, 0), prevalences[one.id])
                for one in taxonomy().values()
                if one.id in prevalences
            ],
            changes=registry.changes.listed(ChangeFilter(platforms=(slug,)), limit=_CHANGES),
        )

    @routes.get("/search")
    def search(request: Request) -> Response:
        asked = request.query_params.get("q", "").strip()
        query = parse_query(asked)
        hits = registry.search.hits(query, kinds=KINDS, limit=_HITS)
        return framed(
            resources,
            request,
            "search",
            title="Search",
            asked=asked[:LONGEST],
            is_empty=query.is_empty,
            most=_HITS,
            hits=[(hit, pieces(hit.excerpt)) for hit in hits],
        )

    @routes.get("/methodology")
    def methodology(request: Request) -> Response:
        kinds = list(taxonomy().values())
        return framed(resources, request, "methodology", title="Methodology", here="/methodology", categories=kinds)

    return routes
