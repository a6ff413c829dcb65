"""`/operator/queues`: how much waits for each service, since when, and what was given up."""

from fastapi import APIRouter, Depends, Request, Response

from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown

_PLACE = "/operator/queues"
_DEAD = 100


def router(resources: Resources) -> APIRouter:
    """The operator's."""
    routes = APIRouter(dependencies=[Depends(seeing(resources, is_operator=True))])
    operated, post = resources.operated, Depends(posting(resources, is_operator=True))

    @routes.get(_PLACE)
    def show(request: Request) -> Response:
        now = resources.clock.now()
        work = operated.backlog.work(now)
        queues = [(one, (now - one.due.oldest).total_seconds() if one.due.oldest else None) for one in work.queues]
        return shown(
            resources,
            request,
            "operator/queues",
            title="Queues",
            here=_PLACE,
            queues=queues,
            given_up=work.given_up,
            dead=operated.outbox.dead_letters(_DEAD),
            count=request.query_params.get("count", ""),
        )

    @routes.post("/operator/dead-letters/retry")
    def revived(_sent: Posted = post) -> Response:
        return done(_PLACE, "revived", count=str(operated.outbox.revive(resources.clock.now())))

    return routes
