"""`/account/endpoints`: where the account is told, and the log of what was sent to each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import Form
from services.api.principals import Principal
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.routes.account.once import Once, forgotten, keep, kept
from services.api.v1.access import account_of
from services.api.v1.paging import cursor_of, moment_of
from services.api.v1.problems import Problem, status_of
from shared.db.notifier.accounts import ListedDelivery
from shared.domain.consent import Asked
from shared.domain.deliveries import REPLAYABLE, Channel, DeliveryState
from shared.domain.endpoint_addresses import UnusableAddress
from shared.domain.notices import change_of, subject_in_words
from shared.usecases.accounts import NotAllowed, Unknown
from shared.usecases.endpoints import REPEATABLE
from shared.usecases.refusals import Refused, invalid

_PLACE = "/account/endpoints"
_IN_A_PAGE = 25
_ABOUT_IT = "The signing secret of this webhook. Give it to whatever checks the signatures."


def router(resources: Resources) -> APIRouter:
    """An account's own; changed by its members and owners."""
    routes = APIRouter(prefix=_PLACE)
    endpoints = resources.owned.endpoints
    reader, post = Depends(seeing(resources)), Depends(posting(resources))

    @routes.get("")
    def listed(request: Request, who: Principal = reader) -> Response:
        return _listed(resources, request, who)

    @routes.post("")
    def added(request: Request, sent: Posted = post) -> Response:
        try:
            return _added(resources, sent)
        except Refused as error:
            faults, status = {error.field or "plan": str(error)}, status_of(error)
            return _listed(resources, request, sent.who, sent.form, faults=faults, status=status)

    @routes.get("/{endpoint_id}")
    def one(request: Request, endpoint_id: str, who: Principal = reader) -> Response:
        return _log(resources, request, who, endpoint_id)

    @routes.post("/{endpoint_id}/remove")
    def removed(endpoint_id: str, sent: Posted = post) -> Response:
        endpoints.remove(sent.account_id, endpoint_id)
        return done(_PLACE, "removed")

    @routes.post("/{endpoint_id}/replay")
    def replayed(request: Request, endpoint_id: str, sent: Posted = post) -> Response:
        endpoints.one(sent.account_id, endpoint_id)
        try:
            count = _send_many(resources, sent, endpoint_id)
        except Refused as error:
            faults, status = {error.field: str(error)}, status_of(error)
            return _log(resources, request, sent.who, endpoint_id, sent.form, faults=faults, status=status)
        return done(f"{_PLACE}/{endpoint_id}", "replayed-many", count=str(count))

    @routes.post("/{endpoint_id}/deliveries/{delivery_id}/replay")
    def sent_again(endpoint_id: str, delivery_id: str, sent: Posted = post) -> Response:
        endpoints.send_again(sent.account_id, delivery_id)
        return done(f"{_PLACE}/{endpoint_id}", "replayed")

    return routes


def working(resources: Resources) -> APIRouter:
    """What is done about one of them."""
    routes = APIRouter(prefix=_PLACE)
    endpoints, post = resources.owned.endpoints, Depends(posting(resources))

    @routes.post("/{endpoint_id}/test")
    def tested(endpoint_id: str, sent: Posted = post) -> Response:
        endpoints.test(sent.account_id, endpoint_id)
        return done(f"{_PLACE}/{endpoint_id}", "test")

    @routes.post("/{endpoint_id}/rotate")
    def rotated(endpoint_id: str, sent: Posted = post) -> Response:
        new = endpoints.rotate(sent.account_id, endpoint_id)
        words = f"{_ABOUT_IT} The old one signs too until {new.old_signs_until:%Y-%m-%d %H:%M} UTC."
        return keep(resources, done(f"{_PLACE}/{endpoint_id}", "saved"), Once(endpoint_id, words, new.secret))

    @routes.post("/{endpoint_id}/pause")
    def paused(endpoint_id: str, sent: Posted = post) -> Response:
        endpoints.pause(sent.account_id, endpoint_id)
        return done(f"{_PLACE}/{endpoint_id}", "paused")

    @routes.post("/{endpoint_id}/enable")
    def enabled(endpoint_id: str, sent: Posted = post) -> Response:
        endpoints.enable(sent.account_id, endpoint_id)
        return done(f"{_PLACE}/{endpoint_id}", "resumed")

    @routes.post("/{endpoint_id}/ask")
    def asked_again(endpoint_id: str, sent: Posted = post) -> Response:
        try:
            asked = resources.owned.accounts.ask_again(sent.account_id, endpoint_id)
        except Unknown:
            endpoints.one(sent.account_id, endpoint_id)
            raise Refused("confirmed", "its reader has answered already") from None
        return done(f"{_PLACE}/{endpoint_id}", f"asked-again-{asked.outcome}")

    return routes


def _added(resources: Resources, sent: Posted) -> Response:
    """The page of the endpoint that is there now. Refused where none can be."""
    kind, address = sent.form.one("kind"), sent.form.one("address")
    if kind not in set(Channel):
        raise invalid("kind", "choose email, webhook or Slack")
    try:
        made = resources.owned.accounts.add_endpoint(sent.account_id, Channel(kind), address)
    except UnusableAddress as error:
        raise invalid("address", str(error)) from None
    except NotAllowed as error:
        raise Refused("plan", f"{error}; a larger plan includes more") from None
    answer = done(f"{_PLACE}/{made.endpoint.id}", _said_of(made.asked, is_new=made.is_new))
    return keep(resources, answer, Once(made.endpoint.id, _ABOUT_IT, made.secret)) if made.secret else answer


def _said_of(asked: Asked | None, *, is_new: bool) -> str:
    if asked is None:
        return "added" if is_new else "already"
    return f"asked-{asked.outcome}"


def _listed(
    resources: Resources,
    request: Request,
    who: Principal,
    form: Form | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return shown(
        resources,
        request,
        "account/endpoints",
        title="Endpoints",
        here=_PLACE,
        status=status,
        endpoints=resources.owned.store.endpoints(account_of(who)),
        kinds=[("email", "Email"), ("webhook", "Webhook"), ("slack", "Slack")],
        given={name: form.one(name) if form else "" for name in ("kind", "address")},
        faults=faults or {},
    )


def _log(
    resources: Resources,
    request: Request,
    who: Principal,
    endpoint_id: str,
    form: Form | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """One endpoint with its deliveries, newest first, each with every attempt at it."""
    endpoint = resources.owned.endpoints.one(account_of(who), endpoint_id)
    state = request.query_params.get("state", "")
    found = resources.owned.store.deliveries(
        account_of(who),
        states=[state] if state in set(DeliveryState) else [],
        endpoint_id=endpoint_id,
        after=_after(request),
        limit=_IN_A_PAGE + 1,
    )
    once = kept(resources, request)
    listed = found[:_IN_A_PAGE]
    attempts = resources.owned.overview.attempts([one.id for one in listed])
    page = shown(
        resources,
        request,
        "account/endpoint",
        title=f"{endpoint.kind.capitalize()}: {endpoint.address}",
        here=_PLACE,
        status=status,
        endpoint=endpoint,
        deliveries=[(one, attempts[one.id]) for one in listed],
        change_of=change_of,
        headlines=resources.changes.headlines({change for one in listed if (change := change_of(one.subject))}),
        older=_older(endpoint_id, state, found),
        state=state,
        in_words=subject_in_words,
        states=[one.value for one in DeliveryState],
        repeatable=[(one.value, one.value) for one in sorted(REPEATABLE)],
        replayable=REPLAYABLE,
        given={
            "states": form.all("states") if form else ["failed", "dead"],
            "since": form.one("since") if form else "",
        },
        count=request.query_params.get("count", ""),
        once=once if once and once.of == endpoint_id else None,
        faults=faults or {},
    )
    return forgotten(page, once)


def _send_many(resources: Resources, sent: Posted, endpoint_id: str) -> int:
    chosen = sent.form.all("states")
    if not chosen or not set(DeliveryState).issuperset(chosen):
        raise invalid("states", "choose at least one of the list")
    since, typed = None, sent.form.one("since")
    try:
        since = datetime.combine(date.fromisoformat(typed), datetime.min.time(), UTC) if typed else None
    except ValueError:
        raise invalid("since", "a day as 2026-03-01, or leave it empty") from None
    states = [DeliveryState(one) for one in chosen]
    return resources.owned.endpoints.send_many_again(sent.account_id, states, endpoint_id, since)


def _after(request: Request) -> tuple[datetime, str] | None:
    """Where the page before ended; the first page for what is no cursor of ours."""
    try:
        return moment_of(request.query_params.get("cursor"))
    except Problem:
        return None


def _older(endpoint_id: str, state: str, found: Sequence[ListedDelivery]) -> str | None:
    if len(found) <= _IN_A_PAGE:
        return None
    last = found[_IN_A_PAGE - 1]
    values = {"state": state, "cursor": cursor_of((last.created_at.isoformat(), last.id))}
    return f"{_PLACE}/{endpoint_id}?{urlencode({name: value for name, value in values.items() if value})}"
