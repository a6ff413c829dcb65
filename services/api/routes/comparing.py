"""`/documents/{id}/compare`: any two versions of a document, compared while one waits."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from services.api.comparisons import Busy
from services.api.frame import framed, nothing_here
from services.api.reporting import sheet
from services.api.resources import Resources
from services.api.routes.changes import sheet_links
from services.differ.core.comparison import TooDifferent
from services.differ.core.render.wording import counted, omitted, verdict
from shared.db.registry.changes import ChangeEntry
from shared.db.registry.documents import DocumentEntry
from shared.db.registry.versions import VersionEntry
from shared.domain.report import Report

_CHOICES = 120
"""Versions to choose from."""


def router(resources: Resources) -> APIRouter:
    """One page; public. What a change record holds is shown from it, anything else is computed."""
    routes = APIRouter()
    registry = resources.registry

    @routes.get("/documents/{document_id}/compare")
    def compare(request: Request, document_id: str) -> Response:
        document = registry.documents.one(document_id)
        if document is None:
            return nothing_here(resources, request, "document")
        listed = registry.versions.listed(document_id, limit=_CHOICES)
        chosen = _chosen(resources, document_id, listed, request)
        choices = sorted({one.id: one for one in (*listed, *(chosen or ()))}.values(), key=lambda one: -one.sequence)
        if chosen is None:
            fault = "" if len(listed) < 2 and not request.url.query else "Choose two versions of this document."
            return _page(resources, request, document, choices, None, None, fault, 422 if fault else 200)
        old, new = chosen
        change = registry.changes.leading_to([new.id]).get(new.id)
        try:
            report, recorded = _report(resources, old, new, change)
        except TooDifferent as error:
            fault = f"{error.count:,} provisions differ: more than can be compared while you wait."
            return _page(resources, request, document, choices, chosen, None, fault, 200)
        except Busy:
            fault = "Others are having versions compared. Try again in a few seconds."
            return _page(resources, request, document, choices, chosen, None, fault, 503)
        return _page(resources, request, document, choices, chosen, (report, recorded), "", 200)

    return routes


def _chosen(
    resources: Resources, document_id: str, listed: Sequence[VersionEntry], request: Request
) -> tuple[VersionEntry, VersionEntry] | None:
    """The versions that the query names, the older first, else the newest two; None where there are no two such.

    `first` and `newest` name a version as well as its id does.
    """
    asked = [request.query_params.get(name) for name in ("old", "new")]
    versions = resources.registry.versions
    known = {one.id: one for one in listed} | {"newest": listed[0] if listed else None}
    if "first" in asked:
        known["first"] = versions.first(document_id)
    found = [known.get(one) or versions.one(one) if one else None for one in asked]
    if not any(asked):
        found = [listed[1], listed[0]] if len(listed) > 1 else []
    two = [one for one in found if one is not None and one.document_id == document_id]
    if len(two) != 2:
        return None
    old, new = sorted(two, key=lambda one: one.sequence)
    return old, new


def _report(
    resources: Resources, old: VersionEntry, new: VersionEntry, change: ChangeEntry | None
) -> tuple[Report, ChangeEntry | None]:
    """The report of the change between the two where one is recorded, with that; else one that is made now."""
    if change is not None and change.old_version_id == old.id:
        row = resources.changes.record(change.id)
        if row is not None:
            return Report.from_json({**row.report, "status": row.status}), change
    return resources.registry.comparisons.of(old, new), None


def _page(
    resources: Resources,
    request: Request,
    document: DocumentEntry,
    choices: Sequence[VersionEntry],
    chosen: tuple[VersionEntry, VersionEntry] | None,
    made: tuple[Report, ChangeEntry | None] | None,
    fault: str,
    status: int,
) -> Response:
    """The select boxes, and below them what differs or why that is not shown."""
    shown = links = report = change = None
    if made is not None and chosen is not None:
        report, change = made
        shown = sheet(report, request.query_params)
        asked = dict(zip(("old", "new"), (one.id for one in chosen), strict=True))
        links = sheet_links(f"/documents/{document.id}/compare", asked, shown)
    return framed(
        resources,
        request,
        "versions",
        title=f"{document.platform_name} · {document.type}: two versions",
        here="/platforms",
        status=status,
        document=document,
        choices=choices,
        chosen=chosen,
        report=report,
        change=change,
        verdict=verdict(report) if report else "",
        counted=counted(report) if report else "",
        omitted=omitted(report) if report else None,
        sheet=shown,
        links=links,
        fault=fault,
    )
