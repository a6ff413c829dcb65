"""“This alert is wrong”: what a reader says goes to the operator, who may correct or retract the change."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.api.addresses import client_of
from services.api.forms import read_form
from services.api.frame import WAYS_ON, asker, framed, no_such_link, said
from services.api.resources import Resources
from services.api.routes.changes import found
from shared.db.reviews import Heard
from shared.logging import get_logger

MOST_CHARACTERS = 2_000

_ALREADY = "It is with the operators already"
_ANSWERS = {
    Heard.NEW: ("Thank you", "The operators of this service will look at it."),
    Heard.ADDED: (_ALREADY, "What you wrote now is added to what you, or your network, had said of it before."),
    Heard.REPEATED: (_ALREADY, "They have these very words."),
    Heard.FULL: (_ALREADY, "So much was said of it that there is no room for more until they have looked at it."),
}
"""The title and the words of the page that says what became of it."""


def router(resources: Resources) -> APIRouter:
    """`/changes/{id}/wrong`: GET asks what is wrong, POST stores it for review. Nothing is changed by it alone."""
    routes = APIRouter()

    @routes.get("/changes/{change_id}/wrong")
    def ask(request: Request, change_id: str) -> Response:
        change = found(resources, change_id)
        if change is None:
            return no_such_link(resources, request)
        return framed(
            resources,
            request,
            "doubt",
            title="This alert is wrong",
            change=change,
            most=MOST_CHARACTERS,
            is_open=resources.reviews.is_open(change.id, _reader(resources, request)),
        )

    @routes.post("/changes/{change_id}/wrong")
    def doubt(request: Request, change_id: str, form: Annotated[Mapping[str, str], Depends(read_form)]) -> Response:
        change, words = found(resources, change_id), form.get("said", "")
        if change is None:
            return no_such_link(resources, request)
        if not 0 < len(words) <= MOST_CHARACTERS:
            why = f"Say what is wrong with it, in at most {MOST_CHARACTERS} characters."
            ways = ((request.url.path, "Back to what is wrong"),)
            return said(resources, request, "That cannot be sent", why, ways=ways, status=422)
        heard = resources.reviews.add(change.id, words, resources.clock.now(), reader=_reader(resources, request))
        get_logger().info("review.asked_for", change_id=change.id, heard=heard)
        on = ((f"/changes/{change.id}", "Back to the change"), *WAYS_ON)
        return said(resources, request, *_ANSWERS[heard], ways=on)

    return routes


def _reader(resources: Resources, request: Request) -> str:
    """A name for who asks: their member's id, or else their network's address, which nobody can read from it."""
    who = asker(resources, request)
    address = client_of(request, resources.limits.trusted_proxies)
    return who.member_id or f"net_{resources.links.box.link_token('doubt', address)}"
