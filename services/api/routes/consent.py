"""Who is told agrees to it (double opt-in) and ends it in one click (RFC 8058). A GET changes nothing: scanners follow
the links in mails."""

from fastapi import APIRouter, Request, Response

from services.api.frame import framed, no_such_link, said
from services.api.resources import Resources
from shared.links import UNSUBSCRIBE
from shared.logging import get_logger


def unsubscribing(resources: Resources) -> APIRouter:
    """`/u/{endpoint}/{token}`: GET asks, POST unsubscribes, whatever its body says; again is no error."""
    routes = APIRouter()

    def is_ours(endpoint_id: str, token: str) -> bool:
        return resources.links.box.proves(token, UNSUBSCRIBE, endpoint_id)

    @routes.get("/u/{endpoint_id}/{token}")
    def ask(request: Request, endpoint_id: str, token: str) -> Response:
        endpoint = resources.receivers.endpoint(endpoint_id) if is_ours(endpoint_id, token) else None
        if endpoint is None:
            return no_such_link(resources, request)
        words = (f"{endpoint.address} will be told nothing more.",)
        return framed(resources, request, "ask", title="Unsubscribe?", words=words, button="Unsubscribe")

    @routes.post("/u/{endpoint_id}/{token}")
    def unsubscribe(request: Request, endpoint_id: str, token: str) -> Response:
        if not is_ours(endpoint_id, token) or not resources.receivers.unsubscribe(endpoint_id):
            return no_such_link(resources, request)
        get_logger().info("endpoint.unsubscribed", endpoint_id=endpoint_id)
        return said(resources, request, "Unsubscribed", "No more will be sent to this address.")

    return routes


def confirming(resources: Resources) -> APIRouter:
    """`/confirm/{endpoint}/{expires}/{token}`: GET asks, POST confirms; again is no error while the link holds."""
    routes = APIRouter()

    def is_ours(endpoint_id: str, expires: str, token: str) -> bool:
        return resources.links.may_confirm(endpoint_id, expires, token, resources.clock.now())

    @routes.get("/confirm/{endpoint_id}/{expires}/{token}")
    def ask(request: Request, endpoint_id: str, expires: str, token: str) -> Response:
        endpoint = resources.receivers.endpoint(endpoint_id) if is_ours(endpoint_id, expires, token) else None
        if endpoint is None:
            return no_such_link(resources, request)
        words = (f"{endpoint.address} will be told of changes in the terms that its owner watches.",)
        return framed(resources, request, "ask", title="Receive alerts here?", words=words, button="Confirm")

    @routes.post("/confirm/{endpoint_id}/{expires}/{token}")
    def confirm(request: Request, endpoint_id: str, expires: str, token: str) -> Response:
        if not is_ours(endpoint_id, expires, token):
            return no_such_link(resources, request)
        if not resources.receivers.confirm(endpoint_id, resources.clock.now()):
            return no_such_link(resources, request)
        get_logger().info("endpoint.confirmed", endpoint_id=endpoint_id)
        return said(resources, request, "Confirmed", "Alerts will be sent to this address.")

    return routes
