"""Two versions of a document compared while one waits: one comparison at a time, and each once."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from threading import BoundedSemaphore, Lock

from services.differ.core.blocks import StatedDate
from services.differ.core.comparison import VersionText
from services.differ.core.pipeline import build_report, compare_versions
from shared.db.registry.versions import VersionEntry
from shared.domain.provisions import Provision
from shared.domain.report import Report

MOST = 80
"""Changed provisions that are compared while one waits; 2 to 5 ms of computing each."""

_WAITS_S = 2.0
"""How long a comparison may wait for its turn."""

_KEPT = 32
"""Reports of two versions that were asked for last; versions never change, so neither do these."""


class Busy(Exception):
    """Others are having versions compared, and their turn takes too long."""


class Comparisons:
    """Computes what no change record holds."""

    def __init__(self, provisions: Callable[[str], Sequence[Provision]], *, waits_s: float = _WAITS_S) -> None:
        """`provisions`: what the version of an id says, in reading order."""
        self._provisions, self._waits_s = provisions, waits_s
        self._turn, self._lock = BoundedSemaphore(1), Lock()
        self._kept: OrderedDict[tuple[str, str], Report] = OrderedDict()

    def of(self, old: VersionEntry, new: VersionEntry) -> Report:
        """What differs. TooDifferent beyond `MOST` provisions; Busy where the turn does not come in time."""
        if old.text_sha256 == new.text_sha256 and old.fingerprint == new.fingerprint:
            return build_report(compare_versions(_text(old, ()), _text(new, ())))
        known = self._known(old, new)
        if known is not None:
            return known
        if not self._turn.acquire(timeout=self._waits_s):
            raise Busy
        try:
            return self._known(old, new) or self._keep(old, new, self._compare(old, new))
        finally:
            self._turn.release()

    def _compare(self, old: VersionEntry, new: VersionEntry) -> Report:
        before, after = (_text(one, self._provisions(one.id)) for one in (old, new))
        return build_report(compare_versions(before, after, most=MOST))

    def _known(self, old: VersionEntry, new: VersionEntry) -> Report | None:
        with self._lock:
            found = self._kept.get((old.id, new.id))
            if found is not None:
                self._kept.move_to_end((old.id, new.id))
            return found

    def _keep(self, old: VersionEntry, new: VersionEntry, report: Report) -> Report:
        with self._lock:
            self._kept[old.id, new.id] = report
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return report


def _text(version: VersionEntry, provisions: Sequence[Provision]) -> VersionText:
    return VersionText(
        provisions=tuple(provisions),
        title=version.title,
        language=version.language,
        dates=tuple(
            StatedDate(one["role"], date.fromisoformat(one["value"]), one["quote"], one["block"])
            for one in version.dates
        ),
        text_sha256=version.text_sha256,
        fingerprint=version.fingerprint,
    )
