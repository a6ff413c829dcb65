"""Bundles of evidence over REST; what is in one and how it is checked stands in docs/evidence.md."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from services.api.evidence.answering import bundle_for
from services.api.principals import Principal
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, known
from services.api.v1.problems import documented

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
    **documented(*REFUSALS, 404, 409, 503),
}


def router(resources: Resources) -> APIRouter:
    """Of a change and of a version; for accounts whose plan includes evidence export."""
    routes = APIRouter(tags=["evidence"])
    reader = Depends(known(resources))

    @routes.get(
        "/changes/{change_id}/evidence",
        response_class=Response,
        responses=_ANSWERS,
        summary="What proves a change: a zip of captures, texts, report and ledger",
    )
    def of_change(change_id: Id, who: Principal = reader) -> Response:
        return bundle_for(who, "change", change_id, resources.exporter.change)

    @routes.get(
        "/versions/{version_id}/evidence",
        response_class=Response,
        responses=_ANSWERS,
        summary="What proves a version",
    )
    def of_version(version_id: Id, who: Principal = reader) -> Response:
        return bundle_for(who, "version", version_id, resources.exporter.version)

    return routes
