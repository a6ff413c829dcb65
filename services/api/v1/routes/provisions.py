"""`/provisions`: what documents say now, clause by clause, and what they said before."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer
from services.api.v1.filters import known
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, key_of, page_of, place_in
from services.api.v1.problems import documented, not_found
from services.differ.core.taxonomy import taxonomy
from shared.db.registry.provisions import ProvisionEntry, Told
from shared.domain.provisions import ProvisionKind


class Provision(BaseModel):
    """A provision of a document's newest version; `excerpt` is the beginning of its text."""

    provision_id: str
    document_id: str
    version_id: str
    ordinal: int = Field(description="Its place in the document, from 0")
    platform_slug: str
    platform_name: str
    document_type: str
    kind: ProvisionKind
    path: list[str] = Field(description="Headings and numbers, from the outermost in")
    heading: str | None
    excerpt: str
    words: int
    category: str | None = Field(description="The first of its categories; null where it has none")
    categories: list[str] = Field(description="Ids of the taxonomy")
    severity: str = Field(description="How grave such a clause is by itself: high, medium, low")
    confidence: float | None = Field(description="Of its category, 0 to 1")
    reasons: list[str] = Field(description="The rules that spoke for its severity")

    @classmethod
    def of(cls, entry: ProvisionEntry) -> Self:
        """As it is answered."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class ToldProvision(BaseModel):
    """What a provision said in one version."""

    version_id: str
    sequence: int
    first_seen_at: datetime
    last_seen_at: datetime
    ordinal: int = Field(description="Its place in that version, from 0")
    path: list[str] = Field(description="Headings and numbers, from the outermost in")
    text: str

    @classmethod
    def of(cls, told: Told) -> Self:
        """As it is answered."""
        said = told.provision
        return cls(
            version_id=told.version_id,
            sequence=told.sequence,
            first_seen_at=told.first_seen_at,
            last_seen_at=told.last_seen_at,
            ordinal=told.ordinal,
            path=list(said.path),
            text=said.text,
        )


def router(resources: Resources) -> APIRouter:
    """By category, one by its id, and its history; public."""
    routes = APIRouter(prefix="/provisions", tags=["provisions"])
    provisions = resources.registry.provisions

    @routes.get("", response_model=Page[Provision], summary="Provisions of a category, by platform and document")
    def listed(
        request: Request,
        category: Annotated[str, Query(max_length=100, description="An id of the taxonomy")],
        platform: Annotated[list[str] | None, Query(max_length=20, description="Slugs; none: every platform")] = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT,
    ) -> Response:
        known("category", [category], taxonomy())
        key = key_of(cursor, str, str, int)
        after = (str(key[0]), str(key[1]), int(key[2])) if key else None
        found = provisions.of_category(category, platforms=platform or (), after=after, limit=limit + 1)
        keys = [(entry.platform_slug, entry.document_id, entry.ordinal) for entry in found]
        return answer(request, page_of([Provision.of(entry) for entry in found], keys, limit))

    @routes.get(
        "/{provision_id}",
        response_model=Provision,
        responses=documented(404),
        summary="One provision as it stands; 404 where it is in no newest version, though it may have a history",
    )
    def one(request: Request, provision_id: str) -> Response:
        entry = provisions.one(provision_id)
        if entry is None:
            raise not_found("provision in force")
        return answer(request, Provision.of(entry))

    @routes.get(
        "/{provision_id}/history",
        response_model=Page[ToldProvision],
        responses=documented(404),
        summary="What it said in each version that has it, oldest first",
    )
    def history(request: Request, provision_id: str, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        of = f"{provision_id}/history"
        key = place_in(of, cursor, int, int)
        after = (int(key[0]), int(key[1])) if key else (-1, -1)
        found = provisions.history(provision_id, after=after, limit=limit + 1)
        if not found and not provisions.history(provision_id, limit=1):
            raise not_found("provision")
        keys = [(of, told.sequence, told.ordinal) for told in found]
        return answer(request, page_of([ToldProvision.of(told) for told in found], keys, limit))

    return routes
