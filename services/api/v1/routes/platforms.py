"""`/platforms`: whose documents are watched."""

from datetime import datetime
from typing import Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, key_of, page_of
from services.api.v1.problems import documented, not_found
from shared.db.registry.platforms import PlatformEntry


class Platform(BaseModel):
    """A platform with its counters; `changes` are those that watchers were told of and that were not retracted."""

    slug: str = Field(examples=["lumenforge"])
    name: str = Field(examples=["Lumenforge"])
    documents: int
    changes: int
    high: int
    medium: int
    low: int
    last_change_at: datetime | None

    @classmethod
    def of(cls, entry: PlatformEntry) -> Self:
        """As it is answered."""
        return cls.model_validate(entry, from_attributes=True)


def router(resources: Resources) -> APIRouter:
    """The list, and one by its slug; public."""
    routes = APIRouter(prefix="/platforms", tags=["platforms"])

    @routes.get("", response_model=Page[Platform], summary="Platforms, by slug")
    def listed(request: Request, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        key = key_of(cursor, str)
        found = resources.platforms.listed(after=str(key[0]) if key else None, limit=limit + 1)
        page = page_of([Platform.of(entry) for entry in found], [(entry.slug,) for entry in found], limit)
        return answer(request, page)

    @routes.get("/{slug}", response_model=Platform, responses=documented(404), summary="One platform")
    def one(request: Request, slug: str) -> Response:
        entry = resources.platforms.one(slug)
        if entry is None:
            raise not_found("platform")
        return answer(request, Platform.of(entry))

    return routes
