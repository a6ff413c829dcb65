"""`/ledger` and `/.well-known/clausewatch-ledger`: what others keep, to check bundles by and to catch us out."""

from fastapi import APIRouter, Request, Response

from services.api.frame import framed
from services.api.resources import Resources
from services.api.v1.answers import tagged
from shared.db.ledger.reading import PublishedHead
from shared.evidence.ledger import canonical_json

PATH = "/.well-known/clausewatch-ledger"
_HEADS = 50


def router(resources: Resources) -> APIRouter:
    """The newest head with its keys as JSON, and a page of heads; public."""
    routes = APIRouter()
    ledger = resources.registry.ledger

    @routes.get(PATH)
    def newest(request: Request) -> Response:
        found, keys = ledger.newest(), ledger.public_keys()
        published = {
            "format": "clausewatch-ledger/1",
            "head": found.head.to_json() if found else None,
            "public_key": found.public_key if found else None,
            "public_keys": keys,
        }
        return tagged(request, canonical_json(published), "application/json")

    @routes.get("/ledger")
    def heads(request: Request) -> Response:
        before = _seq(request.query_params.get("before", ""))
        found = ledger.heads(before=before, limit=_HEADS + 1)
        return framed(
            resources,
            request,
            "ledger",
            title="The ledger",
            newest=ledger.newest(),
            keys=ledger.public_keys(),
            heads=[one.head for one in found[:_HEADS]],
            older=_older(found),
            path=PATH,
        )

    return routes


def _seq(text: str) -> int | None:
    """A number of an entry; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _older(found: list[PublishedHead]) -> int | None:
    """Where the next page begins, where there is one."""
    return found[_HEADS - 1].head.seq if len(found) > _HEADS else None
