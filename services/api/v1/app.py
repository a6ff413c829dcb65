"""The REST application: its routes, its errors, and its description (OpenAPI 3.1)."""

from fastapi import Depends, FastAPI

from services.api.nul import refused_by_rest
from services.api.resources import Resources
from services.api.v1 import problems, webhooks
from services.api.v1.bodies import only_json
from services.api.v1.describing import describe_methods, describe_self
from services.api.v1.idempotency import Idempotent
from services.api.v1.limiting import Limiting
from services.api.v1.routes import (
    account,
    categories,
    changes,
    deliveries,
    document_edits,
    documents,
    endpoints,
    evidence,
    keys,
    ledger,
    members,
    operator,
    platforms,
    provisions,
    search,
    snapshots,
    subscriptions,
    versions,
)

PREFIX = "/api/v1"

_DESCRIPTION = """\
What the terms and policies of online platforms say, provision by provision, and how they change.

What documents say and how they changed is public. What an account owns (subscriptions, endpoints, deliveries, keys)
takes an API key: `Authorization: Bearer cw_…`. Lists come in pages: pass `next` as `cursor`. Errors are problem
details (RFC 9457), whose `type` is the address of a page that says what to do; `/problems` lists them all.

Requests are counted by the minute: by account, as its plan says, and without a key by address. Each answer says where
you stand (`RateLimit-Policy`, `RateLimit`); one too many is answered 429, with `Retry-After` in seconds. Any POST may
carry an `Idempotency-Key`: sent again, it is answered as before and does nothing twice.
"""

_ROUTERS = (
    platforms.router,
    documents.router,
    versions.router,
    snapshots.router,
    provisions.router,
    changes.router,
    categories.router,
    evidence.router,
    ledger.router,
    search.router,
    subscriptions.router,
    subscriptions.muting,
    endpoints.router,
    deliveries.router,
    account.router,
    keys.router,
    members.router,
    document_edits.router,
    operator.router,
)


def make_v1(resources: Resources) -> FastAPI:
    """The application to mount under `PREFIX`."""
    app = FastAPI(
        title="Clausewatch",
        version="1",
        description=_DESCRIPTION,
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        servers=[{"url": PREFIX}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses=problems.documented(422),
        dependencies=[Depends(refused_by_rest), Depends(only_json)],
    )
    problems.install(app)
    webhooks.describe(app)
    for make_router in _ROUTERS:
        app.include_router(make_router(resources))
    app.add_middleware(Idempotent, keys=resources.idempotency, clock=resources.clock)
    app.add_middleware(Limiting, limits=resources.limits, identity=resources.identity)
    describe_methods(app)
    describe_self(app)
    return app
