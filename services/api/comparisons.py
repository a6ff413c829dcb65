"""Two versions of a document compared: ahead of time, or while one waits, one at a time and each once."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import BoundedSemaphore, Lock
from typing import Any, Protocol

from services.differ.core.pipeline import VersionText, build_report, compare_versions
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


class Texts(Protocol):
    """What comparing needs of the database; see `shared.db.registry.versions.Versions`."""

    def provisions(self, version_id: str) -> Sequence[Provision]: ...

    def compared(self, old: VersionEntry, new: VersionEntry) -> Mapping[str, Any] | None: ...


class Comparisons:
    """Knows or computes what no change record holds."""

    def __init__(self, texts: Texts, *, waits_s: float = _WAITS_S) -> None:
        self._texts, self._waits_s = texts, waits_s
        self._turn, self._lock = BoundedSemaphore(1), Lock()
        self._kept: OrderedDict[tuple[str, str], Report] = OrderedDict()

    def of(self, old: VersionEntry, new: VersionEntry) -> Report:
        """What differs. TooDifferent beyond `MOST` provisions; Busy where the turn does not come in time."""
        if old.text_sha256 == new.text_sha256 and old.fingerprint == new.fingerprint:
            return build_report(compare_versions(VersionText.kept(old, ()), VersionText.kept(new, ())))
        known = self._known(old, new)
        if known is not None:
            return known
        ahead = self._texts.compared(old, new)
        if ahead is not None:
            return self._keep(old, new, Report.from_json(ahead))
        if not self._turn.acquire(timeout=self._waits_s):
            raise Busy
        try:
            return self._known(old, new) or self._keep(old, new, self._compare(old, new))
        finally:
            self._turn.release()

    def _compare(self, old: VersionEntry, new: VersionEntry) -> Report:
        before, after = (VersionText.kept(one, self._texts.provisions(one.id)) for one in (old, new))
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
