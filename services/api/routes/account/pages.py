"""All of an account's pages."""

from services.api.routes.account import endpoints, for_all, outbox, overview, people, subscriptions

ACCOUNT_PAGES = (
    overview.router,
    subscriptions.router,
    for_all.mutes,
    for_all.hours,
    endpoints.router,
    endpoints.working,
    people.keys,
    people.members,
    outbox.router,
)
