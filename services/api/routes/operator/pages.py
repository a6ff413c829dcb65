"""All pages of who runs the installation."""

from services.api.routes.operator import documents, queues, reviewing, selectors, sources

OPERATOR_PAGES = (
    sources.router,
    documents.router,
    selectors.router,
    reviewing.quarantine,
    reviewing.reviews,
    reviewing.changes,
    queues.router,
)
