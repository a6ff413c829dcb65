"""`/snapshots`: captures, with the bytes that came."""

from datetime import datetime
from typing import Any, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer, tagged
from services.api.v1.problems import Problem, documented, not_found
from shared.archive import ArchiveMissing
from shared.db.registry.versions import SnapshotEntry


class Part(BaseModel):
    """One URL of a capture: request, answer, and the hash of the content-decoded body."""

    ordinal: int
    url: str
    final_url: str
    status: int
    redirects: list[dict[str, Any]]
    request_headers: list[list[str]]
    headers: list[list[str]]
    media_type: str | None
    charset: str | None
    sha256: str
    size: int = Field(description="Bytes")
    started_at: datetime
    finished_at: datetime
    reused: bool = Field(description="The server said that it had not changed (304); the body is an earlier one")


class Snapshot(BaseModel):
    """One capture of a document."""

    id: str
    document_id: str
    ordinal: int = Field(description="From 1, within the document")
    captured_at: datetime
    confirming: bool = Field(description="Whether it was the second look at a new text")
    sha256: str
    fetcher_version: str
    bytes_kept: bool
    usable: bool | None = Field(
        description="Whether it was judged to show the document, else it is quarantined; null while it is not judged"
    )
    parts: list[Part]

    @classmethod
    def of(cls, entry: SnapshotEntry) -> Self:
        """As it is answered."""
        return cls.model_validate(entry, from_attributes=True)


def router(resources: Resources) -> APIRouter:
    """One by its id, and its bytes. What is quarantined may show anything, so only the operator gets its bytes."""
    routes = APIRouter(prefix="/snapshots", tags=["snapshots"])

    def existing(snapshot_id: str) -> SnapshotEntry:
        entry = resources.registry.versions.snapshot(snapshot_id)
        if entry is None:
            raise not_found("snapshot")
        return entry

    @routes.get("/{snapshot_id}", response_model=Snapshot, responses=documented(404), summary="One capture")
    def one(request: Request, snapshot_id: str) -> Response:
        return answer(request, Snapshot.of(existing(snapshot_id)))

    @routes.get(
        "/{snapshot_id}/parts/{ordinal}/raw",
        response_class=Response,
        responses={
            200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
            **documented(401, 403, 404, 410),
        },
        summary="The bytes of one part, as they came",
    )
    def raw(request: Request, snapshot_id: str, ordinal: int) -> Response:
        snapshot = existing(snapshot_id)
        part = next((part for part in snapshot.parts if part.ordinal == ordinal), None)
        if part is None:
            raise not_found("part of this snapshot")
        if not snapshot.usable and not resources.identity.identify(request).is_operator:
            raise Problem("quarantined", "this capture was judged not to show the document: an operator may see it")
        try:
            body = resources.archive.get(part.sha256) if snapshot.bytes_kept else None
        except ArchiveMissing:
            body = None
        if body is None:
            raise Problem("not-kept", "the bytes of this capture are no longer kept; its hashes and headers are")
        answered = tagged(request, body, "application/octet-stream", snapshot.usable is True)
        answered.headers["Content-Disposition"] = f'attachment; filename="{snapshot.id}-{ordinal}.bin"'
        return answered

    return routes
