"""All of an account's pages."""

from services.api.routes.account import endpoints, subscriptions

ACCOUNT_PAGES = (subscriptions.router, subscriptions.settings, endpoints.router)
