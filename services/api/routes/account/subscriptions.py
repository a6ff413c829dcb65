"""`/account/subscriptions`: what the account hears of, how soon and where; tried on 90 days before it is saved."""

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import Form, plain_form
from services.api.principals import Principal
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.routes.account.wishes import (
    MANY,
    Names,
    filled,
    in_words,
    names,
    provision_names,
    wanted_by,
    with_chosen,
)
from services.api.v1.access import account_of
from services.api.v1.problems import status_of
from shared.usecases.previewing import PREVIEW
from shared.usecases.refusals import Refused, invalid

_PLACE = "/account/subscriptions"
_SHOWN = 20
_NAMED = 20
"""Single provisions that a form shows the words of; the others by their ids."""

_FIRST = {"platform": "platforms", "document": "documents", "provision": "provisions", "category": "categories"}
"""What an address may fill the form with, as the buttons on public pages do."""


def router(resources: Resources) -> APIRouter:
    """An account's own; changed by its members and owners."""
    routes = APIRouter(prefix=_PLACE)
    subscribing = resources.owned.subscribing
    reader, post = Depends(seeing(resources)), Depends(posting(resources))

    @routes.get("")
    def listed(request: Request, who: Principal = reader) -> Response:
        return _listed(resources, request, who)

    @routes.get("/new")
    def new(request: Request, who: Principal = reader) -> Response:
        given = [(_FIRST[name], value) for name, value in request.query_params.multi_items() if name in _FIRST]
        known = names(resources, account_of(who))
        mine = known.options["endpoints"]
        told = [("endpoints", mine[0][0])] if len(mine) == 1 else []
        return _form(resources, request, known, plain_form([*given, *told]))

    @routes.post("/new")
    def made(request: Request, sent: Posted = post) -> Response:
        return _sent(resources, request, sent, None)

    @routes.get("/{subscription_id}")
    def one(request: Request, subscription_id: str, who: Principal = reader) -> Response:
        found = subscribing.one(account_of(who), subscription_id)
        return _form(
            resources,
            request,
            names(resources, account_of(who)),
            filled(found.wanted, found.endpoints),
            subscription_id,
        )

    @routes.post("/{subscription_id}")
    def rewritten(request: Request, subscription_id: str, sent: Posted = post) -> Response:
        subscribing.one(sent.account_id, subscription_id)
        return _sent(resources, request, sent, subscription_id)

    @routes.post("/{subscription_id}/pause")
    def paused(subscription_id: str, sent: Posted = post) -> Response:
        subscribing.pause(sent.account_id, subscription_id)
        return done(_PLACE, "paused")

    @routes.post("/{subscription_id}/resume")
    def resumed(subscription_id: str, sent: Posted = post) -> Response:
        subscribing.resume(sent.account_id, subscription_id)
        return done(_PLACE, "resumed")

    @routes.post("/{subscription_id}/remove")
    def removed(subscription_id: str, sent: Posted = post) -> Response:
        subscribing.remove(sent.account_id, subscription_id)
        return done(_PLACE, "removed")

    return routes


def _listed(resources: Resources, request: Request, who: Principal) -> Response:
    """The choices of the forms are on the forms' own pages: here they would be most of the page."""
    account_id = account_of(who)
    listed, muted = resources.owned.subscribing.listed(account_id), resources.owned.subscriptions.muted(account_id)
    names_any = bool(muted) or any(one.wanted.platforms or one.wanted.documents for one in listed)
    known = names(resources, account_id, with_documents=names_any)
    account = resources.owned.store.account(account_id)
    entries = [
        (one.row, in_words(one.wanted, known), [known.of("endpoints", told) for told in one.endpoints])
        for one in listed
    ]
    return shown(
        resources,
        request,
        "account/subscriptions",
        title="Subscriptions",
        here=_PLACE,
        entries=entries,
        how_soon=dict(known.options["cadence"]),
        least=dict(known.options["minimum_severity"]),
        muted=[(one, known.of("documents", one)) for one in sorted(muted)],
        timezone=account.timezone if account else "UTC",
        quiet=account.quiet_hours if account else None,
    )


def _sent(resources: Resources, request: Request, sent: Posted, subscription_id: str | None) -> Response:
    """What a filled-in form leads to: a preview, a subscription, or the form again with what is wrong."""
    subscribing, form = resources.owned.subscribing, sent.form
    try:
        wanted, endpoints = wanted_by(form), form.all("endpoints")
        if form.one("wish") == "preview":
            reaching = subscribing.preview(sent.account_id, wanted)
            known = names(resources, sent.account_id)
            return _form(resources, request, known, form, subscription_id, reaching=reaching)
        if not endpoints:
            raise invalid("endpoints", "choose at least one endpoint to tell")
        if subscription_id is None:
            if subscribing.has(sent.account_id, wanted, endpoints):  # the same form, sent twice
                return done(_PLACE, "already")
            subscribing.make(sent.account_id, wanted, endpoints)
        else:
            subscribing.rewrite(sent.account_id, subscription_id, wanted, endpoints)
    except Refused as error:
        faults = {error.field or "plan": str(error)}
        status = status_of(error)
        known = names(resources, sent.account_id)
        return _form(resources, request, known, form, subscription_id, faults=faults, status=status)
    return done(_PLACE, "saved")


def _form(
    resources: Resources,
    request: Request,
    known: Names,
    form: Form,
    subscription_id: str | None = None,
    *,
    status: int = 200,
    **values: object,
) -> Response:
    chosen = {name: form.all(name) for name in MANY}
    named = {**known.options, "provisions": provision_names(resources, chosen["provisions"][:_NAMED])}
    options = {name: with_chosen(there_are, chosen.get(name, [])) for name, there_are in named.items()}
    filled_in = {"faults": {}, "reaching": None, **values}
    return shown(
        resources,
        request,
        "account/subscription",
        title="Change a subscription" if subscription_id else "Subscribe",
        here=_PLACE,
        status=status,
        action=f"{_PLACE}/{subscription_id or 'new'}",
        options=options,
        chosen=chosen,
        severity=form.one("minimum_severity", "low"),
        cadence=form.one("cadence", "immediate"),
        days=PREVIEW.days,
        most=_SHOWN,
        **filled_in,
    )
