"""The NUL character: no text of ours holds one and no value of PostgreSQL can, so nothing is ever found by it."""

from urllib.parse import unquote_to_bytes

from fastapi import HTTPException, Request

from services.api.v1.problems import Problem

_IN_JSON = b"\\u0000"


def in_address(request: Request) -> bool:
    """Whether the path or the query holds one."""
    return "\0" in request.scope["path"] or b"\0" in unquote_to_bytes(request.scope["query_string"])


async def refused_by_pages(request: Request) -> None:  # async: what is not goes by way of another thread
    """404 for an address with one: there is no such page. Forms drop control characters (`forms.read_form`)."""
    if in_address(request):
        raise HTTPException(404)


async def refused_by_rest(request: Request) -> None:
    """Problem 422 for an address or a body with one. A body that only spells out the escape is refused with it."""
    if in_address(request) or _IN_JSON in await request.body():
        raise Problem("invalid", "the NUL character (%00, \\u0000) may stand nowhere in a request: leave it out")
