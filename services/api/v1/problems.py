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
from services.api.v1.problem_kinds import KINDS, ProblemKind, address_of
from shared.logging import get_logger
from shared.usecases.refusals import Refused

MEDIA_TYPE = "application/problem+json"
_OF_FRAMEWORK: Mapping[int, ProblemKind] = {400: "invalid", 404: "not-found", 405: "method-not-allowed"}
"""Kinds of what the framework itself refuses, by its status."""

RETRY_AFTER_S = 5
"""Until what is not yet so may be asked for again."""


class Fault(BaseModel):
    """One thing wrong with a request."""

    where: str = Field(description="The field, as a path: `query.limit`, `body.declaration.select.0`")
    why: str


class ProblemDetail(BaseModel):
    """An error (RFC 9457). `type` is stable: act on it, show `detail` to people."""

    type: str = Field(
        description="The kind of error, and the address of a page on what causes it and how to mend it; "
        "`/problems` lists them all",
        examples=[address_of(kind) for kind in KINDS],
    )
    title: str = Field(description="The kind in words", examples=[KINDS["not-found"].title])
    status: int = Field(description="That of the answer", examples=[KINDS["not-found"].status])
    detail: str = Field(description="What is wrong with this request", examples=["there is no such document"])
    faults: list[Fault] | None = Field(
        default=None, description="Each thing that is wrong; left out where none is named"
    )


class Problem(Exception):
    """An answer that is an error of that kind, with its status."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.status, self.detail = kind, KINDS[kind].status, detail
        self.faults, self.headers = list(faults), dict(headers or {})

    def response(self) -> Response:
        """The answer."""
        body = ProblemDetail(
            type=address_of(self.kind),
            title=KINDS[self.kind].title,
            status=self.status,
            detail=self.detail,
            faults=self.faults or None,
        )
        content = body.model_dump(exclude_none=True)
        return JSONResponse(content, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def not_found(what: str) -> Problem:
    """The one answer to what is not there and what is another's."""
    return Problem("not-found", f"there is no such {what}")


def bad_credentials() -> Problem:
    """The answer to a key that is not, or no longer, good, also where no key is needed: its program should know."""
    said = "the API key is not good: make a new one under Account, or leave it out to read what is public"
    return Problem("bad-credentials", said, headers={"WWW-Authenticate": "Bearer"})


def status_of(error: Refused) -> int:
    """The status that an answer has which says that a use case refused."""
    return KINDS[error.kind].status


def refusal(error: Refused) -> Problem:
    """What a use case refuses, as an answer; a field of its is one of the body's."""
    where = f"body.{error.field}"
    if not error.field:
        wait = {"Retry-After": str(RETRY_AFTER_S)} if error.kind in ("not-yet", "archive") else None
        return Problem(error.kind, str(error), headers=wait)
    return Problem(error.kind, f"{where}: {error}", faults=[Fault(where=where, why=str(error))])


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
            return Problem("invalid", f"body: {why}", faults=[Fault(where="body", why=why)]).response()
        kind = _OF_FRAMEWORK.get(error.status_code)
        return Problem(kind, str(error.detail), headers=error.headers).response() if kind else _unforeseen(error)

    async def of_validation(_request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            return _unforeseen(error)
        faults = [Fault(where=".".join(map(str, one["loc"])), why=one["msg"]) for one in error.errors()]
        if isinstance(error.__cause__, ValueError):  # of the parser, which knows lines
            faults = [Fault(where="body", why=why_no_json(error.__cause__))]
        said = "; ".join(f"{fault.where}: {fault.why}" for fault in faults[:3])
        return Problem("invalid", said, faults=faults).response()

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
    return Problem("fault", "a fault of ours; it is in the log").response()
