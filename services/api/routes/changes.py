"""The page of a change record that alerts link to. It says what documents say in public, so anyone may read it."""

import re

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from services.api.resources import Resources
from services.differ.core.render.html import to_html
from shared.db.tables import ChangeRow
from shared.domain.report import Report

_ID = re.compile(r"chg_[a-z0-9_]{1,64}")


def router(resources: Resources) -> APIRouter:
    """`GET /changes/{id}`, and the same page under `/redline` and `/evidence`, since it shows both."""
    routes, pages = APIRouter(), resources.pages

    @routes.get("/changes/{change_id}")
    @routes.get("/changes/{change_id}/redline")
    @routes.get("/changes/{change_id}/evidence")
    def show(change_id: str) -> Response:
        change = found(resources, change_id)
        if change is None:
            return pages.no_such_link()
        before = pages.text("status", status=change.status)
        after = pages.text("doubt_link", change_id=change.id)
        return HTMLResponse(to_html(Report.from_json(change.report), before=before, after=after))

    return routes


def found(resources: Resources, change_id: str) -> ChangeRow | None:
    """The change that a path names; None for what is no id or nobody's."""
    return resources.changes.record(change_id) if _ID.fullmatch(change_id) else None
