"""`/account`: what the plan allows and what is used of it, what it held back, and the digests."""

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.api.principals import Principal
from services.api.resources import Resources
from services.api.routes.account.framing import seeing, shown
from services.api.v1.access import account_of
from shared.domain.deliveries import Reason
from shared.domain.plans import Plan, limit_of, nearly_full, plan_named, quota_phase
from shared.domain.subscriptions import CADENCES

_DIGESTS = 10


def router(resources: Resources) -> APIRouter:
    """One page; for all members."""
    routes = APIRouter()
    owned, reader = resources.owned, Depends(seeing(resources))

    @routes.get("/account")
    def show(request: Request, who: Principal = reader) -> Response:
        account_id = account_of(who)
        used = owned.overview.used(account_id, resources.clock.now())
        if used is None:
            raise HTTPException(404)
        plan, usage = plan_named(used.account.plan), used.usage
        outlook = owned.overview.outlook(account_id, _DIGESTS)
        return shown(
            resources,
            request,
            "account/overview",
            title=used.account.name,
            here="/account",
            plan=plan,
            cadences=[one for one in CADENCES if one in plan.email_cadences],
            platforms=len(usage.platforms),
            push_endpoints=len(usage.push_endpoints),
            today=used.today,
            warnings=[*nearly_full(plan, usage), *_of_today(plan, used.today)],
            held=[(one, _why(plan, one.reason)) for one in outlook.held],
            waiting=outlook.waiting,
            digests=outlook.digests,
        )

    return routes


def _of_today(plan: Plan, used: int) -> list[str]:
    if quota_phase(used, 0, plan.deliveries_per_day) is None:
        return []
    return [f"{used} of today’s {plan.deliveries_per_day} deliveries are used; what is over goes into a digest"]


def _why(plan: Plan, reason: str) -> str:
    """The limit that held it back, in words."""
    try:
        return limit_of(plan, Reason(reason))
    except (KeyError, ValueError):
        return reason
