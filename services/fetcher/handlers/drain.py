"""`checks.due` only means "there is work": claim hosts with due documents, one after another, until there are none."""

import threading
from collections.abc import Callable

from structlog.contextvars import bound_contextvars

from services.fetcher.core.politeness import needs_no_delay
from services.fetcher.handlers.check import Checker
from services.fetcher.handlers.gate import HostGate
from services.fetcher.handlers.ports import Claims, Manners
from shared.clock import Clock
from shared.db.fetcher.values import CheckRecord, Claim, DueDocument, LeaseLost, Slot
from shared.ids import new_id
from shared.logging import get_logger
from shared.metrics import CHECK_SECONDS, CHECKS

LONGEST_RUN_S = 60.0
"""Then the worker thread goes back for its next wake-up call, so that no message outlives the broker's patience."""

log = get_logger()


class DueChecks:
    """Drains due documents; threads may run it at once. `stopping` ends it between two documents."""

    def __init__(
        self,
        claims: Claims,
        checker: Checker,
        open_gate: Callable[[Slot], HostGate],
        clock: Clock,
        manners: Manners,
        stopping: threading.Event,
    ) -> None:
        self._claims, self._checker = claims, checker
        self._open_gate, self._clock, self._manners = open_gate, clock, manners
        self._stopping = stopping
        self._busy_since: dict[int, float] = {}

    def run(self) -> int:
        """Check what is due; how many documents were."""
        checked = 0
        until = self._clock.monotonic() + LONGEST_RUN_S
        try:
            while not self._stopping.is_set() and self._clock.monotonic() < until:
                self._beat()
                claim = self._claims.claim_host(self._clock.now(), self._batch)
                if claim is None:
                    break
                checked += self._check_host(claim)
        finally:
            self._busy_since.pop(threading.get_ident(), None)
        return checked

    def stuck_for(self) -> float:
        """Seconds that the slowest running thread has been at one document; 0 where none is at work."""
        oldest = min(self._busy_since.copy().values(), default=None)
        return 0.0 if oldest is None else self._clock.monotonic() - oldest

    def _beat(self) -> None:
        self._busy_since[threading.get_ident()] = self._clock.monotonic()

    def _batch(self, host: str) -> int:
        delayed = self._manners.host_delay and not needs_no_delay(host, self._manners.exempt_hosts)
        return 1 if delayed else self._manners.batch

    def _check_host(self, claim: Claim) -> int:
        """Check a claim's documents in turn. Where one cannot be recorded, slot and leases expire as in a crash."""
        gate = self._open_gate(claim.slot)
        checked = 0
        try:
            for document in claim.documents:
                self._beat()
                self._check(document, gate, claim.slot.token)
                checked += 1
                gate.release_others()
                if gate.must_rest or self._stopping.is_set():
                    break
        except LeaseLost as lost:
            log.warning("lease.lost", host=claim.slot.host, of=str(lost))
        gate.release()
        return checked

    def _check(self, document: DueDocument, gate: HostGate, token: str) -> None:
        correlation_id = new_id("cor")
        with bound_contextvars(correlation_id=correlation_id, document_id=document.id):
            record = self._checker.check(document, gate, token, correlation_id)
            CHECKS.labels(record.outcome).inc()
            CHECK_SECONDS.observe(record.duration_ms / 1000)
            _tell(document, record)


def _tell(document: DueDocument, record: CheckRecord) -> None:
    known = {
        "platform": document.platform,
        "document": document.type,
        "outcome": record.outcome,
        "status": record.status,
        "ms": record.duration_ms,
        "confirming": record.confirming,
    }
    if record.failure is None:
        log.info("check.done", **known, **({"detail": record.detail} if record.detail else {}))
    else:
        log.info("check.failed", **known, failure=record.failure, detail=record.detail)
    if record.unreachable:
        log.info("condition.began", kind="unreachable", detail=record.unreachable, **_names(document))


def _names(document: DueDocument) -> dict[str, str]:
    return {"platform": document.platform, "document": document.type}
