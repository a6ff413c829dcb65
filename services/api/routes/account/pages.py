"""All of an account's pages."""

from services.api.routes.account import endpoints, outbox, overview, people, subscriptions

ACCOUNT_PAGES = (
    overview.router,
    subscriptions.router,
    subscriptions.settings,
    endpoints.router,
    endpoints.working,
    people.keys,
    people.members,
    outbox.router,
)
