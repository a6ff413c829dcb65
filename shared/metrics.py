"""Prometheus metrics of every stage, and the small server of /metrics, /live and /ready."""

import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CHECKS = Counter("clausewatch_checks_total", "Checks made", ["outcome"])
CHECK_SECONDS = Histogram("clausewatch_check_seconds", "Duration of a check, all parts")
JUDGEMENTS = Counter("clausewatch_judgements_total", "Snapshots judged", ["outcome"])
JUDGE_SECONDS = Histogram("clausewatch_judge_seconds", "Duration of judging one snapshot")
CHANGES = Counter("clausewatch_changes_total", "Changes recorded", ["outcome", "severity"])
DELIVERIES = Counter("clausewatch_delivery_attempts_total", "Delivery attempts", ["channel", "outcome"])
DELIVERY_SECONDS = Histogram("clausewatch_delivery_seconds", "Duration of a delivery attempt", ["channel"])
PUBLISHED = Counter("clausewatch_events_published_total", "Events handed to the broker", ["event"])
DEAD_LETTERS = Counter("clausewatch_dead_letters_total", "Events given up", ["consumer"])
OUTBOX_LAG = Gauge("clausewatch_outbox_lag_seconds", "Age of the oldest unpublished event")
DUE_LAG = Gauge("clausewatch_due_lag_seconds", "Age of the oldest due work", ["work"])


def serve_probes(host: str, port: int, *, ready: Callable[[], bool], live: Callable[[], bool]) -> ThreadingHTTPServer:
    """Answer /metrics, /live and /ready on a daemon thread; port 0 takes a free one. Call `shutdown()` to end it."""

    registry = _registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(registry), "text/plain; version=0.0.4; charset=utf-8")
            elif self.path in {"/live", "/ready"}:
                good = live() if self.path == "/live" else ready()
                self._answer(200 if good else 503, b"ok\n" if good else b"not ok\n", "text/plain")
            else:
                self._answer(404, b"/metrics, /live and /ready are here\n", "text/plain")

        def _answer(self, status: int, body: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes are no news."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server


MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Names a folder that a pool's children count in; prometheus_client reads it when it is imported."""


def _registry() -> CollectorRegistry:
    """What this process counted, or what all processes of its pool did."""
    if MULTIPROCESS not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
