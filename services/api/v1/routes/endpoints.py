"""`/endpoints`: where an account is told."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, account_of, known
from services.api.v1.answers import answer, located
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, following, moment_of, page_of
from services.api.v1.problems import Fault, Problem, documented
from shared.db.tables import EndpointRow
from shared.domain.consent import Asked
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.endpoint_addresses import UnusableAddress
from shared.usecases.accounts import NotAllowed
from shared.usecases.rotation import LONGEST_OVERLAP, OVERLAP


class NewEndpoint(BaseModel):
    """Where to tell."""

    model_config = ConfigDict(extra="forbid")

    kind: Channel
    address: Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f]+$")] = Field(
        description="An email address, or the URL of a webhook", examples=["https://receiver.example/hook"]
    )


class Endpoint(BaseModel):
    """An endpoint; `reason` says why one is not told. A Slack URL is a secret, and never shown whole."""

    id: str = Field(examples=["ep_abc"])
    kind: Channel
    address: str
    state: EndpointState
    reason: str | None
    failing_since: datetime | None
    failures: int = Field(description="Attempts that failed since then")
    old_secret_until: datetime | None = Field(description="Until then the secret before the last one signs too")
    created_at: datetime

    @classmethod
    def of(cls, row: EndpointRow) -> Self:
        """As it is answered: without its secrets."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class AddedEndpoint(BaseModel):
    """An endpoint that is there now. `secret` is a new webhook's, shown this once; `asked` what came of asking a
    new mailbox's reader for consent."""

    endpoint: Endpoint
    secret: str | None
    asked: str | None = Field(description="sent, too-soon, suppressed or no-public-url")

    @classmethod
    def of(cls, row: EndpointRow, secret: str | None, asked: Asked | None) -> Self:
        """As it is answered."""
        return cls(endpoint=Endpoint.of(row), secret=secret, asked=asked.outcome if asked else None)


class Rotate(BaseModel):
    """How long the old secret signs beside the new one."""

    model_config = ConfigDict(extra="forbid")

    overlap_s: int = Field(default=int(OVERLAP.total_seconds()), ge=0, le=int(LONGEST_OVERLAP.total_seconds()))


class RotatedSecret(BaseModel):
    """The new secret, shown this once."""

    secret: str
    old_signs_until: datetime


class Test(BaseModel):
    """A test that is on its way."""

    delivery: str


def router(resources: Resources) -> APIRouter:
    """An account's own; changed by its members and owners."""
    routes = APIRouter(prefix="/endpoints", tags=["endpoints"])
    owned, endpoints = resources.owned, resources.owned.endpoints
    reader, member = Depends(known(resources)), Depends(known(resources, Role.MEMBER))

    def existing(principal: Principal, endpoint_id: str) -> Endpoint:
        return Endpoint.of(endpoints.one(account_of(principal), endpoint_id))

    @routes.get("", response_model=Page[Endpoint], responses=documented(*REFUSALS), summary="Endpoints, oldest first")
    def listed(
        request: Request, cursor: Cursor = None, limit: Limit = DEFAULT, principal: Principal = reader
    ) -> Response:
        every = owned.store.endpoints(account_of(principal))
        found = following(every, lambda row: (row.created_at, row.id), moment_of(cursor), limit)
        keys = [(row.created_at.isoformat(), row.id) for row in found]
        return answer(request, page_of([Endpoint.of(row) for row in found], keys, limit), is_public=False)

    @routes.post("", status_code=201, responses=documented(*REFUSALS), summary="Add an endpoint")
    def added(request: Request, response: Response, body: NewEndpoint, principal: Principal = member) -> AddedEndpoint:
        try:
            made = owned.accounts.add_endpoint(account_of(principal), body.kind, body.address)
        except UnusableAddress as error:
            faults = [Fault(where="body.address", why=str(error))]
            raise Problem("address", str(error), faults=faults) from None
        except NotAllowed as error:
            raise Problem("plan", f"{error}; a larger plan includes more") from None
        located(request, response, made.endpoint.id)
        return AddedEndpoint.of(made.endpoint, made.secret, made.asked)

    @routes.get("/{endpoint_id}", response_model=Endpoint, responses=documented(*REFUSALS, 404), summary="One endpoint")
    def one(request: Request, endpoint_id: Id, principal: Principal = reader) -> Response:
        return answer(request, existing(principal, endpoint_id), is_public=False)

    @routes.post(
        "/{endpoint_id}/test", status_code=202, responses=documented(*REFUSALS, 404, 409), summary="Send a test"
    )
    def tested(endpoint_id: Id, principal: Principal = member) -> Test:
        return Test(delivery=endpoints.test(account_of(principal), endpoint_id))

    @routes.post("/{endpoint_id}/rotate", responses=documented(*REFUSALS, 404, 409), summary="A new signing secret")
    def rotated(endpoint_id: Id, body: Rotate, principal: Principal = member) -> RotatedSecret:
        new = endpoints.rotate(account_of(principal), endpoint_id, timedelta(seconds=body.overlap_s))
        return RotatedSecret(secret=new.secret, old_signs_until=new.old_signs_until)

    @routes.post("/{endpoint_id}/pause", responses=documented(*REFUSALS, 404, 409), summary="Tell it nothing for now")
    def paused(endpoint_id: Id, principal: Principal = member) -> Endpoint:
        endpoints.pause(account_of(principal), endpoint_id)
        return existing(principal, endpoint_id)

    @routes.post("/{endpoint_id}/enable", responses=documented(*REFUSALS, 404, 409), summary="Tell it again")
    def enabled(endpoint_id: Id, principal: Principal = member) -> Endpoint:
        endpoints.enable(account_of(principal), endpoint_id)
        return existing(principal, endpoint_id)

    @routes.delete("/{endpoint_id}", status_code=204, responses=documented(*REFUSALS, 404), summary="Remove it")
    def removed(endpoint_id: Id, principal: Principal = member) -> None:
        endpoints.remove(account_of(principal), endpoint_id)

    return routes
