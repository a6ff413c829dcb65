"""Bundles of evidence to download, for accounts whose plan includes them."""

from fastapi import APIRouter, Request, Response

from services.api.evidence.answering import bundle_for
from services.api.resources import Resources
from services.api.signed_in import member_of


def router(resources: Resources) -> APIRouter:
    """`/changes/{id}/evidence.zip` and `/versions/{id}/evidence.zip`."""
    routes = APIRouter()

    @routes.get("/changes/{change_id}/evidence.zip")
    def of_change(request: Request, change_id: str) -> Response:
        return bundle_for(member_of(resources, request), "change", change_id, resources.exporter.change)

    @routes.get("/versions/{version_id}/evidence.zip")
    def of_version(request: Request, version_id: str) -> Response:
        return bundle_for(member_of(resources, request), "version", version_id, resources.exporter.version)

    return routes
