"""Errors as problem details (RFC 9457): what is wrong, where, and how to mend it, never how we are made."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.api.principals import BadCredentials
from services.api.v1.no_json import why_no_json
from shared.logging import get_logger
from shared.usecases.refusals import Refused

MEDIA_TYPE = "application/problem+json"
_REFUSALS = {"invalid": 422, "address": 422, "not-found": 404, "plan": 403, "operators-only": 403, "archive": 503}
"""Statuses of what a use case refuses, by its kind; any other is a conflict with how things stand."""


RETRY_AFTER_S = 5
"""Until what is not yet so may be asked for again."""


class Fault(BaseModel):
    """One thing wrong with a request."""

    where: str = Field(description="The field, as a path: `query.limit`, `body.declaration.select.0`")
    why: str


class ProblemDetail(BaseModel):
    """An error (RFC 9457). `type` is stable: act on it, show `detail` to people."""

    type: str = Field(examples=["/problems/not-found"])
    title: str
    status: int
    detail: str
    faults: list[Fault] | None = None


class Problem(Exception):
    """An answer that is an error. `slug` names its kind in `type`."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.faults, self.headers = list(faults), dict(headers or {})

    def response(self) -> Response:
        """The answer."""
        body = ProblemDetail(
            type=f"/problems/{self.slug}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            faults=self.faults or None,
        )
        content = body.model_dump(exclude_none=True)
        return JSONResponse(content, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def not_found(what: str) -> Problem:
    """The one answer to what is not there and what is another's."""
    return Problem(404, "not-found", f"there is no such {what}")


def bad_credentials() -> Problem:
    """The answer to a key that is not, or no longer, good, also where no key is needed: its program should know."""
    said = "the API key is not good: make a new one under Account, or leave it out to read what is public"
    return Problem(401, "bad-credentials", said, headers={"WWW-Authenticate": "Bearer"})


def status_of(error: Refused) -> int:
    """The status that an answer has which says that a use case refused."""
    return _REFUSALS.get(error.kind, 409)


def refusal(error: Refused) -> Problem:
    """What a use case refuses, as an answer; a field of its is one of the body's."""
    status, where = status_of(error), f"body.{error.field}"
    if not error.field:
        wait = {"Retry-After": str(RETRY_AFTER_S)} if error.kind in ("not-yet", "archive") else None
        return Problem(status, error.kind, str(error), headers=wait)
    return Problem(status, error.kind, f"{where}: {error}", faults=[Fault(where=where, why=str(error))])


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route that may answer with these errors, beside those that any route may."""
    described: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        described[status] = {
            "model": ProblemDetail,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {}},
        }
    return described


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""

    async def ours(_request: Request, error: Exception) -> Response:
        return error.response() if isinstance(error, Problem) else _unforeseen(error)

    async def of_use_case(_request: Request, error: Exception) -> Response:
        return refusal(error).response() if isinstance(error, Refused) else _unforeseen(error)

    async def of_http(_request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return _unforeseen(error)
        if error.status_code == HTTPStatus.BAD_REQUEST and isinstance(error.__cause__, ValueError | RecursionError):
            why = why_no_json(error.__cause__)
            return Problem(422, "invalid", f"body: {why}", faults=[Fault(where="body", why=why)]).response()
        slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return Problem(error.status_code, slug, str(error.detail), headers=error.headers).response()

    async def of_validation(_request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            return _unforeseen(error)
        faults = [Fault(where=".".join(map(str, one["loc"])), why=one["msg"]) for one in error.errors()]
        if isinstance(error.__cause__, ValueError):  # of the parser, which knows lines
            faults = [Fault(where="body", why=why_no_json(error.__cause__))]
        said = "; ".join(f"{fault.where}: {fault.why}" for fault in faults[:3])
        return Problem(422, "invalid", said, faults=faults).response()

    async def of_credentials(_request: Request, _error: Exception) -> Response:
        return bad_credentials().response()

    async def unforeseen(_request: Request, error: Exception) -> Response:
        return _unforeseen(error)

    app.add_exception_handler(Problem, ours)
    app.add_exception_handler(Refused, of_use_case)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(BadCredentials, of_credentials)
    app.add_exception_handler(Exception, unforeseen)


def _unforeseen(error: Exception) -> Response:
    get_logger().error("api.fault", exc_info=error)
    return Problem(500, "fault", "a fault of ours; it is in the log").response()
