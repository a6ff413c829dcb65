"""The API as it is served, each answer with the time that it took: what `benchmarks.pages` measures.

python -m benchmarks.page_server PORT
"""

import socket
import sys
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.app import make_app, make_resources
from services.api.serving import serve
from shared.db.session import Database
from shared.logging import configure_logging
from shared.settings import load_settings

HEADER = "x-server-ms"


class Timed:
    """From a request's arrival to its answer, which our routes have ready when they begin to send it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                took = f"{(time.perf_counter() - began) * 1000:.2f}".encode()
                message = {**message, "headers": [*message.get("headers", []), (HEADER.encode(), took)]}
            await send(message)

        await self._app(scope, receive, timed)


def main() -> None:
    """Serve until told to stop."""
    configure_logging("ERROR", json=True, process="page-server")
    settings = load_settings()
    database = Database(settings.sqlalchemy_url)
    try:
        with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
            serve(Timed(make_app(make_resources(settings, database))), listener)
    finally:
        database.close()


if __name__ == "__main__":
    main()
