"""`/categories`, `/regulations`, `/compare`: what provisions are about, across platforms."""

from fastapi import APIRouter, Request, Response

from services.api.frame import framed, nothing_here
from services.api.resources import Resources
from services.differ.core.taxonomy import Category, instruments, taxonomy
from shared.db.registry.changes import ChangeFilter

_PROVISIONS = 60
_CHANGES = 10
_PLATFORMS = 500
_MOST_COMPARED = 4
_OF_EACH = 5


def router(resources: Resources) -> APIRouter:
    """Lists, one by its id, and platforms side by side; public."""
    routes = APIRouter()
    registry = resources.registry

    @routes.get("/categories")
    def categories(request: Request) -> Response:
        counts = registry.provisions.coverage()
        found = [(one, counts.get(one.id, 0)) for one in taxonomy().values()]
        return framed(resources, request, "categories", title="Categories", here="/categories", categories=found)

    @routes.get("/categories/{category_id}")
    def category(request: Request, category_id: str) -> Response:
        found = taxonomy().get(category_id)
        if found is None:
            return nothing_here(resources, request, "category")
        return framed(
            resources,
            request,
            "category",
            title=found.label,
            here="/categories",
            category=found,
            rules=[(instruments().get(rule.id, rule.id), rule) for rule in found.regulations],
            prevalence=registry.provisions.prevalence(category_id),
            provisions=registry.provisions.of_category(category_id, limit=_PROVISIONS),
            changes=registry.changes.listed(ChangeFilter(categories=(category_id,)), limit=_CHANGES),
        )

    @routes.get("/regulations")
    def regulations(request: Request) -> Response:
        found = [(one, name, _spoken_of(one)) for one, name in instruments().items()]
        return framed(resources, request, "regulations", title="Rules of law", here="/categories", regulations=found)

    @routes.get("/regulations/{regulation_id}")
    def regulation(request: Request, regulation_id: str) -> Response:
        name = instruments().get(regulation_id)
        if name is None:
            return nothing_here(resources, request, "rule of law")
        rules = [
            (one, [rule for rule in one.regulations if rule.id == regulation_id]) for one in _spoken_of(regulation_id)
        ]
        return framed(
            resources,
            request,
            "regulation",
            title=name,
            here="/categories",
            rules=rules,
            regulation_id=regulation_id,
            changes=registry.changes.listed(ChangeFilter(regulations=(regulation_id,)), limit=_CHANGES),
        )

    @routes.get("/compare")
    def compare(request: Request) -> Response:
        names = dict(resources.platforms.names(limit=_PLATFORMS))
        asked = list(dict.fromkeys(slug for slug in request.query_params.getlist("platform") if slug))
        chosen = [slug for slug in asked if slug in names]
        named = request.query_params.get("category", "")
        category = taxonomy().get(named)
        unknown = [slug for slug in asked if slug not in names] + ([named] if named and category is None else [])
        columns = [
            (slug, names[slug], registry.provisions.of_category(category.id, platforms=(slug,), limit=_OF_EACH))
            for slug in chosen[:_MOST_COMPARED]
            if category
        ]
        return framed(
            resources,
            request,
            "compare",
            title="Compare",
            here="/compare",
            status=422 if unknown else 200,
            unknown=unknown,
            left_out=[names[slug] for slug in chosen[_MOST_COMPARED:]],
            platforms=names,
            categories=list(taxonomy().values()),
            category=category,
            chosen=(chosen + [""] * _MOST_COMPARED)[:_MOST_COMPARED],
            columns=columns,
        )

    return routes


def _spoken_of(regulation_id: str) -> list[Category]:
    """The categories that rules of this instrument speak about."""
    return [one for one in taxonomy().values() if any(rule.id == regulation_id for rule in one.regulations)]
