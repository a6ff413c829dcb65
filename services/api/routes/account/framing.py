"""What the pages for members and operators share: who may see and send them, their sections, what was just done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from starlette.responses import RedirectResponse

from services.api.forms import Form, whole_form
from services.api.frame import framed
from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.signed_in import member_of, posted
from services.api.v1.access import account_of

_DONE = {
    "saved": "It is saved.",
    "paused": "It is paused.",
    "resumed": "It is active again.",
    "removed": "It is removed.",
    "muted": "The document is muted: nothing more is told of it.",
    "unmuted": "The document is told of again.",
    "hours": "The hours are saved; they hold for all subscriptions.",
    "added": "It is added.",
    "asked-sent": "It is added. A mail asks its reader for consent; nothing else is sent there before they agree.",
    "asked-too-soon": "It is added, but that address was asked too often: ask it again later.",
    "asked-suppressed": "It is added, but its reader wanted no more mail, and is not asked.",
    "asked-no-public-url": "It is added, but no mail can link here: CLAUSEWATCH_PUBLIC_URL is not set.",
    "asked-again-sent": "The mail that asks for consent is sent again.",
    "asked-again-too-soon": "It was asked too often: try again later.",
    "asked-again-suppressed": "Its reader wanted no more mail, and is not asked.",
    "asked-again-no-public-url": "No mail can link here: CLAUSEWATCH_PUBLIC_URL is not set.",
    "already": "It was there already, and is left as it is.",
    "test": "A test is on its way; its delivery is listed here.",
    "replayed": "It is sent again, with the same id.",
    "revoked": "The key is revoked: it proves nothing any more.",
    "role": "The role is changed.",
    "checking": "It is looked at as soon as its host allows.",
    "accepted": "The text is accepted; the check that confirms it is due now.",
    "settled": "What readers said of that change is settled.",
    "corrected": "The change is corrected, and those who were told of it are told so.",
    "retracted": "The change is retracted, and those who were told of it are told so.",
    "same": "Nothing changed: it was so already.",
}
"""What a page says at its top after a redirect, by the word in its address: nobody else's words can stand there."""

_ACCOUNT = {
    "/account": "Overview",
    "/account/subscriptions": "Subscriptions",
    "/account/endpoints": "Endpoints",
    "/account/keys": "API keys",
    "/account/members": "Members",
}
_OPERATOR = {
    "/operator": "Sources",
    "/operator/quarantine": "Quarantine",
    "/operator/reviews": "Reviews",
    "/operator/queues": "Queues",
}


@dataclass(frozen=True, slots=True)
class Posted:
    """A form, and who sent it."""

    who: Principal
    form: Form

    @property
    def account_id(self) -> str:
        return account_of(self.who)


def seeing(
    resources: Resources, role: Role = Role.READ_ONLY, *, is_operator: bool = False
) -> Callable[[Request], Principal]:
    """A dependency that gives who is signed in; see `services.api.signed_in.member_of`."""

    def who(request: Request) -> Principal:
        return member_of(resources, request, role, is_operator=is_operator)

    return who


def posting(
    resources: Resources, role: Role = Role.MEMBER, *, is_operator: bool = False
) -> Callable[..., Awaitable[Posted]]:
    """A dependency that gives the form that a page of ours showed to somebody who may send it."""

    who_may = Depends(seeing(resources, role, is_operator=is_operator))

    async def read(request: Request, who: Principal = who_may) -> Posted:
        await posted(resources, request)
        return Posted(who, await whole_form(request))

    return read


def shown(
    resources: Resources, request: Request, name: str, *, title: str, here: str, status: int = 200, **values: Any
) -> Response:
    """The template within the frame and among the sections; `here` is its section's path."""
    is_account = here.startswith("/account")
    sections = dict(_ACCOUNT if is_account else _OPERATOR)
    if is_account and resources.outbox.is_used:
        sections["/account/outbox"] = "Outbox"
    done = _DONE.get(request.query_params.get("done", ""), "")
    return framed(
        resources,
        request,
        name,
        title=title,
        here="/account" if is_account else "/operator",
        section=here,
        sections=sections,
        status=status,
        done=done,
        **values,
    )


def done(place: str, word: str, **query: str) -> Response:
    """On to a page that says so."""
    return RedirectResponse(f"{place}?{urlencode({'done': word, **query})}", 303)
