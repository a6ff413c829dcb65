"""`snapshot.captured` only means "drain this document": its unjudged snapshots are judged in capture order."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from services.differ.core.confirm import Decision, Look, Outcome, Patience, decide
from services.differ.core.usable import History, Unusable, judge_usable
from services.differ.handlers.describing import Describer
from services.differ.handlers.learning import ChromeLearner
from services.differ.handlers.reading import CaptureReader, Reading
from shared.clock import Clock
from shared.db.differ import Overtaken
from shared.db.judging import NewVersion, Pending, Verdict
from shared.domain.documents import Declaration
from shared.domain.provisions import Provision
from shared.domain.standing import Condition
from shared.logging import get_logger
from shared.metrics import CHANGES, JUDGE_SECONDS, JUDGEMENTS

log = get_logger()

_OVERTAKEN_LIMIT = 20


class Store(Protocol):
    """What judging needs of the database; see `shared.db.differ.DifferStore`."""

    def next_unjudged(self, document_id: str) -> Pending | None: ...

    def provisions(self, version_id: str) -> tuple[Provision, ...]: ...

    def record(self, pending: Pending, verdict: Verdict, now: datetime) -> None: ...

    def replace_head(self, pending: Pending, version: NewVersion) -> None: ...


@dataclass(frozen=True, slots=True)
class _Judged:
    decision: Decision
    unusable: Unusable | None


class HeadUnreadable(Exception):
    """The head's own stored capture can no longer be read: a fault of ours, never news about the document."""


class Drain:
    """Judges snapshots. Several workers may drain one document: whoever is overtaken reads again."""

    def __init__(
        self,
        store: Store,
        reader: CaptureReader,
        describer: Describer,
        learner: ChromeLearner,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._store, self._reader, self._describer, self._learner = store, reader, describer, learner
        self._clock, self._patience = clock, patience

    def drain(self, document_id: str) -> int:
        """Judge all that is unjudged; how many were."""
        judged = overtaken = 0
        while pending := self._store.next_unjudged(document_id):
            try:
                judged += self._step(pending)
            except Overtaken:
                overtaken += 1
                if overtaken > _OVERTAKEN_LIMIT:
                    raise
        return judged

    def give_up(self, document_id: str, why: str) -> None:
        """Judge the next snapshot as unreadable, so that one poisonous capture does not hold up those after it."""
        pending = self._store.next_unjudged(document_id)
        if pending is not None:
            unusable = Unusable("unreadable", f"reading it failed: {why}")
            self._record(pending, self._decide(pending, pending.capture.sha256, unusable), None)

    def _step(self, pending: Pending) -> bool:
        """Judge one snapshot, or first bring the head's text up to today's extractor; whether one was judged."""
        started = self._clock.monotonic()
        reading = self._reader.read(pending.capture, pending.document.declaration, pending.chrome)
        if pending.head and pending.head.fingerprint != reading.fingerprint and self._read_head_anew(pending):
            return False
        unusable = self._usability(pending, reading)
        self._record(pending, self._decide(pending, reading.text_sha256, unusable), reading)
        JUDGE_SECONDS.observe(self._clock.monotonic() - started)
        return True

    def _usability(self, pending: Pending, reading: Reading) -> Unusable | None:
        if reading.text_sha256 == pending.accepted_text or reading.extraction is None:
            return Unusable(*reading.refusal) if reading.refusal else None
        if pending.head and reading.text_sha256 == pending.head.text_sha256:
            return None
        return judge_usable(reading.extraction, reading.contents, self._history(pending))

    def _history(self, pending: Pending) -> History | None:
        head = pending.head
        if head is None:
            return None
        texts = (provision.text for provision in self._store.provisions(head.id))
        return History.of_texts(texts, title=head.title, language=head.language)

    def _decide(self, pending: Pending, text: str, unusable: Unusable | None) -> _Judged:
        patience = replace(self._patience, confirm_after=timedelta(seconds=pending.document.confirm_after_s))
        look = Look(pending.capture.snapshot_id, pending.at, pending.confirming, text, usable=unusable is None)
        return _Judged(decide(pending.standing, look, patience), unusable)

    def _record(self, pending: Pending, judged: _Judged, reading: Reading | None) -> None:
        decision, unusable = judged.decision, judged.unusable
        extraction = reading.extraction if reading else None
        version = change = None
        outcome: str = decision.outcome
        if decision.confirmed and extraction:
            version, change = self._describer.confirmed(pending, decision.confirmed, extraction)
            outcome = change.outcome if change and change.outcome in {"reverted", "alternating"} else outcome
        verdict = Verdict(
            outcome=outcome,
            standing=decision.standing,
            text_sha256=reading.text_sha256 if reading else None,
            reason=unusable.reason if unusable else None,
            why=unusable.why if unusable else None,
            confirm_at=decision.confirm_at,
            begins=(decision.begins, _condition_detail(decision.begins, unusable)) if decision.begins else None,
            ends=decision.ends,
            version=version,
            change=change,
            browser_needed=True if unusable and _is_shell(unusable, pending.document.declaration) else None,
        )
        self._store.record(pending, verdict, self._clock.now())
        _tell(pending, verdict)
        if version:
            self._learner.learn(pending.document)

    def _read_head_anew(self, pending: Pending) -> bool:
        """Guarantee 8: like is compared with like, and what our own new reading changes is told to nobody.

        False where the head is as new as its capture allows: a part that was declared later is not in it.
        """
        head = pending.head
        if head is None:
            raise HeadUnreadable("there is no head to read anew")
        reading = self._reader.read(head.capture, pending.document.declaration, pending.chrome)
        if reading.fingerprint == head.fingerprint:
            return False
        if reading.extraction is None:
            raise HeadUnreadable(f"{head.capture.snapshot_id}: {reading.refusal}")
        version = self._describer.read_anew(pending, head, reading.extraction)
        self._store.replace_head(pending, version)
        log.info("head.read_anew", document_id=pending.document.id, version=version.id, sequence=version.sequence)
        return True


def _is_shell(unusable: Unusable, declaration: Declaration) -> bool:
    """A page that its declaration says may need a browser, and that shows nothing without one."""
    return unusable.reason in {"blank", "no-text"} and any(part.javascript for part in declaration.parts)


def _condition_detail(condition: Condition, unusable: Unusable | None) -> str:
    if condition is Condition.UNREADABLE and unusable:
        return f"{unusable.reason}: {unusable.why}"
    return "its text keeps changing from one look to the next"


def _tell(pending: Pending, verdict: Verdict) -> None:
    document = pending.document
    JUDGEMENTS.labels(verdict.outcome).inc()
    known = {"platform": document.platform_name, "document": document.type, "document_id": document.id}
    known["correlation_id"] = pending.correlation_id
    if verdict.outcome == Outcome.UNUSABLE:
        log.info("capture.unusable", reason=verdict.reason, why=verdict.why, **known)
    elif verdict.outcome == Outcome.CANDIDATE:
        log.info("candidate.seen", confirm_at=verdict.confirm_at and verdict.confirm_at.isoformat(), **known)
    elif verdict.outcome == Outcome.FLAP:
        log.info("flap.recorded", **known)
    elif verdict.version:
        log.info("version.confirmed", sequence=verdict.version.sequence, words=verdict.version.words, **known)
    if verdict.change:
        event = verdict.change.event
        CHANGES.labels(verdict.change.outcome, event.severity).inc()
        said = {"headline": event.headline, "severity": event.severity, "direction": event.direction}
        log.info(
            "change.detected", outcome=event.outcome, alert=event.alert, change_id=event.change_id, **said, **known
        )
    if verdict.begins:
        log.info("condition.began", kind=verdict.begins[0], detail=verdict.begins[1], **known)
    for ended in verdict.ends:
        log.info("condition.ended", kind=ended, **known)
