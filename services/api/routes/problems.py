"""`/problems`: what the errors of the API mean; their `type` leads here (RFC 9457, 3.1.1)."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from services.api.frame import framed, nothing_here
from services.api.resources import Resources
from services.api.v1.problem_kinds import KINDS, Explained, ProblemKind


def router(resources: Resources) -> APIRouter:
    """All kinds on one page, and each on its own; public."""
    routes = APIRouter()

    def explained(request: Request, title: str, kinds: Mapping[ProblemKind, Explained]) -> Response:
        return framed(resources, request, "problems", title=title, kinds=kinds, count=len(KINDS))

    @routes.get("/problems")
    def every(request: Request) -> Response:
        return explained(request, "Errors of the API", KINDS)

    @routes.get("/problems/{kind}")
    def one(request: Request, kind: str) -> Response:
        for known, what in KINDS.items():
            if known == kind:
                return explained(request, what.title, {known: what})
        return nothing_here(resources, request, "kind of error")

    return routes
