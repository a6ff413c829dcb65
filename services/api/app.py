"""The API's composition root: settings → stores → routes → one uvicorn worker."""

import gc
import socket
from functools import partial

from fastapi import Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from services.api.assets import Assets
from services.api.counting import counts_in
from services.api.evidence.exporting import Exporter
from services.api.feeds import routes as feeds
from services.api.frame import framed, nothing_here, said
from services.api.guard import Guard
from services.api.handoff import MOST_WAITING, Given
from services.api.identity import KnownBy
from services.api.nul import refused_by_pages
from services.api.outbox import Outbox
from services.api.pages import Pages
from services.api.processes import run_many
from services.api.resources import Operated, Owned, Registry, Resources
from services.api.routes import (
    browse,
    changes,
    comparing,
    consent,
    digests,
    documents,
    doubts,
    evidence,
    feed,
    health,
    kinds,
    ledger,
    preferences,
    problems,
    provisions,
    sendgrid,
    signing_in,
    status,
)
from services.api.routes.account.pages import ACCOUNT_PAGES
from services.api.routes.operator.pages import OPERATOR_PAGES
from services.api.serving import serve
from services.api.turns import Turns
from services.api.v1.app import PREFIX, make_v1
from services.api.v1.limits import Limits
from services.api.v1.problems import not_found, refusal, status_of
from shared.archive import open_archive
from shared.clock import Clock, SystemClock
from shared.db.changes import Changes
from shared.db.identity.idempotency import IdempotencyKeys
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.identity.sessions import Sessions
from shared.db.ledger.bundling import Bundling
from shared.db.notifier.digests import DigestStore
from shared.db.notifier.mail_events import MailEvents
from shared.db.notifier.preferences import Preferences
from shared.db.notifier.receivers import Receivers
from shared.db.registry.feeds import Feeds
from shared.db.registry.platforms import Platforms
from shared.db.reviews import Reviews
from shared.db.session import Database, answers
from shared.links import Links
from shared.metrics import serve_probes
from shared.secrets import secret_box
from shared.settings import Settings, SettingsError
from shared.usecases.making import mail_leaves, make_signing_in
from shared.usecases.refusals import Refused

_ROUTERS = (
    health.router,
    feed.router,
    browse.router,
    documents.router,
    provisions.router,
    kinds.router,
    ledger.router,
    status.router,
    feeds.router,
    changes.router,
    comparing.router,
    digests.router,
    doubts.router,
    evidence.router,
    preferences.router,
    problems.router,
    consent.unsubscribing,
    consent.confirming,
    signing_in.router,
    *ACCOUNT_PAGES,
    *OPERATOR_PAGES,
    sendgrid.router,
)


_NOTHING = (
    "There is nothing here",
    "The address may be incomplete, or what stood here was never part of this service.",
)
_REFUSALS = {
    303: ("Sign in first", "What you asked for is for members."),
    400: ("That cannot be read", "The form or the address that was sent is not as our pages send it."),
    403: ("That is not yours to do", "It takes another role, or another account."),
    405: (
        "This address cannot be asked so",
        "What sends a form is the button of its page: go back to it and try again.",
    ),
    429: ("Too often", "Try again later."),
    500: ("Something of ours failed", "It is in the logs. Try again in a while."),
}
"""What the page says; of what is there and not shown it says that nothing is there."""


def make_resources(settings: Settings, database: Database, clock: Clock | None = None) -> Resources:
    """The stores and links of this installation; SettingsError where SendGrid's key is none."""
    assets, box, archive = Assets(), secret_box(settings), open_archive(settings.archive_location)
    clock = clock or SystemClock(database.clock_offset())
    return Resources(
        receivers=Receivers(database),
        preferences=Preferences(database),
        changes=Changes(database),
        digests=DigestStore(database),
        platforms=Platforms(database),
        registry=Registry.of(database),
        owned=Owned.of(settings, database, clock),
        operated=Operated.of(settings, database, clock),
        archive=archive,
        exporter=Exporter(Bundling(database), archive),
        feeds=Feeds(database),
        reviews=Reviews(database),
        links=Links(settings.public_url, box),
        clock=clock,
        identity=KnownBy(Sessions(database), ApiKeys(database), clock, box),
        members=Members(database),
        signing_in=make_signing_in(settings, database, clock),
        limits=Limits(
            counts_in(settings.redis_url, clock), settings.api_anonymous_per_minute, settings.trusted_proxies
        ),
        idempotency=IdempotencyKeys(database, box),
        pages=Pages(assets.links),
        assets=assets,
        mail_events=MailEvents(database),
        outbox=Outbox(None if mail_leaves(settings) else settings.data / "outbox"),
        event_key=sendgrid.event_key(settings.sendgrid_event_key),
        is_healthy=database.answers,
        hold=database.hold,
    )


def make_app(resources: Resources, at_once: int | None = None) -> Guard:
    """The ASGI application; in one event loop it works on so many requests at once, on all where no number is said."""
    routes = make_routes(resources)
    larger = {sendgrid.PATH: sendgrid.MOST_BYTES} if resources.event_key else {}
    return Guard(Turns(routes, at_once, resources.hold) if at_once else routes, larger)


def make_routes(resources: Resources) -> FastAPI:
    """Every route and refusal; neither they nor their pages say how they are made."""
    app = FastAPI(
        title="Clausewatch",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(refused_by_pages)],
    )
    app.mount(PREFIX, make_v1(resources))  # before the pages: a request is held against one route after the other
    for make_router in _ROUTERS:
        app.include_router(make_router(resources))
    app.include_router(resources.assets.router())

    async def refuse(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(f"{PREFIX}/"):  # a mount takes no path with a line break in it
            return not_found("address").response()
        status = error.status_code if isinstance(error, HTTPException) else 500
        title, words = _REFUSALS.get(status, _NOTHING)
        if isinstance(error, HTTPException) and status in (403, 429):
            words = error.detail
        answer = said(resources, request, title, words, status=status)
        answer.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return answer

    async def refuse_use_case(request: Request, error: Exception) -> Response:
        if not isinstance(error, Refused):
            return await refuse(request, error)
        if error.kind == "not-found":
            return nothing_here(resources, request, str(error).removeprefix("there is no such "))
        why, place = str(error), "/".join(request.url.path.split("/")[:3])
        answer = framed(
            resources, request, "refused", title="That cannot be done", status=status_of(error), said=why, place=place
        )
        answer.headers.update(refusal(error).headers)
        return answer

    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(Refused, refuse_use_case)
    return app


def run(settings: Settings) -> int:
    """Answer requests until SIGTERM or SIGINT, then finish those under way; the exit status.

    SettingsError where the port is taken.
    """
    with _listening(settings.api_host, settings.api_port) as listener:
        answer, probe = partial(_answer, settings), partial(_probe, settings)
        if settings.api_processes > 1:
            return run_many(settings.api_processes, listener, answer, started=probe)
        probe()
        return answer(listener)


def _probe(settings: Settings) -> None:
    if settings.metrics_port is not None:
        ready = partial(answers, settings.sqlalchemy_url)
        serve_probes(settings.metrics_host, settings.metrics_port, ready=ready, live=lambda: True)


def _answer(settings: Settings, source: socket.socket | Given) -> int:
    database = Database(settings.sqlalchemy_url)
    app = make_app(make_resources(settings, database), settings.api_at_once)
    gc.collect()
    gc.freeze()  # what is there now stays; looking through it again stopped every request for a tenth of a second
    try:
        serve(app, source)
    finally:
        database.close()
    return 0


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=MOST_WAITING)
    except OSError as error:
        said = f"the API cannot listen on {host}:{port} ({error.strerror}): set CLAUSEWATCH_API_PORT to another port"
        raise SettingsError(said) from None
