"""A webhook receiver as a customer would write one: it verifies the signature before it believes a word.

The scheme is Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over "{id}.{timestamp}.{body}".
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from shared.logging import get_logger

_BODY_LIMIT = 1_000_000

log = get_logger()


@dataclass(frozen=True, slots=True)
class Received:
    """One request, with whether its signature was ours."""

    webhook_id: str
    timestamp: str
    type: str
    data: Mapping[str, Any]
    verified: bool


class SampleReceiver:
    """Listens on localhost and keeps what it gets; each as a JSON line in `record` besides."""

    def __init__(self, record: Path | None = None, *, port: int = 0) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self.secret = ""
        """The `whsec_…` secret of the endpoint; known only after the endpoint was added."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self._take))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://localhost:{self.port}/hooks/clausewatch"
        self._thread = threading.Thread(target=self._server.serve_forever, name="sample receiver", daemon=True)
        self._thread.start()

    @property
    def received(self) -> list[Received]:
        with self._lock:
            return list(self._received)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, headers: Mapping[str, str], body: bytes) -> int:
        """The status to answer: 204 for what is truly ours, 401 for anything else."""
        webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        verified = is_signed(self.secret, webhook_id, timestamp, body, headers.get("webhook-signature", ""))
        try:
            message = json.loads(body)
        except ValueError:
            message = {}
        message = message if isinstance(message, dict) else {}
        one = Received(webhook_id, timestamp, str(message.get("type")), message.get("data") or {}, verified)
        with self._lock:
            self._received.append(one)
            if self._record:
                with self._record.open("a", encoding="utf-8") as file:
                    line = {"id": webhook_id, "type": one.type, "verified": verified, "data": one.data}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        headline = (one.data.get("headline") or {}).get("text")
        log.info("receiver.received", type=one.type, verified=verified, headline=headline, webhook_id=webhook_id)
        return 204 if verified else 401


def is_signed(secret: str, webhook_id: str, timestamp: str, body: bytes, signatures: str) -> bool:
    """Whether any of the space-separated `v1,<base64>` signatures is right for these very bytes."""
    if not secret.startswith("whsec_"):
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    right = f"v1,{base64.b64encode(digest).decode()}"
    return any(hmac.compare_digest(right, given) for given in signatures.split())


def _handler(take: Callable[[Mapping[str, str], bytes], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        wbufsize = -1

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(size, _BODY_LIMIT))
            self.send_response(take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """The supervisor tells what matters."""

    return Handler
