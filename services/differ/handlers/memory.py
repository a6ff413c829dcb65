"""What a document's earlier versions say by today's reading, so that a return to one is known for a return.

A version's text is known by the reading it was made with. After a release, a selector edit or a learned chrome block
the same words have another hash, so the earlier captures are read anew: rarely, since only a confirmed change asks.
"""

from datetime import datetime
from typing import Protocol

from services.differ.core.confirm import PastChange
from services.differ.handlers.reading import CaptureReader
from shared.archive import ArchiveCorrupt, ArchiveMissing
from shared.db.judging import NewVersion, PastVersion, Pending, StoredCapture
from shared.logging import get_logger

log = get_logger()

_READ_ANEW = 12
"""Earlier versions, newest first; a return further back than that is told as a change."""


class Past(Protocol):
    """What is asked of the database; see `shared.db.differ.DifferStore`."""

    def past_versions(self, document_id: str) -> list[PastVersion]: ...

    def past_changes(self, document_id: str) -> list[tuple[str, str, str, datetime]]: ...

    def capture(self, snapshot_id: str) -> StoredCapture: ...


class Memory:
    """Reads the past of a document by today's rules."""

    def __init__(self, past: Past, reader: CaptureReader) -> None:
        self._past, self._reader = past, reader

    def texts(self, pending: Pending, version: NewVersion) -> dict[str, str]:
        """For each version before a new one its text's SHA-256 by the new one's reading, newest first."""
        texts: dict[str, str] = {}
        again: dict[str, str] = {}
        for known in self._past.past_versions(pending.document.id):
            text = known.text_sha256
            if known.fingerprint != version.fingerprint and (known.snapshot_id in again or len(again) < _READ_ANEW):
                text = again.get(known.snapshot_id) or self._today(pending, known)
                again[known.snapshot_id] = text
            texts[known.id] = text
        return texts

    def changes(self, document_id: str, texts: dict[str, str]) -> list[PastChange]:
        """Every change of a document, oldest first, between texts as `texts` knows them."""
        return [
            PastChange(texts[old], texts[new], outcome, at)
            for old, new, outcome, at in self._past.past_changes(document_id)
        ]

    def _today(self, pending: Pending, known: PastVersion) -> str:
        """The text by today's reading; as it was read then where its bytes are lost, which must hold up no news."""
        capture = self._past.capture(known.snapshot_id)
        try:
            return self._reader.read(capture, pending.document.declaration, pending.chrome).text_sha256
        except (ArchiveMissing, ArchiveCorrupt) as error:
            log.warning("memory.unreadable", version=known.id, error=str(error))
            return known.text_sha256
