"""`/operator`: what is watched; watch another document."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import Form
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.routes.operator.asking import fault_of, seconds
from services.api.v1.paging import cursor_of, key_of
from services.api.v1.problems import Problem, status_of
from shared.db.sources import Place
from shared.usecases.refusals import Refused
from shared.usecases.watching import Wish

_PLACE = "/operator"
_IN_A_PAGE = 50
_PLATFORMS = 500
"""Offered to whoever types a platform's name; any other can be typed too."""

_FILTERS = ("platform", "trouble")
_LONGEST = 200
_FIELDS = ("platform", "type", "urls", "javascript", "check_every_s")


def router(resources: Resources) -> APIRouter:
    """The operator's."""
    routes = APIRouter(prefix=_PLACE, dependencies=[Depends(seeing(resources, is_operator=True))])
    watching, post = resources.operated.watching, Depends(posting(resources, is_operator=True))

    @routes.get("")
    def listed(request: Request) -> Response:
        return _sources(resources, request)

    @routes.post("/documents")
    def added(request: Request, sent: Posted = post) -> Response:
        try:
            document_id, is_new = watching.watch(_wish(sent.form))
        except Refused as error:
            return _sources(resources, request, sent.form, faults=fault_of(error), status=status_of(error))
        return done(f"{_PLACE}/documents/{document_id}", "added" if is_new else "already")

    return routes


def _sources(
    resources: Resources,
    request: Request,
    form: Form | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    chosen = {name: value for name in _FILTERS if (value := request.query_params.get(name, "").strip()[:_LONGEST])}
    found = resources.operated.sources.page(
        platform=chosen.get("platform"),
        in_trouble="trouble" in chosen,
        after=_after(request),
        limit=_IN_A_PAGE + 1,
    )
    documents, more = found[:_IN_A_PAGE], None
    if len(found) > _IN_A_PAGE:
        last = documents[-1]
        more = f"{_PLACE}?{urlencode({**chosen, 'cursor': cursor_of((last.platform_slug, last.type, last.id))})}"
    return shown(
        resources,
        request,
        "operator/sources",
        title="Sources",
        here=_PLACE,
        status=status,
        chosen=chosen,
        documents=documents,
        more=more,
        platforms=[name for _, name in resources.platforms.names(limit=_PLATFORMS)],
        types=resources.registry.documents.types(),
        given={name: form.one(name) if form else "" for name in _FIELDS},
        faults=faults or {},
    )


def _after(request: Request) -> Place | None:
    """Where the page before ended; the first page for what is no cursor of ours."""
    try:
        key = key_of(request.query_params.get("cursor"), str, str, str)
    except Problem:
        return None
    return (str(key[0]), str(key[1]), str(key[2])) if key else None


def _wish(form: Form) -> Wish:
    """A document as a form asks for it; Refused where it names none."""
    return Wish(
        platform=form.one("platform"),
        type=form.one("type"),
        urls=form.lines("urls"),
        javascript=bool(form.one("javascript")),
        check_every_s=seconds(form, "check_every_s"),
    )
