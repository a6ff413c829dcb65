"""`/status`: how each document is looked at, and what is wrong with any."""

from fastapi import APIRouter, Request, Response

from services.api.frame import framed
from services.api.resources import Resources

_DOCUMENTS = 1_000
_SHOWN = 100
"""Rows of a table, those that wait longest first; more of them say nothing more of how things are."""

_LATE_S = 900
"""From when on a check that was due and did not come is a silent gap."""


def router(resources: Resources) -> APIRouter:
    """One page; public."""
    routes = APIRouter()

    @routes.get("/status")
    def status(request: Request) -> Response:
        documents = resources.registry.documents.listed(limit=_DOCUMENTS)
        now = resources.clock.now()
        watched = [one for one in documents if one.state == "active"]
        overdue = [one for one in watched if one.next_check_at and (now - one.next_check_at).total_seconds() > _LATE_S]
        late = {one.id for one in overdue}
        ailing = [one for one in watched if one.conditions or one.failures]
        return framed(
            resources,
            request,
            "condition",
            title="Status",
            here="/status",
            now=now,
            watched=len(watched),
            others=len(documents) - len(watched),
            is_cut=len(documents) == _DOCUMENTS,
            overdue=sorted(overdue, key=lambda one: one.next_check_at or now),
            ailing=[one for one in ailing if one.id not in late],
            most=_SHOWN,
            last=max((one.last_checked_at for one in watched if one.last_checked_at), default=None),
        )

    return routes
