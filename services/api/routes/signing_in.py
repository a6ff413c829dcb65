"""Signing in by a link: asked for with an address, mailed, and good for once. Nobody learns who is a member."""

from math import ceil

from fastapi import APIRouter, BackgroundTasks, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from services.api.addresses import client_of
from services.api.forms import read_form
from services.api.frame import WAYS_ON, asker, framed, no_such_link
from services.api.identity import COOKIE
from services.api.resources import Resources
from services.api.signed_in import is_local, posted
from shared.db.identity.sessions import LIVES
from shared.domain.consent import SIGN_IN_WITHIN
from shared.domain.deliveries import Channel
from shared.domain.endpoint_addresses import UnusableAddress, usable
from shared.logging import get_logger

_NEXT = "clausewatch_next"
"""A cookie: where to go on after the link in the mail."""

ASKED_AN_HOUR = 30
"""How often one network address may ask for links, whomever they are for."""
_HOUR_S = 3600.0


def router(resources: Resources) -> APIRouter:
    """`/sign-in`, the link that is mailed, and `/sign-out`."""
    routes = APIRouter()

    @routes.get("/sign-in")
    def form(request: Request, next: str = "/") -> Response:
        return _form(request, next)

    @routes.post("/sign-in")
    async def ask(request: Request, tasks: BackgroundTasks) -> Response:
        await run_in_threadpool(_check_pace, resources, request)
        fields = await read_form(request)
        given = fields.get("email", "")
        try:
            address = usable(Channel.EMAIL, given, resources.operated.policy)
        except UnusableAddress as error:
            return _form(request, fields.get("next", "/"), given=given, fault=str(error), status=422)
        tasks.add_task(resources.signing_in.mail_link, address)  # after the answer: it takes as long for a stranger
        minutes, is_open = int(SIGN_IN_WITHIN.total_seconds()) // 60, resources.signing_in.takes_newcomers
        said = framed(
            resources, request, "sign_in_sent", title="Look into your mailbox", minutes=minutes, is_open=is_open
        )
        said.background = tasks
        if is_local(place := fields.get("next", "/")):
            _set(said, _NEXT, place, int(SIGN_IN_WITHIN.total_seconds()))
        return said

    @routes.get("/sign-in/{link_id}/{token}")
    def confirm(request: Request, link_id: str, token: str) -> Response:
        if not resources.links.may_sign_in(link_id, token):
            return _used_up(request)
        words = ("The link works once, in this browser.",)
        return framed(resources, request, "ask", title="Sign in to Clausewatch", words=words, button="Sign in")

    @routes.post("/sign-in/{link_id}/{token}")
    def sign_in(request: Request, link_id: str, token: str) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise HTTPException(403, "Another site tried to sign you in. Open the link of the mail itself.")
        proven = resources.links.may_sign_in(link_id, token)
        member = resources.signing_in.redeem(link_id) if proven else None
        if member is None:
            return _used_up(request)
        get_logger().info("member.signed_in", member_id=member.id)
        place = request.cookies.get(_NEXT, "")
        answer = RedirectResponse(place if is_local(place) else "/", 303)
        session = resources.identity.sessions.begin(member.id, resources.clock.now())
        _set(answer, COOKIE, session, int(LIVES.total_seconds()))
        answer.delete_cookie(_NEXT)
        return answer

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        await posted(resources, request)
        resources.identity.sessions.end(request.cookies[COOKIE])
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def _form(request: Request, place: str, *, given: str = "", fault: str = "", status: int = 200) -> Response:
        if asker(resources, request).by_session:
            return RedirectResponse(place if is_local(place) else "/", 303)
        place = place if is_local(place) else "/"
        values = {"place": place, "given": given, "fault": fault, "is_open": resources.signing_in.takes_newcomers}
        return framed(resources, request, "sign_in", title="Sign in", here="/sign-in", status=status, **values)

    def _used_up(request: Request) -> Response:
        minutes = int(SIGN_IN_WITHIN.total_seconds()) // 60
        why = f"It signs in once and for {minutes} minutes, and only where it is complete. Have another one mailed."
        return no_such_link(resources, request, why, (("/sign-in", "Mail me a new link"), *WAYS_ON))

    def _set(answer: Response, name: str, value: str, seconds: int) -> None:
        is_secure = resources.links.base.startswith("https:")
        answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=is_secure)

    return routes


def _check_pace(resources: Resources, request: Request) -> None:
    """HTTPException 429 where somebody has links mailed to one address after another."""
    client = client_of(request, resources.limits.trusted_proxies)
    asked = resources.limits.counts.take(f"sign-in:{client}", _HOUR_S)
    if asked.count > ASKED_AN_HOUR:
        said = f"From your network links were asked for {ASKED_AN_HOUR} times within an hour. Try again later."
        raise HTTPException(429, said, headers={"Retry-After": str(max(1, ceil(asked.left_s)))})
