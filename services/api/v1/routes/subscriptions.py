"""`/subscriptions`: what an account wants to hear of; and the documents that it wants to hear nothing of."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, account_of, known
from services.api.v1.answers import answer, located
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, following, moment_of, page_of
from services.api.v1.problems import documented
from shared.domain.subscriptions import Cadence, Subscription
from shared.usecases.subscribing import Subscribed

_MOST = 100
_SHOWN = 100
_TYPES = ["Terms of Service", "Privacy Policy"]

ProvisionId = Annotated[str, Field(max_length=100, pattern=r"^prv_[0-9A-Za-z_]+$")]
Severity = Literal["editorial", "low", "medium", "high"]
Direction = Literal["worse", "better", "neutral", "mixed"]


class Wanted(BaseModel):
    """What is wanted. Of several values of a kind any fits, of several kinds each has to; none named means all."""

    model_config = ConfigDict(extra="forbid")

    platforms: list[str] = Field(
        default=[], max_length=_MOST, description="Slugs of platforms that are watched", examples=[["lumenforge"]]
    )
    documents: list[str] = Field(default=[], max_length=_MOST, description="Ids")
    types: list[str] = Field(default=[], max_length=_MOST, description="As documents have them", examples=[_TYPES])
    categories: list[str] = Field(
        default=[], max_length=_MOST, description="Ids of the taxonomy", examples=[["contract.termination"]]
    )
    provisions: list[ProvisionId] = Field(
        default=[], max_length=_MOST, description="`provision_id`s; a plan may leave these and categories out"
    )
    directions: list[Direction] = Field(default=[], max_length=4, description="For those bound")
    minimum_severity: Severity = Field(default="low", description="What weighs less is not told")
    cadence: Cadence = Field(
        default=Cadence.IMMEDIATE, description="How soon; by email what the plan includes at the soonest"
    )

    def subscription(self) -> Subscription:
        """As the rules know it."""
        return Subscription(
            platforms=frozenset(self.platforms),
            documents=frozenset(self.documents),
            document_types=frozenset(self.types),
            categories=frozenset(self.categories),
            provisions=frozenset(self.provisions),
            directions=frozenset(self.directions),
            minimum_severity=self.minimum_severity,
            cadence=self.cadence,
        )


class NewSubscription(Wanted):
    """What is wanted, and who is told."""

    endpoints: list[str] = Field(min_length=1, max_length=_MOST, description="Ids of the account's endpoints")


class SubscriptionAnswer(Wanted):
    """A subscription; `reason` says why one is paused that nobody paused by hand."""

    id: str = Field(examples=["sub_abc"])
    state: str = Field(description="active or paused")
    reason: str | None = Field(description="In a word: what of the plan it is over")
    endpoints: list[str] = Field(description="Ids")
    created_at: datetime


class Subscriptions(Page[SubscriptionAnswer]):
    """An account's, oldest first, and on each page the ids of all documents it has muted."""

    muted: list[str] = Field(description="Ids of documents, all of them on each page")


class Reaching(BaseModel):
    """A change that would have been told."""

    id: str
    detected_at: datetime
    platform: str = Field(description="Its name")
    document_id: str
    type: str = Field(description="Of the document")
    severity: str
    direction: str
    headline: str


class Preview(BaseModel):
    """What of the last 90 days would have been told, newest first: how many, and the first hundred."""

    count: int
    items: list[Reaching]


def router(resources: Resources) -> APIRouter:
    """An account's own; changed by its members and owners."""
    routes = APIRouter(prefix="/subscriptions", tags=["subscriptions"])
    owned, subscribing = resources.owned, resources.owned.subscribing
    reader, member = Depends(known(resources)), Depends(known(resources, Role.MEMBER))

    def existing(principal: Principal, subscription_id: str) -> SubscriptionAnswer:
        return _entry(subscribing.one(account_of(principal), subscription_id))

    @routes.get("", response_model=Subscriptions, responses=documented(*REFUSALS), summary="Subscriptions and mutes")
    def listed(
        request: Request, cursor: Cursor = None, limit: Limit = DEFAULT, principal: Principal = reader
    ) -> Response:
        account_id = account_of(principal)
        muted = sorted(owned.subscriptions.muted(account_id))
        every = subscribing.listed(account_id)
        found = following(every, lambda one: (one.row.created_at, one.row.id), moment_of(cursor), limit)
        keys = [(one.row.created_at.isoformat(), one.row.id) for one in found]
        page = page_of([_entry(one) for one in found], keys, limit)
        return answer(request, Subscriptions(items=page.items, next=page.next, muted=muted), is_public=False)

    @routes.post("", status_code=201, responses=documented(*REFUSALS), summary="Subscribe")
    def subscribed(
        request: Request, response: Response, body: NewSubscription, principal: Principal = member
    ) -> SubscriptionAnswer:
        made = subscribing.make(account_of(principal), body.subscription(), body.endpoints)
        located(request, response, made)
        return existing(principal, made)

    @routes.post("/preview", responses=documented(*REFUSALS), summary="What it would have told in the last 90 days")
    def previewed(body: Wanted, principal: Principal = reader) -> Preview:
        found = subscribing.preview(account_of(principal), body.subscription())
        items = [
            Reaching(
                id=one.id,
                detected_at=one.detected_at,
                platform=one.platform,
                document_id=one.facts.document_id,
                type=one.facts.document_type,
                severity=one.facts.severity,
                direction=one.facts.direction,
                headline=one.headline,
            )
            for one in found[:_SHOWN]
        ]
        return Preview(count=len(found), items=items)

    @routes.get(
        "/{subscription_id}",
        response_model=SubscriptionAnswer,
        responses=documented(*REFUSALS, 404),
        summary="One subscription",
    )
    def one(request: Request, subscription_id: Id, principal: Principal = reader) -> Response:
        return answer(request, existing(principal, subscription_id), is_public=False)

    @routes.put("/{subscription_id}", responses=documented(*REFUSALS, 404), summary="Rewrite a subscription")
    def rewritten(subscription_id: Id, body: NewSubscription, principal: Principal = member) -> SubscriptionAnswer:
        subscribing.rewrite(account_of(principal), subscription_id, body.subscription(), body.endpoints)
        return existing(principal, subscription_id)

    @routes.post("/{subscription_id}/pause", responses=documented(*REFUSALS, 404), summary="Tell nothing for now")
    def paused(subscription_id: Id, principal: Principal = member) -> SubscriptionAnswer:
        subscribing.pause(account_of(principal), subscription_id)
        return existing(principal, subscription_id)

    @routes.post("/{subscription_id}/resume", responses=documented(*REFUSALS, 404), summary="Tell again")
    def resumed(subscription_id: Id, principal: Principal = member) -> SubscriptionAnswer:
        subscribing.resume(account_of(principal), subscription_id)
        return existing(principal, subscription_id)

    @routes.delete(
        "/{subscription_id}", status_code=204, responses=documented(*REFUSALS, 404), summary="End a subscription"
    )
    def ended(subscription_id: Id, principal: Principal = member) -> None:
        subscribing.remove(account_of(principal), subscription_id)

    return routes


def muting(resources: Resources) -> APIRouter:
    """`/mutes`: documents that the account hears nothing of, whatever it subscribes to."""
    routes = APIRouter(prefix="/mutes", tags=["subscriptions"])
    subscribing = resources.owned.subscribing
    member = Depends(known(resources, Role.MEMBER))

    @routes.put("/{document_id}", status_code=204, responses=documented(*REFUSALS, 404), summary="Mute a document")
    def muted(document_id: Id, principal: Principal = member) -> None:
        subscribing.mute(account_of(principal), document_id)

    @routes.delete("/{document_id}", status_code=204, responses=documented(*REFUSALS, 404), summary="Unmute it")
    def unmuted(document_id: Id, principal: Principal = member) -> None:
        subscribing.unmute(account_of(principal), document_id)

    return routes


def _entry(subscribed: Subscribed) -> SubscriptionAnswer:
    row, wanted = subscribed.row, subscribed.wanted
    return SubscriptionAnswer.model_validate(
        {
            "id": row.id,
            "state": row.state,
            "reason": row.reason,
            "endpoints": subscribed.endpoints,
            "created_at": row.created_at,
            "platforms": sorted(wanted.platforms),
            "documents": sorted(wanted.documents),
            "types": sorted(wanted.document_types),
            "categories": sorted(wanted.categories),
            "provisions": sorted(wanted.provisions),
            "directions": sorted(wanted.directions),
            "minimum_severity": wanted.minimum_severity,
            "cadence": wanted.cadence,
        }
    )
