"""Secrets that are shown once: kept between a form and the page after it in a sealed cookie, which that page ends."""

import json
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.api.resources import Resources
from shared.secrets import Unsealable

COOKIE = "clausewatch_once"
_LIVES_S = 120
_PATH = "/account"


@dataclass(frozen=True, slots=True)
class Once:
    """A secret with the words that say what it is; `of` is the id of what it belongs to."""

    of: str
    words: str
    secret: str


def keep(resources: Resources, answer: Response, once: Once) -> Response:
    """The answer, which brings the secret to the page that it leads to."""
    sealed = resources.links.box.seal(json.dumps(asdict(once)))
    is_secure = resources.links.base.startswith("https:")
    answer.set_cookie(COOKIE, sealed, max_age=_LIVES_S, path=_PATH, httponly=True, samesite="lax", secure=is_secure)
    return answer


def kept(resources: Resources, request: Request) -> Once | None:
    """What the form before left to be shown."""
    sealed = request.cookies.get(COOKIE)
    if not sealed:
        return None
    try:
        return Once(**json.loads(resources.links.box.open(sealed)))
    except (Unsealable, ValueError):
        return None


def forgotten(answer: Response, once: Once | None) -> Response:
    """The answer that showed it, after which nothing does."""
    if once:
        answer.delete_cookie(COOKIE, path=_PATH)
    return answer
