"""Selectors before they are saved: what they would read from the stored captures, and how that differs from now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from services.differ.core.extract import NO_CHROME, ChromeSet, PartContent, Unextractable, extract
from services.differ.core.pipeline import align, segment
from shared.archive import Archive, ArchiveError
from shared.db.captures import Recent
from shared.db.judging import StoredCapture
from shared.domain.documents import Part
from shared.domain.provisions import Provision

_MOST_CAPTURES = 3
_SHOWN = 20
_EXCERPT = 200


class Selectors(BaseModel):
    """CSS selectors, for every part: what of a page is the document (found by itself where none), and what is not."""

    model_config = ConfigDict(extra="forbid")

    select: list[str] = Field(default=[], max_length=50)
    remove: list[str] = Field(default=[], max_length=50)
    captures: int = Field(default=1, ge=1, le=_MOST_CAPTURES, description="How many of the last ones a preview reads")


class Read(BaseModel):
    """What was read: how much, and the first clauses of it."""

    provisions: int
    words: int
    beginning: list[str]


class CapturePreview(BaseModel):
    """One capture, read as it is read now and as it would be; `why` says where no text could be read."""

    snapshot_id: str
    captured_at: datetime
    now: Read | None
    then: Read | None
    why: str | None
    counts: dict[str, int] = Field(description="Of clauses: unchanged, added, removed, modified, …")
    added: list[str] = Field(description="The first clauses that would be read besides")
    removed: list[str] = Field(description="The first clauses that would not be read any more")


class LastCaptures(BaseModel):
    """The document's last captures whose bytes are kept, newest first; none where it was not looked at yet."""

    items: list[CapturePreview]


def is_selector(text: str) -> bool:
    """Whether it is a CSS selector that can be looked for."""
    try:
        LexborHTMLParser("<p></p>").css(text)
    except (SelectolaxError, UnicodeEncodeError):
        return False
    return True


def previewed(recent: Recent, wanted: Selectors, archive: Archive) -> LastCaptures:
    """Each capture as the declaration of today reads it, and as these selectors would."""
    declared = recent.document.declaration.parts
    then = tuple(
        part.model_copy(update={"select": tuple(wanted.select), "remove": tuple(wanted.remove)}) for part in declared
    )
    chrome = ChromeSet(str(recent.chrome.version), recent.chrome.hashes) if recent.chrome.hashes else NO_CHROME
    items = []
    for captured_at, capture in recent.captures:
        old, old_why = _reading(capture, declared, chrome, archive)
        new, new_why = _reading(capture, then, chrome, archive)
        items.append(_compared(capture.snapshot_id, captured_at, old, new, new_why or old_why))
    return LastCaptures(items=items)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a capture says: cut into clauses, and how many words, counted as a version's are (its numbers too)."""

    provisions: tuple[Provision, ...]
    words: int


def _reading(
    capture: StoredCapture, parts: Sequence[Part], chrome: ChromeSet, archive: Archive
) -> tuple[_Reading | None, str | None]:
    """What a capture says, read so; or why nothing could be read. Where selectors say it, chrome has no say."""
    try:
        contents = [
            PartContent(one.url, one.media_type, one.charset, archive.get(one.sha256), part.select, part.remove)
            for one, part in zip(capture.parts, parts, strict=False)
        ]
        extraction = extract(contents, chrome=NO_CHROME if any(part.select for part in parts) else chrome)
    except (Unextractable, ArchiveError) as error:
        return None, str(error)
    provisions = segment(extraction, identity_seed=capture.snapshot_id)
    return _Reading(provisions, len(extraction.reading_text.split())), None


def _compared(
    snapshot_id: str,
    captured_at: datetime,
    old: _Reading | None,
    new: _Reading | None,
    why: str | None,
) -> CapturePreview:
    counts: dict[str, int] = {}
    added: list[str] = []
    removed: list[str] = []
    before, after = old.provisions if old else (), new.provisions if new else ()
    for operation in align(before, after).operations:
        counts[operation.op] = counts.get(operation.op, 0) + 1
        if not operation.old:
            added += [after[index].text for index in operation.new]
        if not operation.new:
            removed += [before[index].text for index in operation.old]
    return CapturePreview(
        snapshot_id=snapshot_id,
        captured_at=captured_at,
        now=None if old is None else _read(old),
        then=None if new is None else _read(new),
        why=why,
        counts=counts,
        added=_excerpts(added),
        removed=_excerpts(removed),
    )


def _read(reading: _Reading) -> Read:
    texts = [provision.text for provision in reading.provisions]
    return Read(provisions=len(texts), words=reading.words, beginning=_excerpts(texts))


def _excerpts(texts: Sequence[str]) -> list[str]:
    return [text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…" for text in texts[:_SHOWN]]
