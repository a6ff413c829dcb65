"""`/account/mutes` and `/account/hours`: what holds for all of an account's subscriptions, each with its form."""

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from services.api.forms import Form
from services.api.principals import Principal
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.routes.account.wishes import names
from services.api.v1.access import account_of
from services.api.v1.problems import status_of
from shared.usecases.refusals import Refused

_SECTION = "/account/subscriptions"


def mutes(resources: Resources) -> APIRouter:
    """Documents of which nothing is told, whatever is subscribed to."""
    routes = APIRouter(prefix="/account/mutes")
    subscribing, reader, post = resources.owned.subscribing, Depends(seeing(resources)), Depends(posting(resources))

    @routes.get("")
    def form(request: Request, who: Principal = reader) -> Response:
        return _muting(resources, request, who)

    @routes.post("")
    def muted(request: Request, sent: Posted = post) -> Response:
        try:
            subscribing.mute(sent.account_id, sent.form.one("document"))
        except Refused:
            return _muting(resources, request, sent.who, {"document": "choose one of the list"}, status=422)
        return done(_SECTION, "muted")

    @routes.post("/{document_id}/remove")
    def unmuted(document_id: str, sent: Posted = post) -> Response:
        subscribing.unmute(sent.account_id, document_id)
        return done(_SECTION, "unmuted")

    return routes


def hours(resources: Resources) -> APIRouter:
    """The time zone that days and weeks go by, and the hours in which nobody is told."""
    routes = APIRouter(prefix="/account/hours")
    subscribing, reader, post = resources.owned.subscribing, Depends(seeing(resources)), Depends(posting(resources))

    @routes.get("")
    def form(request: Request, who: Principal = reader) -> Response:
        return _hours(resources, request, who)

    @routes.post("")
    def kept(request: Request, sent: Posted = post) -> Response:
        try:
            subscribing.set_hours(sent.account_id, sent.form.one("timezone"), sent.form.one("quiet"))
        except Refused as error:
            faults, status = {error.field: str(error)}, status_of(error)
            return _hours(resources, request, sent.who, sent.form, faults=faults, status=status)
        return done(_SECTION, "hours")

    return routes


def _muting(
    resources: Resources,
    request: Request,
    who: Principal,
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    account_id = account_of(who)
    muted = resources.owned.subscriptions.muted(account_id)
    documents = names(resources, account_id).options["documents"]
    return shown(
        resources,
        request,
        "account/mutes",
        title="Mute a document",
        here=_SECTION,
        status=status,
        audible=[(value, words) for value, words in documents if value not in muted],
        faults=faults or {},
    )


def _hours(
    resources: Resources,
    request: Request,
    who: Principal,
    form: Form | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    account = resources.owned.store.account(account_of(who))
    stored = {"timezone": account.timezone if account else "UTC", "quiet": (account and account.quiet_hours) or ""}
    return shown(
        resources,
        request,
        "account/hours",
        title="Time zone and quiet hours",
        here=_SECTION,
        status=status,
        given={name: form.one(name, value) if form else value for name, value in stored.items()},
        zones=_zones(),
        faults=faults or {},
    )


@cache
def _zones() -> Markup:
    """The time zones that this machine knows, to choose from; to look for them takes longer than the page."""
    return Markup("").join(
        Markup('<option value="{}"></option>').format(zone) for zone in sorted(available_timezones())
    )
