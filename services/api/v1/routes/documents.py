"""`/documents`: what is watched, its versions, its captures and what it says now."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, key_of, page_of, place_in
from services.api.v1.problems import documented, not_found
from services.api.v1.routes.provisions import Provision
from services.api.v1.routes.snapshots import Snapshot
from services.api.v1.routes.versions import Version
from shared.db.registry.documents import DocumentEntry


class Document(BaseModel):
    """A document with its health. `changes` are those that watchers were told of and that were not retracted."""

    id: str = Field(examples=["doc_abc"])
    platform_slug: str
    platform_name: str
    type: str = Field(examples=["Terms of Service"])
    url: str
    state: str = Field(description="active, paused, or imported: taken from an archive and not looked at")
    version_id: str | None = Field(description="The newest confirmed version")
    versions: int
    words: int | None = Field(description="Of the newest version; null where there is none")
    language: str | None = Field(description="As BCP 47 writes it, where it is told", examples=["en"])
    last_checked_at: datetime | None
    last_changed_at: datetime | None
    next_check_at: datetime | None
    failures: int = Field(description="Checks in a row that failed, up to now")
    changes: int
    conditions: list[str] = Field(description="What is wrong with it now: unreachable, unreadable, unstable")

    @classmethod
    def of(cls, entry: DocumentEntry) -> Self:
        """As it is answered."""
        return cls.model_validate(entry, from_attributes=True)


def router(resources: Resources) -> APIRouter:
    """The list, one by its id, and what belongs to one; public."""
    routes = APIRouter(prefix="/documents", tags=["documents"])
    registry = resources.registry

    def existing(document_id: str) -> DocumentEntry:
        entry = registry.documents.one(document_id)
        if entry is None:
            raise not_found("document")
        return entry

    @routes.get("", response_model=Page[Document], summary="Documents, by platform and type")
    def listed(
        request: Request,
        platform: Annotated[str | None, Query(max_length=100, description="A platform's slug")] = None,
        type: Annotated[str | None, Query(max_length=100, description="`Terms of Service`, …")] = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT,
    ) -> Response:
        key = key_of(cursor, str, str, str)
        after = (str(key[0]), str(key[1]), str(key[2])) if key else None
        found = registry.documents.listed(platform=platform, kind=type, after=after, limit=limit + 1)
        keys = [(entry.platform_slug, entry.type, entry.id) for entry in found]
        return answer(request, page_of([Document.of(entry) for entry in found], keys, limit))

    @routes.get("/{document_id}", response_model=Document, responses=documented(404), summary="One document")
    def one(request: Request, document_id: str) -> Response:
        return answer(request, Document.of(existing(document_id)))

    @routes.get(
        "/{document_id}/versions",
        response_model=Page[Version],
        responses=documented(404),
        summary="Its versions, newest first",
    )
    def versions(request: Request, document_id: str, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        existing(document_id)
        of = f"{document_id}/versions"
        key = place_in(of, cursor, int)
        found = registry.versions.listed(document_id, before=int(key[0]) if key else None, limit=limit + 1)
        page = page_of([Version.of(entry) for entry in found], [(of, entry.sequence) for entry in found], limit)
        return answer(request, page)

    @routes.get(
        "/{document_id}/snapshots",
        response_model=Page[Snapshot],
        responses=documented(404),
        summary="Its captures, newest first",
    )
    def snapshots(request: Request, document_id: str, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        existing(document_id)
        of = f"{document_id}/snapshots"
        key = place_in(of, cursor, int)
        found = registry.versions.snapshots(document_id, before=int(key[0]) if key else None, limit=limit + 1)
        page = page_of([Snapshot.of(entry) for entry in found], [(of, entry.ordinal) for entry in found], limit)
        return answer(request, page)

    @routes.get(
        "/{document_id}/provisions",
        response_model=Page[Provision],
        responses=documented(404),
        summary="What it says now, in reading order",
    )
    def provisions(request: Request, document_id: str, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        existing(document_id)
        of = f"{document_id}/provisions"
        key = place_in(of, cursor, int)
        first = int(key[0]) + 1 if key else 0
        found = registry.provisions.of_document(document_id, places=(first, first + limit + 1))
        page = page_of([Provision.of(entry) for entry in found], [(of, entry.ordinal) for entry in found], limit)
        return answer(request, page)

    return routes
