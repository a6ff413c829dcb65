"""`/search`: provisions as they stand, and changes, by words."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, key_of, page_of
from services.api.v1.problems import Fault, Problem
from shared.db.registry.search import BEGIN, END, KINDS, Hit
from shared.domain.searching import LONGEST, parse_query

_DEEPEST = 1_000
"""Hits that can be paged through; what stands behind them is no answer to anything."""

Kind = Literal["provision", "change"]


class Piece(BaseModel):
    """A part of an excerpt."""

    text: str
    found: bool = Field(description="Whether it is what was looked for")


class Found(BaseModel):
    """A provision (of `subject`, a document, at `ordinal`) or a change (`subject` is its id)."""

    kind: Kind
    subject: str = Field(description="The id of the change, or of the document that has the provision")
    ordinal: int = Field(description="The provision's place in its document, from 0; of a change always 0")
    platform_slug: str
    platform_name: str
    title: str = Field(description="The change's headline, or where the provision stands")
    excerpt: list[Piece] = Field(description="Joined, the words around what was found")

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """As it is answered."""
        named = {name: getattr(hit, name) for name in cls.model_fields if name != "excerpt"}
        return cls(**named, excerpt=list(pieces(hit.excerpt)))


def pieces(excerpt: str) -> list[Piece]:
    """The excerpt in pieces, so that whoever shows it needs no markup of ours."""
    found: list[Piece] = []
    for number, part in enumerate(excerpt.split(BEGIN)):
        hit, _, rest = part.partition(END) if number else ("", "", part)
        found += [Piece(text=hit, found=True)] if hit else []
        found += [Piece(text=rest, found=False)] if rest else []
    return found


def router(resources: Resources) -> APIRouter:
    """One route; public."""
    routes = APIRouter(prefix="/search", tags=["search"])

    @routes.get("", response_model=Page[Found], summary="Provisions and changes, what fits best first")
    def search(
        request: Request,
        q: Annotated[
            str, Query(min_length=1, max_length=LONGEST, description='Words, "phrases", and -what to leave out')
        ],
        kind: Annotated[list[Kind] | None, Query(max_length=2, description="None: both")] = None,
        platform: Annotated[str | None, Query(max_length=100, description="A platform's slug")] = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT,
    ) -> Response:
        query = parse_query(q)
        if query.is_empty:
            said = "there is no word in it to look for"
            raise Problem("invalid", f"query.q: {said}", faults=[Fault(where="query.q", why=said)])
        key = key_of(cursor, int)
        offset = min(max(int(key[0]), 0), _DEEPEST) if key else 0
        kinds = kind or KINDS
        hits = resources.registry.search.hits(query, kinds=kinds, platform=platform, limit=limit + 1, offset=offset)
        if offset + limit >= _DEEPEST:
            hits = hits[:limit]
        return answer(request, page_of([Found.of(hit) for hit in hits], [(offset + limit,)] * len(hits), limit))

    return routes
