"""`/deliveries`: what was sent, what waits, and why."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, account_of, known
from services.api.v1.answers import answer
from services.api.v1.filters import Moment
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, moment_of, page_of
from services.api.v1.problems import documented
from shared.db.notifier.accounts import ListedDelivery
from shared.db.notifier.replay import UNDELIVERED
from shared.domain.deliveries import Channel, DeliveryState
from shared.domain.subscriptions import Cadence


class Delivery(BaseModel):
    """One notice to one endpoint; where it is not simply sent, `reason` says why."""

    id: str = Field(examples=["dlv_abc"])
    notice_kind: str = Field(examples=["change.detected"])
    subject: str = Field(description="What it tells of", examples=["change:chg_abc"])
    channel: Channel
    endpoint_id: str
    address: str = Field(description="Of the endpoint as it is now; a Slack URL is not shown whole")
    state: DeliveryState
    reason: str | None = Field(description="In a word: digest, quota, plan-endpoints, …")
    cadence: Cadence
    attempts: int
    due_at: datetime = Field(description="When it is tried next, where it waits")
    created_at: datetime
    settled_at: datetime | None = Field(description="When nothing more was to be done")

    @classmethod
    def of(cls, delivery: ListedDelivery) -> Self:
        """As it is answered."""
        return cls.model_validate(delivery, from_attributes=True)


class Attempt(BaseModel):
    """One try: `answer` is the first 2 KB of what the endpoint said."""

    n: int = Field(description="From 1")
    at: datetime
    duration_ms: int
    outcome: str
    status: int | None = Field(description="Of HTTP, where there was an answer")
    error: str | None = Field(description="In a word, where there was none or a bad one: http-status, timeout, …")
    answer: str | None


class DeliveryWithLog(Delivery):
    """A delivery with every attempt at it, in order."""

    attempt_log: list[Attempt]


class Replay(BaseModel):
    """Which deliveries are sent again. Delivered ones go to webhooks alone, whose receivers know a repeat by its id."""

    model_config = ConfigDict(extra="forbid")

    states: list[DeliveryState] = Field(
        default=sorted(UNDELIVERED), min_length=1, max_length=4, description="Of failed, ambiguous, dead, delivered"
    )
    endpoint: str | None = Field(default=None, max_length=100, description="An id; none: every endpoint")
    since: Moment | None = Field(default=None, description="Made then or later")


class Replayed(BaseModel):
    """How many deliveries are due now."""

    count: int


def router(resources: Resources) -> APIRouter:
    """An account's own; sent again by its members and owners."""
    routes = APIRouter(prefix="/deliveries", tags=["deliveries"])
    owned, endpoints = resources.owned, resources.owned.endpoints
    reader, member = Depends(known(resources)), Depends(known(resources, Role.MEMBER))

    @routes.get("", response_model=Page[Delivery], responses=documented(*REFUSALS), summary="Deliveries, newest first")
    def listed(
        request: Request,
        state: Annotated[
            list[DeliveryState] | None, Query(max_length=len(DeliveryState), description="None: every state")
        ] = None,
        endpoint: Annotated[str | None, Query(max_length=100, pattern=r"^ep_\w+$", description="An id")] = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT,
        principal: Principal = reader,
    ) -> Response:
        found = owned.store.deliveries(
            account_of(principal),
            states=[one.value for one in state or ()],
            endpoint_id=endpoint,
            after=moment_of(cursor),
            limit=limit + 1,
        )
        keys = [(one.created_at.isoformat(), one.id) for one in found]
        return answer(request, page_of([Delivery.of(one) for one in found], keys, limit), is_public=False)

    @routes.get(
        "/{delivery_id}",
        response_model=DeliveryWithLog,
        responses=documented(*REFUSALS, 404),
        summary="One delivery with every attempt",
    )
    def one(request: Request, delivery_id: Id, principal: Principal = reader) -> Response:
        found = endpoints.delivery(account_of(principal), delivery_id)
        log = [Attempt(**row.model_dump(exclude={"delivery_id"})) for row in owned.store.attempts(delivery_id)]
        return answer(request, DeliveryWithLog(**asdict(found), attempt_log=log), is_public=False)

    @routes.post("/replay", status_code=202, responses=documented(*REFUSALS), summary="Send many again")
    def replayed(body: Replay, principal: Principal = member) -> Replayed:
        count = endpoints.send_many_again(account_of(principal), body.states, body.endpoint, body.since)
        return Replayed(count=count)

    @routes.post(
        "/{delivery_id}/retry", status_code=202, responses=documented(*REFUSALS, 404, 409), summary="Send it again"
    )
    def retried(delivery_id: Id, principal: Principal = member) -> Delivery:
        endpoints.send_again(account_of(principal), delivery_id)
        return Delivery.of(endpoints.delivery(account_of(principal), delivery_id))

    return routes
