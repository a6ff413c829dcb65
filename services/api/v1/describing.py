"""What of our description (OpenAPI 3.1) holds for routes by their method, whoever writes them."""

import json
from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response

from services.api.packing import Packed
from services.api.v1.answers import LOCATION, tagged
from services.api.v1.idempotency import HEADER, PATTERN, REPLAYED
from services.api.v1.naming import IN_PATHS, TAGS, operation_id
from services.api.v1.problems import MEDIA_TYPE
from services.api.v1.webhooks import describe_exchange

_MAX_AGE_S = 300

_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}}


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": "string"}, "example": example}


_STANDING = {
    "RateLimit-Policy": _header("The quota of a window in seconds", '"account";q=600;w=60'),
    "RateLimit": _header("What remains, and the seconds until the window ends", '"account";r=598;t=12'),
}
_TAG = {"ETag": _header("Names what was answered; send it as `If-None-Match`", '"9f2c1b0a7d5e4836a1c2e3f405162738"')}
_HAS_IT = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An `ETag` of before: where it still names what there is, the answer is 304, without a body",
    "schema": {"type": "string"},
}
_UNCHANGED = {"description": "Not Modified: `If-None-Match` names what there is", "headers": {**_STANDING, **_TAG}}
_UNTAGGED = "application/zip"
"""Bundles are made anew each time."""

_LIMITED = {
    "description": "Too Many Requests",
    "headers": {**_STANDING, "Retry-After": _header("Seconds until the window ends", "12")},
    "content": _PROBLEM,
}


_BAD_KEY = {"description": "Unauthorized: the key is not, or no longer, good", "content": _PROBLEM}
_TOO_LARGE = {"description": "Content Too Large", "content": _PROBLEM}
_NO_JSON = {
    "description": "Unsupported Media Type: the body is not sent as JSON",
    "headers": {"Accept": _header("What is read", "application/json")},
    "content": _PROBLEM,
}
_BY_KEY = {"type": "http", "scheme": "bearer", "description": "An API key of an account: `Authorization: Bearer cw_…`"}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "With this key and the same request again within 24 hours the first answer comes back",
    "schema": {"type": "string", "pattern": PATTERN, "maxLength": 255},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
_CONFLICT = {
    "description": "The request with this key is still under way, or ended without an answer",
    "content": _PROBLEM,
}
_PLACE = {LOCATION: _header("Where what was made can be read", "/api/v1/endpoints/end_7m2k")}
_WAS_REPLAYED = {"description": "`true` where the answer is an earlier one", "schema": {"type": "string"}}


def describe_methods(app: FastAPI) -> None:
    """What a route says of itself, and what holds for all: who may ask, and what any may answer."""
    generate = app.openapi

    @cache
    def openapi() -> dict[str, Any]:
        described = generate()
        described["components"]["securitySchemes"] = {"key": _BY_KEY}
        described["tags"] = [{"name": name, "description": said} for name, said in TAGS.items()]
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                operation["operationId"] = operation_id(method, path)
                _describe_path(operation)
                _describe_asker(operation)
                _describe_refusals(operation)
                _describe_standing(operation)
            if read := methods.get("get"):
                _describe_tag(read)
            if posted := methods.get("post"):
                _describe_key(posted)
                if any("get" in one for place, one in described["paths"].items() if _is_below(place, path)):
                    _describe_place(posted)
            for operation in methods.values():
                operation["responses"] = dict(sorted(operation["responses"].items()))
        for methods in described["webhooks"].values():
            describe_exchange(methods["post"])
        for unsaid in ("HTTPValidationError", "ValidationError"):
            described["components"]["schemas"].pop(unsaid, None)
        return described

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_place(operation: dict[str, Any]) -> None:
    if made := operation["responses"].get("201"):
        made["headers"].update(_PLACE)


def _is_below(place: str, path: str) -> bool:
    """Whether that is the path of one of the things which stand at the other path."""
    return place.startswith(f"{path}/{{") and place.count("/") == path.count("/") + 1


def _describe_path(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["description"] = IN_PATHS[parameter["name"]]


def _describe_standing(operation: dict[str, Any]) -> None:
    for answer in _successes(operation):
        answer.setdefault("headers", {}).update(_STANDING)


def _describe_tag(operation: dict[str, Any]) -> None:
    for answer in _successes(operation):
        if _UNTAGGED not in answer["content"]:
            answer["headers"].update(_TAG)
            operation.setdefault("parameters", []).append(_HAS_IT)
            operation["responses"]["304"] = _UNCHANGED


def _successes(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [answer for status, answer in operation["responses"].items() if status.startswith("2")]


def _describe_asker(operation: dict[str, Any]) -> None:
    """What is public may be asked with a key too, which then counts for its account."""
    is_owned = "401" in operation["responses"]
    operation["security"] = [{"key": []}] if is_owned else [{}, {"key": []}]


def _describe_refusals(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.setdefault("401", _BAD_KEY)
    answers.setdefault("429", _LIMITED)
    if "requestBody" in operation:
        answers.setdefault("413", _TOO_LARGE)
        answers.setdefault("415", _NO_JSON)
    for answer in answers.values():
        if MEDIA_TYPE in answer.get("content", {}):  # the framework writes each model down as plain JSON too
            answer["content"] = _PROBLEM


def describe_self(app: FastAPI) -> None:
    """`GET /openapi.json`: the description, written and compressed once."""

    @cache
    def written() -> Packed:
        return Packed.of(json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")).encode())

    @app.get("/openapi.json", include_in_schema=False)
    def description(request: Request) -> Response:
        return tagged(request, written(), "application/json", max_age_s=_MAX_AGE_S)


def _describe_key(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(_KEY)
    operation["responses"].setdefault("409", _CONFLICT)
    for answer in _successes(operation):
        answer["headers"][REPLAYED] = _WAS_REPLAYED
