"""The ledger's entries over REST: whoever has them gets from a bundle to any head that was published, offline."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.api.resources import Resources
from services.api.v1.answers import tagged
from shared.evidence.ledger import canonical_json

MEDIA_TYPE = "application/x-ndjson"
_MOST = 1_000
_HIGHEST = 2**53 - 1
_DAY_S = 86_400
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": f"An entry a line, as docs/evidence.md describes them; {_MOST} at most",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        "headers": {"Link": {"description": "The rest, as rel=next, where there is one", "schema": {"type": "string"}}},
    }
}


def router(resources: Resources) -> APIRouter:
    """The entries that a signed head vouches for; public."""
    routes = APIRouter(tags=["evidence"])
    ledger = resources.registry.ledger

    @routes.get(
        "/ledger/entries",
        response_class=Response,
        responses=_ANSWERS,
        summary="Entries of the ledger, from one number to another",
    )
    def entries(
        request: Request,
        first: Annotated[int, Query(alias="from", ge=1, le=_HIGHEST, description="The number of the first entry")] = 1,
        last: Annotated[int, Query(alias="to", ge=1, le=_HIGHEST, description="The number of the last one")] = _HIGHEST,
    ) -> Response:
        page = ledger.entries(first, min(last, first + _MOST - 1))
        body = b"".join(canonical_json(entry.to_json()) + b"\n" for entry in page)
        is_whole = bool(page) and page[-1].seq == min(last, first + _MOST - 1)  # what is entered never becomes another
        answer = tagged(request, body, MEDIA_TYPE, max_age_s=_DAY_S if is_whole else 0)
        if len(page) == _MOST and page[-1].seq < last:
            rest = f"/api/v1/ledger/entries?from={page[-1].seq + 1}" + (f"&to={last}" if last < _HIGHEST else "")
            answer.headers["Link"] = f'<{rest}>; rel="next"'
        return answer

    return routes
