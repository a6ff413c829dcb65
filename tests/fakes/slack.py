"""Slack's end of an incoming webhook: refuses what Slack's documentation says it refuses, and keeps what it took."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes.block_kit import problems

PATH = "/services/T0001/B0001/s3cr3ts3cr3ts3cr3ts3cr3t"


@dataclass
class FakeSlack:
    """One channel's webhook. `answers` are given first, as (status, body, headers), before messages are looked at."""

    base: str
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: list[list[str]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The webhook's URL."""
        return self.base + PATH

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, dict[str, str]]:
        """Status, body and headers for one request."""
        self.asked.append(headers)
        if self.answers:
            return self.answers.pop(0)
        if path != PATH:
            return 404, "no_service", {}
        if headers.get("content-type") != "application/json":
            return 400, "invalid_payload", {}
        try:
            payload = json.loads(body)
        except ValueError:
            return 400, "invalid_payload", {}
        found = problems(payload)
        if found:
            self.refused.append(found)
            return 400, "invalid_blocks", {}
        self.taken.append(payload)
        return 200, "ok", {}


@contextmanager
def fake_slack() -> Iterator[FakeSlack]:
    """Slack on a free port of this machine, for the length of a `with` block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, text, headers = slack.answer(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            answer = text.encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack = FakeSlack(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield slack
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
