"""`/operator`, `/operator/documents/{id}`: what is watched and how its checks went; add, pause, check, accept."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import Form
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.v1.paging import cursor_of, key_of
from services.api.v1.problems import Problem, status_of
from shared.db.sources import Place
from shared.usecases.refusals import Refused, invalid
from shared.usecases.watching import Wish

_PLACE = "/operator"
_CHECKS = 20
_IN_A_PAGE = 50
_PLATFORMS = 500
"""Offered to whoever types a platform's name; any other can be typed too."""

_MOST_URLS = 20
_MOST_S = 31 * 86_400
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
            faults, status = {error.field.partition(".")[0]: str(error)}, status_of(error)
            return _sources(resources, request, sent.form, faults=faults, status=status)
        return done(f"{_PLACE}/documents/{document_id}", "added" if is_new else "already")

    @routes.get("/documents/{document_id}")
    def one(request: Request, document_id: str) -> Response:
        document = watching.one(document_id)
        return shown(
            resources,
            request,
            "operator/document",
            title=f"{document.platform} · {document.type}",
            here=_PLACE,
            document=document,
            checks=resources.operated.sources.checks(document_id, limit=_CHECKS),
        )

    @routes.post("/documents/{document_id}/pause")
    def paused(document_id: str, _sent: Posted = post) -> Response:
        watching.pause(document_id)
        return done(f"{_PLACE}/documents/{document_id}", "paused")

    @routes.post("/documents/{document_id}/resume")
    def resumed(document_id: str, _sent: Posted = post) -> Response:
        watching.resume(document_id)
        return done(f"{_PLACE}/documents/{document_id}", "resumed")

    @routes.post("/documents/{document_id}/check")
    def checked(document_id: str, _sent: Posted = post) -> Response:
        watching.check(document_id)
        return done(f"{_PLACE}/documents/{document_id}", "checking")

    @routes.post("/documents/{document_id}/accept")
    def accepted(document_id: str, _sent: Posted = post) -> Response:
        watching.accept(document_id)
        return done(f"{_PLACE}/documents/{document_id}", "accepted")

    return routes


def _sources(
    resources: Resources,
    request: Request,
    form: Form | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    found = resources.operated.sources.page(after=_after(request), limit=_IN_A_PAGE + 1)
    documents, more = found[:_IN_A_PAGE], None
    if len(found) > _IN_A_PAGE:
        last = documents[-1]
        more = f"{_PLACE}?{urlencode({'cursor': cursor_of((last.platform_slug, last.type, last.id))})}"
    return shown(
        resources,
        request,
        "operator/sources",
        title="Sources",
        here=_PLACE,
        status=status,
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
    urls, every = form.lines("urls"), form.one("check_every_s")
    if not 0 < len(urls) <= _MOST_URLS:
        raise invalid("urls", f"give the document's address, one on each line, {_MOST_URLS} at most")
    if every and not (every.isdecimal() and 1 <= int(every[:9]) <= _MOST_S):
        raise invalid("check_every_s", f"seconds as a number from 1 to {_MOST_S}, or leave it empty")
    return Wish(
        platform=form.one("platform")[:200],
        type=form.one("type")[:200],
        urls=urls,
        javascript=bool(form.one("javascript")),
        check_every_s=float(every) if every else None,
    )
