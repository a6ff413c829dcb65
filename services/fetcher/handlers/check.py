"""One check of one document: ask for its parts, compare, archive what is new, and plan the next look."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.fetcher.core.asking import Validators
from services.fetcher.core.media import Media, media_of
from services.fetcher.core.parts import NOT_MODIFIED, refreshed, snapshot_sha256, validators_of
from services.fetcher.core.retrying import after_failure, unforeseen
from services.fetcher.core.schedule import next_check_at, next_interval
from services.fetcher.handlers.gate import HostGate
from services.fetcher.handlers.ports import BlobWriter, Browser, Pace, Records, Web
from shared.archive import ArchiveError
from shared.clock import Clock
from shared.db.fetcher.values import CheckRecord, DueDocument, LeaseLost, NewCapture, Planned, SeenPart, StoredPart
from shared.domain.captures import FailureKind, FetchFailed, Response
from shared.domain.documents import Part
from shared.ids import new_id
from shared.logging import get_logger

NEEDS_BROWSER = "needs the browser extra: the page is written by a script (pip install 'clausewatch[browser]')"

log = get_logger()


@dataclass(frozen=True, slots=True)
class _Look:
    """One part as it answered. `media` is None for a 304, whose bytes are those of `seen`."""

    answer: Response
    media: Media | None
    seen: SeenPart
    is_new: bool


class Checker:
    """Makes checks: archive first, then one transaction for everything else."""

    def __init__(
        self,
        web: Web,
        browser: Browser | None,
        archive: BlobWriter,
        records: Records,
        clock: Clock,
        pace: Pace,
        chance: Callable[[], float],
        *,
        fetcher_version: str,
    ) -> None:
        self._web, self._browser, self._archive, self._records = web, browser, archive, records
        self._clock, self._pace, self._chance = clock, pace, chance
        self._fetcher_version = fetcher_version

    def check(self, document: DueDocument, gate: HostGate, token: str, correlation_id: str) -> CheckRecord:
        """Look at a document and record what came of it, failures included.

        LeaseLost passes through, and whatever keeps a failure from being recorded.
        """
        started = self._clock.monotonic()
        confirming = document.confirm_at is not None and document.confirm_at <= self._clock.now()

        def recorded(record: CheckRecord) -> CheckRecord:
            record = replace(record, duration_ms=round((self._clock.monotonic() - started) * 1000))
            self._records.record(record, token)
            return record

        try:
            looks = self._look_at_parts(document, gate, confirming=confirming)
            record = recorded(self._success(document, looks, correlation_id, confirming=confirming))
        except FetchFailed as failed:
            gate.failed(failed)
            return recorded(self._failure(document, failed, correlation_id, confirming=confirming))
        except LeaseLost:
            raise
        except Exception as error:
            log.exception("check.broke", platform=document.platform, document=document.type)
            return recorded(self._failure(document, unforeseen(error), correlation_id, confirming=confirming))
        if record.capture:
            self._keep_bodies(looks)
        return record

    def _keep_bodies(self, looks: Sequence[_Look]) -> None:
        """Archive once more what retention may have removed, as equal bytes, between our put and our row."""
        try:
            self._archive_bodies(looks)
        except ArchiveError:  # the check is made and told; `doctor` looks for bodies that are missing
            log.exception("archive.failed")

    def _success(
        self, document: DueDocument, looks: Sequence[_Look], correlation_id: str, *, confirming: bool
    ) -> CheckRecord:
        now = self._clock.now()
        seen = tuple(look.seen for look in looks)
        record = CheckRecord(
            document_id=document.id,
            at=now,
            outcome="not-modified",
            duration_ms=0,
            correlation_id=correlation_id,
            planned=self._plan(document, now),
            confirming=confirming,
            confirmed=document.confirm_at if confirming else None,
            detail=self._browser_note(document),
            status=looks[-1].answer.status,
            seen=seen if seen != document.seen else None,
            reachable=document.failures > 0,
        )
        if confirming or any(look.is_new for look in looks) or len(looks) != len(document.seen):
            return replace(record, outcome="captured", capture=self._capture(document, looks))
        all_304 = all(look.media is None for look in looks)
        return record if all_304 else replace(record, outcome="same-bytes")

    def _look_at_parts(self, document: DueDocument, gate: HostGate, *, confirming: bool) -> list[_Look]:
        looks = []
        for n, part in enumerate(document.declaration.parts):
            seen = document.seen[n] if n < len(document.seen) and document.seen[n].url == part.url else None
            if self._browser and document.browser_needed and part.javascript:
                answer = self._browser.render(part.url, on_hop=gate)
            else:
                known = Validators(seen.etag, seen.last_modified, seen.final_url) if seen else None
                answer = self._web.capture(part.url, known, confirming=confirming, on_hop=gate)
            looks.append(_compared(part, answer, seen))
        return looks

    def _capture(self, document: DueDocument, looks: Sequence[_Look]) -> NewCapture:
        stored = {(part.url, part.sha256): part for part in self._newest_parts(document, looks)}
        parts = [
            _fresh(look.answer, look.media, look.seen.sha256)
            if look.media
            else _reused(look.answer, stored.get((look.seen.url, look.seen.sha256)))
            for look in looks
        ]
        self._archive_bodies(looks)
        return NewCapture(
            id=new_id("snp"),
            sha256=snapshot_sha256([part.sha256 for part in parts]),
            captured_at=max(part.finished_at for part in parts),
            fetcher_version=self._fetcher_version,
            parts=tuple(parts),
        )

    def _archive_bodies(self, looks: Sequence[_Look]) -> None:
        for look in looks:
            if look.media:
                self._archive.put(look.answer.body)

    def _newest_parts(self, document: DueDocument, looks: Sequence[_Look]) -> tuple[StoredPart, ...]:
        some_reused = any(look.media is None for look in looks)
        return self._records.newest_parts(document.id) if some_reused else ()

    def _plan(self, document: DueDocument, now: datetime) -> Planned:
        """After a success."""
        if document.check_every_s is not None:
            interval = timedelta(seconds=document.check_every_s)
            at = now + interval
        else:
            interval = next_interval(
                now=now,
                last_changed_at=document.last_changed_at,
                watched_since=document.created_at,
                shortest=self._pace.shortest,
                longest=self._pace.longest,
            )
            at = next_check_at(now, interval, self._chance())
        return Planned(at, interval.total_seconds(), retry_at=None, failures=0, first_failed_at=None)

    def _failure(
        self, document: DueDocument, failed: FetchFailed, correlation_id: str, *, confirming: bool
    ) -> CheckRecord:
        now = self._clock.now()
        after = after_failure(
            failed,
            failures_before=document.failures,
            now=now,
            base=self._pace.retry_base,
            unreachable_after=self._pace.unreachable_after,
            chance=self._chance(),
        )
        why = f"{after.failures} checks in a row failed, the last with {failed.kind}: {failed.detail}"
        return CheckRecord(
            document_id=document.id,
            at=now,
            outcome="failed",
            duration_ms=0,
            correlation_id=correlation_id,
            planned=Planned(
                next_check_at=None,
                interval_s=document.interval_s,
                retry_at=after.retry_at,
                failures=after.failures,
                first_failed_at=(document.first_failed_at or now) if after.failures else None,
            ),
            confirming=confirming,
            failure=failed.kind,
            detail=failed.detail,
            status=failed.status,
            unreachable=why if after.became_unreachable else None,
        )

    def _browser_note(self, document: DueDocument) -> str | None:
        wanted = document.browser_needed and any(part.javascript for part in document.declaration.parts)
        return NEEDS_BROWSER if wanted and self._browser is None else None


def _compared(part: Part, answer: Response, seen: SeenPart | None) -> _Look:
    """An answer beside what the part answered before; FetchFailed for what we cannot read."""
    validators = validators_of(answer)
    if answer.status == NOT_MODIFIED:
        if seen is None:
            raise FetchFailed(FailureKind.PROTOCOL, "answered 304 to an unconditional request", status=NOT_MODIFIED)
        etag, last_modified = validators.etag or seen.etag, validators.last_modified or seen.last_modified
        return _Look(answer, None, replace(seen, etag=etag, last_modified=last_modified), is_new=False)
    media = media_of(answer.header("content-type"), answer.body)
    sha256 = hashlib.sha256(answer.body).hexdigest()
    now_seen = SeenPart(part.url, answer.final_url, sha256, validators.etag, validators.last_modified)
    return _Look(answer, media, now_seen, is_new=seen is None or seen.sha256 != sha256)


def _fresh(answer: Response, media: Media, sha256: str) -> StoredPart:
    return StoredPart(
        url=answer.url,
        final_url=answer.final_url,
        status=answer.status,
        redirects=answer.redirects,
        request_headers=answer.request_headers,
        headers=answer.headers,
        media_type=media.media_type,
        charset=media.charset,
        sha256=sha256,
        size=len(answer.body),
        started_at=answer.started_at,
        finished_at=answer.finished_at,
    )


def _reused(answer: Response, stored: StoredPart | None) -> StoredPart:
    """The part that a 304 stands for: stored bytes, today's request and times."""
    if stored is None:
        raise FetchFailed(FailureKind.PROTOCOL, "answered 304 for bytes that we do not hold", status=NOT_MODIFIED)
    return replace(
        stored,
        url=answer.url,
        final_url=answer.final_url,
        status=answer.status,
        redirects=answer.redirects,
        request_headers=answer.request_headers,
        headers=refreshed(stored.headers, answer.headers),
        started_at=answer.started_at,
        finished_at=answer.finished_at,
        reused=True,
    )
