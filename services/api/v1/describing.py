"""What of our description (OpenAPI 3.1) holds for routes by their method, whoever writes them."""

from typing import Any

from fastapi import FastAPI

from services.api.v1.problems import MEDIA_TYPE

_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}}


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": "string"}, "example": example}


_LIMITED = {
    "description": "Too Many Requests",
    "headers": {
        "RateLimit-Policy": _header("The quota of a window in seconds", '"account";q=600;w=60'),
        "RateLimit": _header("What remains, and the seconds until the window ends", '"account";r=0;t=12'),
        "Retry-After": _header("Seconds until the window ends", "12"),
    },
    "content": _PROBLEM,
}


def describe_limits(app: FastAPI) -> None:
    """Every route may answer 429."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        described = generate()
        for methods in described["paths"].values():
            for operation in methods.values():
                operation["responses"].setdefault("429", _LIMITED)
        return described

    app.openapi = openapi  # type: ignore[method-assign]
