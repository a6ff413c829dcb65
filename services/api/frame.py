"""Pages within the frame that all of them share: where one is, and who asks."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.api.principals import ANYBODY, BadCredentials, Principal
from services.api.resources import Resources


def asker(resources: Resources, request: Request) -> Principal:
    """Who asks for a page. A key that is no good is no reason to withhold what is public."""
    try:
        return resources.identity.identify(request)
    except BadCredentials:
        return ANYBODY


def framed(
    resources: Resources, request: Request, name: str, *, title: str, here: str = "", status: int = 200, **values: Any
) -> HTMLResponse:
    """The template within the frame; `here` is the path of the entry of the main navigation that it belongs to."""
    who, csrf = asker(resources, request), resources.identity.csrf_token(request)
    return resources.pages.page(name, status=status, title=title, here=here, who=who, csrf=csrf, **values)


def nothing_here(resources: Resources, request: Request, what: str) -> HTMLResponse:
    """The page for what is not there."""
    return framed(resources, request, "nothing", title=f"There is no such {what}", status=404, what=what)
