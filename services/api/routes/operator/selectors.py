"""`/operator/documents/{id}/selectors`: what of its pages is read; tried on stored captures before it is saved."""

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import Form
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.routes.operator.asking import fault_of
from services.api.v1.problems import status_of
from services.api.v1.selectors import LastCaptures, Selectors, previewed
from shared.db.amending import Amendment
from shared.db.sources import WatchedDocument
from shared.usecases.refusals import Refused, invalid, none_such

_MOST = 50
_CAPTURES = 2
_NAMES = ("select", "remove")


def router(resources: Resources) -> APIRouter:
    """The operator's."""
    routes = APIRouter(
        prefix="/operator/documents/{document_id}/selectors",
        dependencies=[Depends(seeing(resources, is_operator=True))],
    )
    watching, post = resources.operated.watching, Depends(posting(resources, is_operator=True))

    @routes.get("")
    def form(request: Request, document_id: str) -> Response:
        document = watching.one(document_id)
        return _form(resources, request, document, _stored(document))

    @routes.post("")
    def sent(request: Request, document_id: str, sent: Posted = post) -> Response:
        document = watching.one(document_id)
        given = {name: sent.form.one(name) for name in _NAMES}
        try:
            select, remove = (_lines(sent.form, name) for name in _NAMES)
            if sent.form.one("wish") == "preview":
                tried = _previewed(resources, document_id, select, remove)
                return _form(resources, request, document, given, tried=tried)
            wanted = Amendment(select=tuple(select), remove=tuple(remove))
            changed = watching.amend(document_id, wanted, sent.who.known_by)
        except Refused as error:
            return _form(resources, request, document, given, faults=fault_of(error), status=status_of(error))
        return done(f"/operator/documents/{document_id}", "saved" if changed else "same")

    return routes


def _previewed(resources: Resources, document_id: str, select: list[str], remove: list[str]) -> LastCaptures:
    resources.operated.watching.check_selectors(select, remove)
    recent = resources.operated.captures.recent(document_id, _CAPTURES)
    if recent is None:
        raise none_such("document")
    return previewed(recent, Selectors(select=select, remove=remove, captures=_CAPTURES), resources.archive)


def _form(
    resources: Resources,
    request: Request,
    document: WatchedDocument,
    given: dict[str, str],
    *,
    status: int = 200,
    **values: object,
) -> Response:
    filled_in = {"faults": {}, "tried": None, **values}
    return shown(
        resources,
        request,
        "operator/selectors",
        title=f"Selectors of {document.platform} · {document.type}",
        here="/operator",
        status=status,
        document=document,
        given=given,
        has_ranges=any(
            not isinstance(one, str) for part in document.declaration.parts for one in part.select + part.remove
        ),
        **filled_in,
    )


def _stored(document: WatchedDocument) -> dict[str, str]:
    """The selectors of the first part, which those of a form replace in every part."""
    part = document.declaration.parts[0]
    return {
        name: "\n".join(one for one in selectors if isinstance(one, str))
        for name, selectors in (("select", part.select), ("remove", part.remove))
    }


def _lines(form: Form, name: str) -> list[str]:
    lines = form.lines(name)
    if len(lines) > _MOST:
        raise invalid(name, f"{_MOST} selectors at most")
    return lines
