"""A webhook receiver as a customer would write one: it verifies the signature before it believes a word.

The scheme is Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over "{id}.{timestamp}.{body}".
"""

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from shared.clock import Clock, SystemClock
from shared.logging import get_logger

_BODY_LIMIT = 1_000_000
_TOLERANCE_S = 300
_NUMBER = re.compile(r"[0-9]{1,12}")

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

    def __init__(self, record: Path | None = None, *, port: int = 0, clock: Clock | None = None) -> None:
        self._record = record
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self.secret = ""
        """The `whsec_…` secret of the endpoint; known only after the endpoint was added."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self._take))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://localhost:{self.port}/hooks/clausewatch"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="sample receiver", daemon=True
        )
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
        signed = is_signed(self.secret, webhook_id, timestamp, body, headers.get("webhook-signature", ""))
        verified = signed and is_recent(timestamp, self._clock.now())
        message = _object(_parsed(body))
        one = Received(webhook_id, timestamp, str(message.get("type")), _object(message.get("data")), verified)
        with self._lock:
            self._received.append(one)
            if self._record:
                with self._record.open("a", encoding="utf-8") as file:
                    line = {
                        "id": webhook_id,
                        "timestamp": timestamp,
                        "type": one.type,
                        "verified": verified,
                        "data": one.data,
                    }
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        headline = _object(one.data.get("headline")).get("text")
        log.info("receiver.received", type=one.type, verified=verified, headline=headline, webhook_id=webhook_id)
        return 204 if verified else 401


def is_signed(secret: str, webhook_id: str, timestamp: str, body: bytes, signatures: str) -> bool:
    """Whether any of the space-separated `v1,<base64>` signatures is right for these very bytes."""
    if not secret.startswith("whsec_"):
        return False
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    right = b"v1," + base64.b64encode(digest)
    return any(hmac.compare_digest(right, given.encode()) for given in signatures.split())


def is_recent(timestamp: str, now: datetime) -> bool:
    """Whether a `webhook-timestamp` (unix seconds) is so near to now that nobody can be replaying an old request."""
    return bool(_NUMBER.fullmatch(timestamp)) and abs(now.timestamp() - int(timestamp)) <= _TOLERANCE_S


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _handler(take: Callable[[Mapping[str, str], bytes], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        wbufsize = -1

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not _NUMBER.fullmatch(length) or int(length) > _BODY_LIMIT:
                self.close_connection = True  # what follows the headers is not read
                self.send_response(411 if not length else 413)
            else:
                body = self.rfile.read(int(length))
                self.send_response(take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """The supervisor tells what matters."""

    return Handler
