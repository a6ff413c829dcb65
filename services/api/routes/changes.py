"""The page of a change record that alerts link to. It says what documents say in public, so anyone may read it."""

import re
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.api.frame import framed, nothing_here
from services.api.reporting import SIDES, Sheet, sheet
from services.api.resources import Resources
from services.differ.core.render.citation import citation
from services.differ.core.render.html import to_html
from services.differ.core.render.wording import counted, ignored, omitted, people, verdict, weighed
from services.differ.core.taxonomy import taxonomy
from shared.db.registry.changes import ChangeEntry, ChangeFilter
from shared.db.registry.provisions import Standing
from shared.db.registry.versions import VersionEntry
from shared.db.tables import ChangeRow
from shared.domain.report import Report, Stated

_ID = re.compile(r"chg_[a-z0-9_]{1,64}")
_REVISED = ("Corrected: ", "Retracted: ")
"""How the notes begin that a correction or retraction leaves; see `shared.domain.revising`."""

_ELSEWHERE = 5
"""Changes of other platforms that are shown."""


def router(resources: Resources) -> APIRouter:
    """`GET /changes/{id}`, and `/redline`: the same as one file that can be kept and sent on."""
    routes, pages = APIRouter(), resources.pages

    @routes.get("/changes/{change_id}")
    def show(request: Request, change_id: str) -> Response:
        change = found(resources, change_id)
        if change is None:
            return nothing_here(resources, request, "change")
        return _record(resources, request, change)

    @routes.get("/changes/{change_id}/evidence")
    def evidence(request: Request, change_id: str) -> Response:
        if found(resources, change_id) is None:
            return nothing_here(resources, request, "change")
        return RedirectResponse(f"/changes/{change_id}#evidence", 303)

    @routes.get("/changes/{change_id}/redline")
    def redline(request: Request, change_id: str) -> Response:
        change = found(resources, change_id)
        if change is None:
            return nothing_here(resources, request, "change")
        before = pages.text("status", status=change.status)
        after = pages.text("doubt_link", change_id=change.id)
        return HTMLResponse(to_html(Report.from_json(change.report), before=before, after=after))

    return routes


def found(resources: Resources, change_id: str) -> ChangeRow | None:
    """The change that a path names; None for what is no id or nobody's."""
    return resources.changes.record(change_id) if _ID.fullmatch(change_id) else None


def _record(resources: Resources, request: Request, change: ChangeRow) -> Response:
    report = Report.from_json({**change.report, "status": change.status})
    ids = (change.old_version_id, change.version_id, report.seen_before or "")
    versions = resources.registry.versions.by_ids(ids)
    old, new, returned_to = map(versions.get, ids)
    shown = sheet(report, request.query_params)
    beside = resources.registry.changes.beside(change.document_id, change.sequence)
    listed = beside.pop(change.sequence)
    record = f"{resources.links.base}/changes/{change.id}"
    return framed(
        resources,
        request,
        "record",
        title=report.headline.text if report.headline else verdict(report),
        here="/changes",
        change=listed,
        report=report,
        revisions=[note for note in report.notes if is_revised(change.status, note)],
        notes=[note for note in (*report.notes, *report.limits) if not is_revised(change.status, note)],
        verdict=verdict(report),
        counted=counted(report),
        affected=", ".join(map(people, report.affected)),
        stated=_stated(report, resources.clock.now()),
        ignored=ignored(report),
        omitted=omitted(report),
        sheet=shown,
        links=sheet_links(f"/changes/{change.id}", {}, shown),
        sides=[(name, *side) for name, *side in (("Old", old, report.evidence.old), ("New", new, report.evidence.new))],
        returned_to=returned_to,
        said_before=_said_before(resources, change, old, shown),
        elsewhere=_elsewhere(resources, listed, report),
        earlier=next((one for one in beside.values() if one.sequence < change.sequence), None),
        later=next((one for one in beside.values() if one.sequence > change.sequence), None),
        citation=citation(report, record),
    )


def is_revised(status: str, note: str) -> bool:
    """Whether a note says why a change was corrected or retracted."""
    return status != "confirmed" and note.startswith(_REVISED)


def sheet_links(path: str, query: dict[str, str], shown: Sheet) -> dict[str, str | None]:
    """Where the pages of a report before and after this one are, and each of its views."""

    def at(page: int, view: str) -> str:
        asked = {**query, **({"view": view} if view == SIDES else {}), **({"page": str(page)} if page > 1 else {})}
        return f"{path}?{urlencode(asked)}#changes" if asked else f"{path}#changes"

    return {
        "before": at(shown.page - 1, shown.view) if shown.page > 1 else None,
        "after": at(shown.page + 1, shown.view) if shown.page < shown.pages else None,
        "inline": at(shown.page, "inline"),
        "sides": at(shown.page, SIDES),
    }


def _stated(report: Report, now: datetime) -> list[tuple[str, Stated, str]]:
    """What the new text says of itself: label, date with its quote, and how far off the day is."""
    dates = (
        ("Stated as updated", report.dates.stated_updated),
        ("Stated as effective", report.dates.effective),
        ("Objection until", report.dates.objection),
    )
    return [(label, one, _far((one.value - now.date()).days)) for label, one in dates if one]


def _far(days: int) -> str:
    if days == 0:
        return "today"
    words = "1 day" if abs(days) == 1 else f"{abs(days):,} days"
    return f"in {words}" if days > 0 else f"{words} ago"


def _said_before(
    resources: Resources, change: ChangeRow, old: VersionEntry | None, shown: Sheet
) -> dict[str, Standing]:
    """Which of the provisions shown went back to words that they had before the old version, letter by letter."""
    wordings = {
        one.change.id: one.change.after.text
        for one in shown.meaningful
        if one.change.op == "modified" and one.change.after and one.change.after.parts is None
    }
    if old is None:
        return {}
    return resources.registry.provisions.said_before(change.document_id, old.sequence, wordings)


def _elsewhere(resources: Resources, change: ChangeEntry, report: Report) -> list[ChangeEntry]:
    """Earlier changes of other platforms in the category of the weightiest provision, in the same direction."""
    kind = next((one.category for one in weighed(report) if one.category in taxonomy()), None)
    if kind is None:
        return []
    wanted = ChangeFilter(
        other_platforms_than=(change.platform_slug,),
        categories=(kind,),
        directions=(change.direction,),
        until=change.detected_at,
    )
    return resources.registry.changes.listed(wanted, limit=_ELSEWHERE)
