"""Who may use a route: said once, beside the route."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints
from starlette.requests import Request

from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.v1.problems import Problem

CSRF_HEADER = "X-CSRF-Token"
REFUSALS = (401, 403)
"""What such a route answers to those who may not use it; `responses=documented(*REFUSALS, …)`."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Id = Annotated[str, Path(max_length=100, pattern=r"^[a-z]+_[0-9A-Za-z_]+$")]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
"""A name that somebody types: one line, not empty."""


def known(
    resources: Resources, role: Role = Role.READ_ONLY, *, is_operator: bool = False
) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that gives whoever asks, where they have that role in an account, or run the installation.

    Problem 401 for anybody; 403 for a smaller role, and for a browser that does not prove that a page of ours asks.
    """

    async def who(request: Request) -> Principal:  # was found out when the request was counted: nothing waits here
        principal = resources.identity.identify(request)
        if not principal.is_known:
            said = "this takes an API key: `Authorization: Bearer cw_…`; make one under Account"
            raise Problem("sign-in", said, headers={"WWW-Authenticate": "Bearer"})
        if is_operator and not principal.is_operator:
            raise Problem("operators-only", "only who runs this installation may do that")
        if not is_operator and not principal.may(role):
            raise Problem("role", f"that takes the role {role.value}, or a greater one")
        if principal.by_session and request.method not in _SAFE:
            _prove_page(resources, request)
        return principal

    return who


def account_of(principal: Principal) -> str:
    """The id of the account that a known principal acts for."""
    if principal.account_id is None:
        raise TypeError("nobody in particular owns nothing")
    return principal.account_id


def _prove_page(resources: Resources, request: Request) -> None:
    if not resources.identity.proves_csrf(request, request.headers.get(CSRF_HEADER, "")):
        raise Problem("csrf", f"a browser's session changes things with the header {CSRF_HEADER} of our pages alone")
