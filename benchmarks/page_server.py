"""The API as it is served, each answer with the time that it took: what `benchmarks.pages` measures.

python -m benchmarks.page_server PORT PROCESSES
"""

import gc
import socket
import sys
import time
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.app import make_app, make_resources
from services.api.handoff import Given
from services.api.processes import run_many
from services.api.serving import serve
from shared.db.session import Database
from shared.logging import configure_logging
from shared.settings import Settings, load_settings

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
    settings, processes = load_settings(), int(sys.argv[2])
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
        answer = partial(_answer, settings)
        raise SystemExit(run_many(processes, listener, answer, started=int) if processes > 1 else answer(listener))


def _answer(settings: Settings, source: socket.socket | Given) -> int:
    """As `services.api.app.run` does, but timed."""
    database = Database(settings.sqlalchemy_url)
    app = Timed(make_app(make_resources(settings, database), settings.api_at_once))
    gc.collect()
    gc.freeze()
    try:
        serve(app, source)
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    main()
