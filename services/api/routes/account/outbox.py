"""`/account/outbox`: the mails of the embedded default, which go to a folder; for who runs the installation.

A mail may hold the link that signs somebody in, so that being a member is not enough. Its HTML is shown by an answer of
its own within a sandboxed frame: it can run, load, send and open nothing (CSP 3, `sandbox`).
"""

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.responses import HTMLResponse

from services.api.guard import HEADERS
from services.api.outbox import Mail
from services.api.resources import Resources
from services.api.routes.account.framing import seeing, shown

_PLACE = "/account/outbox"
_SHOWN = 100
_OF_THE_MAIL = {
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "x-frame-options": "SAMEORIGIN",
}
_FRAMING = {"content-security-policy": f"{HEADERS['content-security-policy']}; frame-src 'self'"}


def router(resources: Resources) -> APIRouter:
    """The list, a mail, and its HTML alone. Where mail leaves this machine there is nothing here."""
    routes = APIRouter(prefix=_PLACE, dependencies=[Depends(seeing(resources, is_operator=True))])
    outbox = resources.outbox

    def existing(name: str) -> Mail:
        mail = outbox.one(name)
        if mail is None:
            raise HTTPException(404)
        return mail

    @routes.get("")
    def listed(request: Request) -> Response:
        if not outbox.is_used:
            raise HTTPException(404)
        mails = outbox.newest(_SHOWN)
        return shown(resources, request, "account/outbox", title="Outbox", here=_PLACE, mails=mails, most=_SHOWN)

    @routes.get("/{name}")
    def one(request: Request, name: str) -> Response:
        mail = existing(name)
        answer = shown(
            resources, request, "account/mail", title=mail.subject or "A mail without a subject", here=_PLACE, mail=mail
        )
        answer.headers.update(_FRAMING)
        return answer

    @routes.get("/{name}/html")
    def html(name: str) -> Response:
        return HTMLResponse(existing(name).html or "", headers=_OF_THE_MAIL)

    return routes
