"""A local site that serves recorded captures, a host name per platform, and moves on when it is told to."""

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from services.cli.replay.histories import History, RecordedCapture


@dataclass(frozen=True, slots=True)
class Served:
    """The capture a document shows now, and its bytes' SHA-256."""

    capture: RecordedCapture
    body: bytes
    sha256: str


class ReplaySite:
    """Serves every history at its host and path; `advance` shows the next capture of one."""

    def __init__(self, histories: Sequence[History]) -> None:
        self._histories = {(history.host, history.path): history for history in histories}
        self._lock = threading.Lock()
        self._place = dict.fromkeys(self._histories, 0)
        self._now = {key: _load(history.captures[0]) for key, history in self._histories.items()}
        self.statuses: Counter[int] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="replay site", daemon=True)
        self._thread.start()

    def url(self, history: History) -> str:
        return f"http://{history.host}:{self.port}{history.path}"

    def now(self, history: History) -> Served:
        with self._lock:
            return self._now[history.host, history.path]

    def advance(self, history: History) -> bool:
        """Show the next capture; False where the last is shown already."""
        key = history.host, history.path
        place = self._place[key] + 1
        if place >= len(history.captures):
            return False
        served = _load(history.captures[place])
        with self._lock:
            self._place[key], self._now[key] = place, served
        return True

    def answer(self, host: str, path: str, etag: str | None) -> tuple[int, str, str, bytes]:
        """Status, media type, ETag and body."""
        with self._lock:
            served = self._now.get((host.partition(":")[0], path))
            tag = f'"{served.sha256[:32]}"' if served else ""
            status = 404 if served is None else 304 if etag == tag else 200
            if path != "/robots.txt":
                self.statuses[status] += 1
        media_type = served.capture.media_type if served else "text/plain"
        return status, media_type, tag, served.body if served and status == 200 else b""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _load(capture: RecordedCapture) -> Served:
    body = capture.path.read_bytes()
    return Served(capture, body, hashlib.sha256(body).hexdigest())


def _handler(site: ReplaySite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        wbufsize = -1  # one packet an answer

        def do_GET(self) -> None:
            etag = self.headers.get("If-None-Match")
            status, media_type, tag, body = site.answer(self.headers.get("Host", ""), self.path, etag)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if tag:
                self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The table at the end says what matters."""

    return Handler
