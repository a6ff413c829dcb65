"""“This alert is wrong”: what a reader says goes to the operator, who may correct or retract the change."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import read_form
from services.api.frame import WAYS_ON, framed, no_such_link, said
from services.api.resources import Resources
from services.api.routes.changes import found
from shared.logging import get_logger

MOST_CHARACTERS = 2_000


def router(resources: Resources) -> APIRouter:
    """`/changes/{id}/wrong`: GET asks what is wrong, POST stores it for review. Nothing is changed by it alone."""
    routes = APIRouter()

    @routes.get("/changes/{change_id}/wrong")
    def ask(request: Request, change_id: str) -> Response:
        change = found(resources, change_id)
        if change is None:
            return no_such_link(resources, request)
        title = "This alert is wrong"
        return framed(resources, request, "doubt", title=title, change=change, most=MOST_CHARACTERS)

    @routes.post("/changes/{change_id}/wrong")
    def doubt(request: Request, change_id: str, form: Annotated[Mapping[str, str], Depends(read_form)]) -> Response:
        change, words = found(resources, change_id), form.get("said", "")
        if change is None:
            return no_such_link(resources, request)
        if not 0 < len(words) <= MOST_CHARACTERS:
            why = f"Say what is wrong with it, in at most {MOST_CHARACTERS} characters."
            ways = ((request.url.path, "Back to what is wrong"),)
            return said(resources, request, "That cannot be sent", why, ways=ways, status=422)
        resources.reviews.add(change.id, words, resources.clock.now())
        get_logger().info("review.asked_for", change_id=change.id)
        on = ((f"/changes/{change.id}", "Back to the change"), *WAYS_ON)
        return said(resources, request, "Thank you", "The operator of this service will look at it.", ways=on)

    return routes
