"""`/operator/documents/{id}`: how a document's checks went; edit what was said of it, pause, check, accept."""

from collections.abc import Mapping
from hashlib import sha256

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import Form
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.routes.operator.asking import fault_of, in_words, seconds
from services.api.v1.problems import status_of
from shared.db.amending import ADAPTIVE, Amendment
from shared.db.sources import WatchedDocument
from shared.domain.subscriptions import TermKind
from shared.usecases.refusals import Refused, invalid
from shared.usecases.watching import in_words as setting_in_words

_PLACE = "/operator/documents"
_CHECKS = 20
_EDITS = 20
_SETTINGS = {
    "type": "Type",
    "urls": "Addresses",
    "select": "What is the document",
    "remove": "What of that is not",
    "javascript": "May need a browser",
    "confirm_after_s": "A new text counts after",
    "check_every_s": "Looked at every",
}
"""What a setting is called where its edits are told."""

_FIELDS = ("type", "urls", "check_every_s", "confirm_after_s", "javascript")


def router(resources: Resources) -> APIRouter:
    """The operator's."""
    routes = APIRouter(prefix=_PLACE, dependencies=[Depends(seeing(resources, is_operator=True))])
    watching, post = resources.operated.watching, Depends(posting(resources, is_operator=True))

    @routes.get("/{document_id}")
    def one(request: Request, document_id: str) -> Response:
        return _document(resources, request, watching.one(document_id))

    @routes.post("/{document_id}")
    def edited(request: Request, document_id: str, sent: Posted = post) -> Response:
        document = watching.one(document_id)
        try:
            _check_shown(document, sent.form)
            changed = watching.amend(document_id, _amendment(document, sent.form), sent.who.known_by)
        except Refused as error:
            given = {name: sent.form.one(name) for name in _FIELDS}
            return _document(resources, request, document, given, faults=fault_of(error), status=status_of(error))
        return done(f"{_PLACE}/{document_id}", "saved" if changed else "same")

    @routes.post("/{document_id}/pause")
    def paused(document_id: str, _sent: Posted = post) -> Response:
        watching.pause(document_id)
        return done(f"{_PLACE}/{document_id}", "paused")

    @routes.post("/{document_id}/resume")
    def resumed(document_id: str, _sent: Posted = post) -> Response:
        watching.resume(document_id)
        return done(f"{_PLACE}/{document_id}", "resumed")

    @routes.post("/{document_id}/check")
    def checked(document_id: str, _sent: Posted = post) -> Response:
        watching.check(document_id)
        return done(f"{_PLACE}/{document_id}", "checking")

    @routes.post("/{document_id}/accept")
    def accepted(document_id: str, _sent: Posted = post) -> Response:
        watching.accept(document_id)
        return done(f"{_PLACE}/{document_id}", "accepted")

    return routes


def _document(
    resources: Resources,
    request: Request,
    document: WatchedDocument,
    given: Mapping[str, str] | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Its page; the form holds what was sent, or else what there is."""
    return shown(
        resources,
        request,
        "operator/document",
        title=f"{document.platform} · {document.type}",
        here="/operator",
        status=status,
        document=document,
        checks=resources.operated.sources.checks(document.id, limit=_CHECKS),
        edits=resources.operated.sources.amendments(document.id, limit=_EDITS),
        settings=_SETTINGS,
        in_words=setting_in_words,
        shown=_digest(document),
        naming=resources.owned.subscriptions.naming(TermKind.TYPE, document.type),
        types=resources.registry.documents.types(),
        given=_stored(document) if given is None else given,
        faults=faults or {},
    )


def _stored(document: WatchedDocument) -> dict[str, str]:
    parts = document.declaration.parts
    return {
        "type": document.type,
        "urls": "\n".join(part.url for part in parts),
        "check_every_s": in_words(document.check_every_s),
        "confirm_after_s": in_words(document.confirm_after_s),
        "javascript": "yes" if any(part.javascript for part in parts) else "",
    }


def _digest(document: WatchedDocument) -> str:
    """Stands in a form for what it was filled with."""
    return sha256(repr(sorted(_stored(document).items())).encode()).hexdigest()[:16]


def _check_shown(document: WatchedDocument, form: Form) -> None:
    """Refused where somebody edited it since the form was shown: it would put back what it was filled with."""
    present = _digest(document)
    if form.one("shown", present) != present:
        said = "it was edited since this form was shown: see Edits below, mend here what is old, and save again"
        raise invalid("shown", said)


def _amendment(document: WatchedDocument, form: Form) -> Amendment:
    """What a form asks for. The box stands for every part, and says nothing where it is as it was shown."""
    confirm_after_s = seconds(form, "confirm_after_s", least=0)
    if confirm_after_s is None:
        raise invalid(
            "confirm_after_s", "say how many seconds a new text must last to count; 0: the next look is enough"
        )
    needs_browser = bool(form.one("javascript"))
    return Amendment(
        type=form.one("type"),
        urls=tuple(form.lines("urls")),
        javascript=needs_browser if needs_browser != bool(_stored(document)["javascript"]) else None,
        confirm_after_s=confirm_after_s,
        check_every_s=seconds(form, "check_every_s") or ADAPTIVE,
    )
