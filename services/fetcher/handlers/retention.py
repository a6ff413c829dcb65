"""Lets go of stored bodies that no rule keeps."""

from datetime import timedelta

from services.fetcher.core.retention import releasable
from services.fetcher.handlers.ports import BlobRemover, Holdings
from shared.clock import Clock
from shared.logging import get_logger

_PAGE = 100
_SETTLED = timedelta(hours=1)

log = get_logger()


class Retention:
    """Walks through all documents. The database lets go first: a blob without a row is an orphan, never the reverse."""

    def __init__(self, holdings: Holdings, archive: BlobRemover, clock: Clock, *, keep: timedelta) -> None:
        self._holdings, self._archive, self._clock = holdings, archive, clock
        self._keep = max(keep, _SETTLED)

    def run(self) -> int:
        """Remove the bodies of captures older than the time they are kept; how many blobs went."""
        before = self._clock.now() - self._keep
        removed = 0
        last = ""
        while documents := self._holdings.documents(last, _PAGE):
            for document_id in documents:
                released = releasable(self._holdings.captures(document_id), before)
                if released:
                    removed += self._remove(self._holdings.let_go(released))
            last = documents[-1]
        if removed:
            log.info("retention.done", blobs=removed)
        return removed

    def _remove(self, hashes: list[str]) -> int:
        unneeded = sorted(set(hashes) - self._holdings.needed(hashes))
        for sha in unneeded:
            self._archive.delete(sha)
        return len(unneeded)
