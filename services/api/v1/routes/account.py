"""`/account`: who asks, what the account's plan allows, and what is used of it."""

from dataclasses import asdict
from datetime import datetime
from typing import Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, account_of, known
from services.api.v1.answers import answer
from services.api.v1.problems import documented, not_found
from shared.domain.plans import Plan, plan_named
from shared.domain.subscriptions import CADENCES, Cadence


class PlanLimits(BaseModel):
    """A plan's limits; null means that there is none."""

    name: str = Field(examples=["watcher"])
    platforms: int | None = Field(description="That subscriptions may name, each counted once")
    email_cadences: list[Cadence] = Field(description="How soon it tells by email, soonest first")
    push_endpoints: int = Field(description="Webhook and Slack endpoints together")
    by_provision: bool = Field(description="Whether subscriptions may name categories and provisions")
    regulatory: bool
    deliveries_per_day: int = Field(description="By UTC day")
    history_days: int | None
    requests_per_minute: int

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """As it is answered."""
        return cls(**{**asdict(plan), "email_cadences": [one for one in CADENCES if one in plan.email_cadences]})


class Used(BaseModel):
    """What an account uses of its plan."""

    platforms: int
    push_endpoints: int
    deliveries_today: int


class Account(BaseModel):
    """The account of whoever asks, and what they may do in it."""

    id: str = Field(examples=["acc_abc"])
    name: str
    timezone: str = Field(description="Of its days and weeks, as the IANA names it")
    created_at: datetime
    plan: PlanLimits
    used: Used
    role: Role = Field(description="Of the key or session that asks")
    is_operator: bool = Field(description="Whether it also runs the installation")


def router(resources: Resources) -> APIRouter:
    """One object; for all who belong to the account."""
    routes = APIRouter(prefix="/account", tags=["account"])
    owned, reader = resources.owned, Depends(known(resources))

    @routes.get("", response_model=Account, responses=documented(*REFUSALS, 404), summary="Plan and usage")
    def one(request: Request, principal: Principal = reader) -> Response:
        account_id = account_of(principal)
        found = owned.overview.used(account_id, resources.clock.now())
        if found is None:
            raise not_found("account")
        row = found.account
        used = Used(
            platforms=len(found.usage.platforms),
            push_endpoints=len(found.usage.push_endpoints),
            deliveries_today=found.today,
        )
        shown = Account(
            id=row.id,
            name=row.name,
            timezone=row.timezone,
            created_at=row.created_at,
            plan=PlanLimits.of(plan_named(row.plan)),
            used=used,
            role=principal.role or Role.READ_ONLY,
            is_operator=principal.is_operator,
        )
        return answer(request, shown, is_public=False)

    return routes
