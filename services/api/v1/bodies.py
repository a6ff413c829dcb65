"""What a route reads, and what it is sent instead."""

from starlette.requests import Request

from services.api.v1.problems import Problem


async def only_json(request: Request) -> None:
    """Problem 415 where a route that reads JSON is sent something else."""
    takes_json = getattr(request.scope.get("route"), "body_field", None) is not None
    if takes_json and not _is_json(request.headers.get("content-type", "")) and await request.body():
        said = "the body should be JSON: send it with `Content-Type: application/json`"
        raise Problem("unsupported-media-type", said, headers={"Accept": "application/json"})


def _is_json(content_type: str) -> bool:
    """Whether a media type is JSON, or one built on it (RFC 6839, 3.1)."""
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))
