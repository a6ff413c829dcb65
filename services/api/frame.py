"""Pages within the frame that all of them share: where one is, and who asks."""

from collections.abc import Sequence
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


WAYS_ON = (("/changes", "The newest changes"), ("/platforms", "All platforms"), ("/search", "Search"))
"""Path and words of where to go from a page that only says something."""


def said(
    resources: Resources,
    request: Request,
    title: str,
    *words: str,
    ways: Sequence[tuple[str, str]] = WAYS_ON,
    status: int = 200,
) -> HTMLResponse:
    """A page that only says something, a paragraph for each of the words, and leads on by these ways."""
    return framed(resources, request, "said", title=title, words=words, ways=ways, status=status)


def no_such_link(
    resources: Resources,
    request: Request,
    why: str = "It is not complete, has run out, or was never made here.",
    ways: Sequence[tuple[str, str]] = WAYS_ON,
) -> HTMLResponse:
    """The one answer to a wrong token, another's id and an unknown one, so that none can be told from another."""
    return said(resources, request, "This link does not hold", why, ways=ways, status=404)


def nothing_here(resources: Resources, request: Request, what: str) -> HTMLResponse:
    """The page for what is not there."""
    return framed(resources, request, "nothing", title=f"There is no such {what}", status=404, what=what)
