"""From a stored capture to its text, read or refused."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from services.differ.core.blocks import Extraction
from services.differ.core.extract import (
    NO_CHROME,
    ChromeSet,
    PartContent,
    Unextractable,
    UnextractableReason,
    extract,
    fingerprint,
)
from shared.db.judging import StoredCapture, StoredChrome
from shared.domain.documents import Declaration

_KEPT = 8
"""A confirming look mostly brings bytes just read; more would only cost memory."""


class BlobReader(Protocol):
    """The archive, as far as the differ needs it."""

    def get(self, sha256: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a capture says. `refusal` is (reason, why) where no text could be read at all."""

    fingerprint: str
    text_sha256: str
    extraction: Extraction | None
    contents: tuple[PartContent, ...]
    refusal: tuple[UnextractableReason, str] | None = None


def is_automatic(declaration: Declaration) -> bool:
    """Whether what the document is was left to us to find: where selectors say it, no chrome set has a say."""
    return not any(part.select for part in declaration.parts)


def chrome_for(declaration: Declaration, stored: StoredChrome) -> ChromeSet:
    """The chrome set that a document is read with."""
    if not stored.hashes or not is_automatic(declaration):
        return NO_CHROME
    return ChromeSet(str(stored.version), stored.hashes)


class CaptureReader:
    """Reads captures through the archive and remembers the last few."""

    def __init__(self, archive: BlobReader) -> None:
        self._archive = archive
        self._recent: OrderedDict[tuple[str, Declaration, ChromeSet], Reading] = OrderedDict()

    def read(self, capture: StoredCapture, declaration: Declaration, stored: StoredChrome) -> Reading:
        """Extract a capture; archive errors pass through, since they say nothing about the document."""
        chrome = chrome_for(declaration, stored)
        key = (capture.sha256, declaration, chrome)
        reading = self._recent.pop(key, None) or self._read(capture, declaration, chrome)
        self._recent[key] = reading
        while len(self._recent) > _KEPT:
            self._recent.popitem(last=False)
        return reading

    def _read(self, capture: StoredCapture, declaration: Declaration, chrome: ChromeSet) -> Reading:
        contents = tuple(
            PartContent(
                url=part.url,
                media_type=part.media_type,
                charset=part.charset,
                body=self._archive.get(part.sha256),
                select=declared.select,
                remove=declared.remove,
            )
            for part, declared in zip(capture.parts, declaration.parts, strict=False)
        )
        mark = fingerprint(contents, chrome)
        try:
            extraction = extract(contents, chrome=chrome)
        except Unextractable as refusal:
            return Reading(mark, capture.sha256, None, contents, (refusal.reason, refusal.why))
        return Reading(mark, extraction.text_sha256, extraction, contents)
