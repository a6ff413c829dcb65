"""`/changes`: what changed, newest first, and each with its report, its redline and how to cite it."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer, tagged
from services.api.v1.filters import change_filter
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, moment_of, page_of
from services.api.v1.problems import documented, not_found
from services.differ.core.render.citation import citation
from services.differ.core.render.html import to_html
from shared.db.registry.changes import ChangeEntry, ChangeFilter
from shared.domain.report import Direction, Outcome, Report, Severity, Status


class Change(BaseModel):
    """A change in a list; `/changes/{id}/report` says all of it."""

    id: str
    platform_slug: str
    platform_name: str
    document_id: str
    document_type: str
    document_url: str
    sequence: int = Field(description="From 1, within the document: what has the higher one came later")
    outcome: Outcome
    alert: bool = Field(description="Whether watchers were told")
    severity: Severity = Field(description="How grave it is")
    direction: Direction = Field(description="For those bound")
    status: Status = Field(description="Whether it stands as it was told")
    headline: str
    old_version_id: str
    version_id: str
    detected_at: datetime

    @classmethod
    def of(cls, entry: ChangeEntry) -> Self:
        """As it is answered."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class Citation(BaseModel):
    """How to refer to a change so that another can check it."""

    text: str
    record: str = Field(description="The page of the record")


def router(resources: Resources) -> APIRouter:
    """The list, and one by its id; public."""
    routes = APIRouter(prefix="/changes", tags=["changes"])

    def report_of(change_id: str) -> Report:
        change = resources.changes.record(change_id)
        if change is None:
            raise not_found("change")
        return Report.from_json({**change.report, "status": change.status})

    @routes.get("", response_model=Page[Change], summary="Changes, newest first")
    def listed(
        request: Request,
        wanted: Annotated[ChangeFilter, Depends(change_filter)],
        cursor: Cursor = None,
        limit: Limit = DEFAULT,
    ) -> Response:
        found = resources.registry.changes.listed(wanted, after=moment_of(cursor), limit=limit + 1)
        keys = [(entry.detected_at.isoformat(), entry.id) for entry in found]
        return answer(request, page_of([Change.of(entry) for entry in found], keys, limit))

    @routes.get("/{change_id}", response_model=Change, responses=documented(404), summary="One change in a line")
    def one(request: Request, change_id: str) -> Response:
        entry = resources.registry.changes.by_ids([change_id]).get(change_id)
        if entry is None:
            raise not_found("change")
        return answer(request, Change.of(entry))

    @routes.get("/{change_id}/report", response_model=Report, responses=documented(404), summary="All that changed")
    def report(request: Request, change_id: str) -> Response:
        body = report_of(change_id).model_dump_json(by_alias=True).encode()
        return tagged(request, body, "application/json")

    @routes.get(
        "/{change_id}/redline",
        response_class=Response,
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}, **documented(404)},
        summary="The report as one page that can be kept and printed",
    )
    def redline(request: Request, change_id: str) -> Response:
        return tagged(request, to_html(report_of(change_id)).encode(), "text/html; charset=utf-8")

    @routes.get("/{change_id}/citation", response_model=Citation, responses=documented(404), summary="How to cite it")
    def cited(request: Request, change_id: str) -> Response:
        report = report_of(change_id)
        record = f"{resources.links.base}/changes/{change_id}"
        return answer(request, Citation(text=citation(report, record), record=record))

    return routes
