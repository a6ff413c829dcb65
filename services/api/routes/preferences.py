"""What an endpoint is told, and how its reader changes that."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import read_form
from services.api.frame import framed, no_such_link, said
from services.api.resources import Resources
from shared.db.notifier.preferences import BY_READER, Wish
from shared.domain.subscriptions import SEVERITIES
from shared.links import PREFERENCES


def router(resources: Resources) -> APIRouter:
    """`/p/{endpoint}/{token}`: GET shows the endpoint's subscriptions, POST changes one of them and shows them anew."""
    routes = APIRouter()

    def shown(request: Request, endpoint_id: str, token: str) -> Response:
        is_ours = resources.links.box.proves(token, PREFERENCES, endpoint_id)
        endpoint = resources.receivers.endpoint(endpoint_id) if is_ours else None
        if endpoint is None:
            return no_such_link(resources, request)
        return framed(
            resources,
            request,
            "preferences",
            title="What you are told",
            endpoint=endpoint,
            subscriptions=resources.preferences.subscriptions(endpoint_id),
            severities=SEVERITIES,
            resumable=BY_READER,
            unsubscribe=resources.links.unsubscribe(endpoint_id),
        )

    @routes.get("/p/{endpoint_id}/{token}")
    def show(request: Request, endpoint_id: str, token: str) -> Response:
        return shown(request, endpoint_id, token)

    @routes.post("/p/{endpoint_id}/{token}")
    def change(
        request: Request, endpoint_id: str, token: str, form: Annotated[Mapping[str, str], Depends(read_form)]
    ) -> Response:
        if not resources.links.box.proves(token, PREFERENCES, endpoint_id):
            return no_such_link(resources, request)
        wish, severity = form.get("wish", ""), form.get("severity", "low")
        if wish not in set(Wish) or severity not in SEVERITIES:
            ways = ((request.url.path, "Back"),)
            return said(
                resources,
                request,
                "That cannot be done",
                "Choose one of the buttons of the page.",
                ways=ways,
                status=422,
            )
        if not resources.preferences.change(endpoint_id, form.get("subscription", ""), Wish(wish), severity):
            return no_such_link(resources, request)
        return shown(request, endpoint_id, token)

    return routes
