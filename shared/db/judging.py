"""What the differ reads before it judges a snapshot, and what it writes when it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.documents import Declaration
from shared.domain.provisions import Provision
from shared.domain.standing import Condition, Standing
from shared.events import ChangeDetected


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document as its judge and its reports know it."""

    id: str
    type: str
    url: str
    platform_id: str
    platform_slug: str
    platform_name: str
    declaration: Declaration
    confirm_after_s: float


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One stored part: the bytes are in the archive under `sha256`."""

    url: str
    media_type: str | None
    charset: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A snapshot's parts, in order. `sha256` is the snapshot's own."""

    snapshot_id: str
    sha256: str
    parts: tuple[StoredPart, ...]


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A confirmed version, without its provisions."""

    id: str
    sequence: int
    text_sha256: str
    fingerprint: str
    title: str | None
    language: str | None
    dates: tuple[Mapping[str, Any], ...]
    words: int
    first_seen_at: datetime
    last_seen_at: datetime
    capture: StoredCapture


@dataclass(frozen=True, slots=True)
class StoredChrome:
    """What a platform's documents share and is no policy: block hashes, and the version of their set (0: none)."""

    version: int = 0
    hashes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PastVersion:
    """An earlier version, as far as returns to it are concerned."""

    id: str
    text_sha256: str
    fingerprint: str
    snapshot_id: str


@dataclass(frozen=True, slots=True)
class Pending:
    """The next unjudged snapshot of a document, with all that judging it needs. `revision` guards the write."""

    document: DocumentInfo
    capture: StoredCapture
    at: datetime
    confirming: bool
    event_id: str
    correlation_id: str
    standing: Standing
    accepted_text: str | None
    revision: int
    head: StoredVersion | None
    chrome: StoredChrome = StoredChrome()


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be written. `began_in` is the capture that first showed the text, `confirmed_by` the second."""

    id: str
    origin: str
    sequence: int
    text_sha256: str
    fingerprint: str
    title: str | None
    language: str | None
    dates: tuple[Mapping[str, Any], ...]
    words: int
    began_in: str
    confirmed_by: str
    first_seen_at: datetime
    last_seen_at: datetime
    provisions: tuple[Provision, ...]
    edges: tuple[tuple[str, str], ...] | None = None
    """(hash, text) of each block at its ends that may be the site's; None where that was not looked for."""


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change to be written, and the event that announces it."""

    id: str
    old_version_id: str
    version_id: str
    outcome: str
    report: Mapping[str, Any]
    event: ChangeDetected


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that judging one snapshot writes, in one transaction."""

    outcome: str
    standing: Standing
    text_sha256: str | None
    reason: str | None = None
    why: str | None = None
    confirm_at: datetime | None = None
    begins: tuple[Condition, str] | None = None
    """A condition that begins, and what to say of it."""
    ends: tuple[Condition, ...] = ()
    version: NewVersion | None = None
    change: NewChange | None = None
    browser_needed: bool | None = None
