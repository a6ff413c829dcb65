"""Is the service there, and does its database answer?"""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.api.resources import Resources


def router(resources: Resources) -> APIRouter:
    """`GET /health`: 200, or 503 where the database does not answer."""
    routes = APIRouter()

    @routes.api_route("/health", methods=["GET", "HEAD"])
    def health() -> Response:
        if resources.is_healthy():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "the database does not answer"}, 503)

    return routes
