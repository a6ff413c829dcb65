"""Answers that may be kept: an entity tag on each, and 304 where the asker has it already (RFC 9110, 8.8.3, 13.1.2)."""

import hashlib

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.api.packing import Packed

LOCATION = "Location"


def answer(request: Request, value: BaseModel, *, is_public: bool = True, max_age_s: int = 0) -> Response:
    """The value as JSON with its entity tag. What is an account's own is kept by nobody between us and the asker."""
    return tagged(request, value.model_dump_json().encode(), "application/json", is_public, max_age_s)


def located(request: Request, response: Response, made: str) -> None:
    """Say where what was made can be read: below the address that it was posted to (RFC 9110, 15.3.2)."""
    response.headers[LOCATION] = f"{request.url.path}/{made}"


def tagged(
    request: Request, body: bytes | Packed, media_type: str, is_public: bool = True, max_age_s: int = 0
) -> Response:
    """The body, or 304 where `If-None-Match` names it."""
    body, headers = body.chosen(request) if isinstance(body, Packed) else (body, {})
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    scope = "public" if is_public else "private"
    headers |= {"ETag": tag, "Cache-Control": f"{scope}, max-age={max_age_s}, must-revalidate"}
    if _names(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _names(given: str, tag: str) -> bool:
    return given.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in given.split(","))
