"""`/versions`: texts that a second look confirmed."""

from datetime import datetime
from typing import Any, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer, tagged
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, page_of, place_in
from services.api.v1.problems import documented, not_found
from shared.db.registry.versions import VersionEntry
from shared.domain.provisions import Provision, ProvisionKind


class Version(BaseModel):
    """A confirmed text, when it stood, and the captures that prove it."""

    id: str
    document_id: str
    sequence: int = Field(description="From 1, within the document")
    origin: str = Field(description="confirmed, re-extraction (only our reading changed) or imported")
    text_sha256: str
    title: str | None
    language: str | None
    dates: list[dict[str, Any]] = Field(description="What the text states about itself")
    words: int
    snapshot_id: str = Field(description="The capture in which it was first seen")
    confirmed_by: str = Field(description="The capture that confirmed it")
    first_seen_at: datetime
    last_seen_at: datetime

    @classmethod
    def of(cls, entry: VersionEntry) -> Self:
        """As it is answered."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class Clause(BaseModel):
    """A provision as a version has it."""

    provision_id: str = Field(description="Stays the same across versions")
    ordinal: int = Field(description="Its place in the version, from 0")
    kind: ProvisionKind
    path: list[str] = Field(description="Headings and numbers, from the outermost in")
    heading: str | None
    number: str | None
    text: str

    @classmethod
    def of(cls, ordinal: int, said: Provision) -> Self:
        """As it is answered."""
        return cls(
            provision_id=said.id,
            ordinal=ordinal,
            kind=said.kind,
            path=list(said.path),
            heading=said.heading,
            number=said.number,
            text=said.text,
        )


def router(resources: Resources) -> APIRouter:
    """One by its id, and its text; public."""
    routes = APIRouter(prefix="/versions", tags=["versions"])
    versions = resources.registry.versions

    def existing(version_id: str) -> VersionEntry:
        entry = versions.one(version_id)
        if entry is None:
            raise not_found("version")
        return entry

    @routes.get("/{version_id}", response_model=Version, responses=documented(404), summary="One version")
    def one(request: Request, version_id: str) -> Response:
        return answer(request, Version.of(existing(version_id)))

    @routes.get(
        "/{version_id}/provisions",
        response_model=Page[Clause],
        responses=documented(404),
        summary="What it says, by provision, in reading order",
    )
    def provisions(request: Request, version_id: str, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        existing(version_id)
        of = f"{version_id}/provisions"
        key = place_in(of, cursor, int)
        found = versions.clauses(version_id, after=int(key[0]) if key else -1, limit=limit + 1)
        keys = [(of, ordinal) for ordinal, _ in found]
        return answer(request, page_of([Clause.of(*one) for one in found], keys, limit))

    @routes.get(
        "/{version_id}/text",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(404)},
        summary="What it says, as plain text",
    )
    def text(request: Request, version_id: str) -> Response:
        existing(version_id)
        said = "\n\n".join(
            f"{one.number} {one.text}" if one.number else one.text for one in versions.provisions(version_id)
        )
        return tagged(request, said.encode(), "text/plain; charset=utf-8")

    return routes
