"""`/status`: how each document is looked at, and what is wrong with any."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from services.api.frame import framed
from services.api.resources import Resources

_SHOWN = 100
"""Rows of a table; more of them say nothing more of how things are."""

_LATE = timedelta(minutes=15)
"""From when on a check that was due and did not come is a silent gap."""


def router(resources: Resources) -> APIRouter:
    """One page; public."""
    routes = APIRouter()

    @routes.get("/status")
    def status(request: Request) -> Response:
        now = resources.clock.now()
        standing = resources.registry.standings.at(now - _LATE, most=_SHOWN)
        return framed(resources, request, "condition", title="Status", here="/status", now=now, standing=standing)

    return routes
