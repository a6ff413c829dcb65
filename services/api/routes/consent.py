"""Who is told agrees to it (double opt-in) and ends it in one click (RFC 8058). A GET changes nothing: scanners follow
the links in mails."""

from fastapi import APIRouter, Response

from services.api.resources import Resources
from shared.links import UNSUBSCRIBE
from shared.logging import get_logger


def unsubscribing(resources: Resources) -> APIRouter:
    """`/u/{endpoint}/{token}`: GET asks, POST unsubscribes, whatever its body says; again is no error."""
    routes, pages = APIRouter(), resources.pages

    def is_ours(endpoint_id: str, token: str) -> bool:
        return resources.links.box.proves(token, UNSUBSCRIBE, endpoint_id)

    @routes.get("/u/{endpoint_id}/{token}")
    def ask(endpoint_id: str, token: str) -> Response:
        endpoint = resources.receivers.endpoint(endpoint_id) if is_ours(endpoint_id, token) else None
        if endpoint is None:
            return pages.no_such_link()
        words = (f"{endpoint.address} will be told nothing more.",)
        return pages.page("ask", title="Unsubscribe?", words=words, button="Unsubscribe")

    @routes.post("/u/{endpoint_id}/{token}")
    def unsubscribe(endpoint_id: str, token: str) -> Response:
        if not is_ours(endpoint_id, token) or not resources.receivers.unsubscribe(endpoint_id):
            return pages.no_such_link()
        get_logger().info("endpoint.unsubscribed", endpoint_id=endpoint_id)
        return pages.say("Unsubscribed", "No more will be sent to this address.")

    return routes


def confirming(resources: Resources) -> APIRouter:
    """`/confirm/{endpoint}/{expires}/{token}`: GET asks, POST confirms; again is no error while the link holds."""
    routes, pages = APIRouter(), resources.pages

    def is_ours(endpoint_id: str, expires: str, token: str) -> bool:
        return resources.links.may_confirm(endpoint_id, expires, token, resources.clock.now())

    @routes.get("/confirm/{endpoint_id}/{expires}/{token}")
    def ask(endpoint_id: str, expires: str, token: str) -> Response:
        endpoint = resources.receivers.endpoint(endpoint_id) if is_ours(endpoint_id, expires, token) else None
        if endpoint is None:
            return pages.no_such_link()
        words = (f"{endpoint.address} will be told of changes in the terms that its owner watches.",)
        return pages.page("ask", title="Receive alerts here?", words=words, button="Confirm")

    @routes.post("/confirm/{endpoint_id}/{expires}/{token}")
    def confirm(endpoint_id: str, expires: str, token: str) -> Response:
        if not is_ours(endpoint_id, expires, token):
            return pages.no_such_link()
        if not resources.receivers.confirm(endpoint_id, resources.clock.now()):
            return pages.no_such_link()
        get_logger().info("endpoint.confirmed", endpoint_id=endpoint_id)
        return pages.say("Confirmed", "Alerts will be sent to this address.")

    return routes
