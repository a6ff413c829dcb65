"""Pages for who is signed in: whose browser asks, and whether a page of ours made it ask."""

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import HTTPException
from starlette.requests import Request
from starlette.routing import Match

from services.api.forms import read_form
from services.api.frame import asker
from services.api.principals import Principal, Role
from services.api.resources import Resources

CSRF_FIELD = "csrf"


def member_of(
    resources: Resources, request: Request, role: Role = Role.READ_ONLY, *, is_operator: bool = False
) -> Principal:
    """Who is signed in, with that role or a greater one, or as an operator.

    HTTPException: 303 to the sign-in page for anybody else's browser, 403 for a member who may not do that.
    """
    who = asker(resources, request)
    if not who.by_session:
        raise HTTPException(303, headers={"Location": f"/sign-in?next={quote(_place(request), safe='')}"})
    if is_operator and not who.is_operator:
        raise HTTPException(403, "Only who runs this installation may do that.")
    if not is_operator and not who.may(role):
        raise HTTPException(403, f"That takes the role {role.value}, or a greater one; ask an owner of your account.")
    return who


async def posted(resources: Resources, request: Request) -> Mapping[str, str]:
    """The fields of a form that a page of ours showed to this browser; HTTPException 403 for any other."""
    fields = dict(await read_form(request))
    if not resources.identity.proves_csrf(request, fields.pop(CSRF_FIELD, "")):
        raise HTTPException(403, "This form was not ours, or is from before you signed in. Go back, reload, try again.")
    return fields


def is_local(place: str) -> bool:
    """Whether that is a path of ours: no other host can be meant by it, however a browser reads it (WHATWG URL).

    It has to be ASCII, as all that is percent-encoded is: no header or cookie takes more.
    """
    is_plain = place.isascii() and place.isprintable() and "\\" not in place
    return is_plain and place.startswith("/") and not place.startswith("//")


def _place(request: Request) -> str:
    """Where to go on after signing in: what was asked for, or the page whose form was sent."""
    path = request.url.path
    if request.method == "GET":
        return f"{path}?{request.url.query}" if request.url.query else path
    while path.strip("/"):
        if _is_page(request, path):
            return path
        path = path.rpartition("/")[0]
    return "/account"


def _is_page(request: Request, path: str) -> bool:
    asked = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
