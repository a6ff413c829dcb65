"""“This alert is wrong”: what a reader says goes to the operator, who may correct or retract the change."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.api.forms import read_form
from services.api.resources import Resources
from services.api.routes.changes import found
from shared.logging import get_logger

MOST_CHARACTERS = 2_000


def router(resources: Resources) -> APIRouter:
    """`/changes/{id}/wrong`: GET asks what is wrong, POST stores it for review. Nothing is changed by it alone."""
    routes, pages = APIRouter(), resources.pages

    @routes.get("/changes/{change_id}/wrong")
    def ask(change_id: str) -> Response:
        change = found(resources, change_id)
        if change is None:
            return pages.no_such_link()
        return pages.page("doubt", title="This alert is wrong", headline=change.headline, most=MOST_CHARACTERS)

    @routes.post("/changes/{change_id}/wrong")
    def doubt(change_id: str, form: Annotated[Mapping[str, str], Depends(read_form)]) -> Response:
        change, said = found(resources, change_id), form.get("said", "")
        if change is None:
            return pages.no_such_link()
        if not 0 < len(said) <= MOST_CHARACTERS:
            words = f"Say what is wrong with it, in at most {MOST_CHARACTERS} characters."
            return pages.say("That cannot be sent", words, status=422)
        resources.reviews.add(change.id, said, resources.clock.now())
        get_logger().info("review.asked_for", change_id=change.id)
        return pages.say("Thank you", "The operator of this service will look at it.")

    return routes
