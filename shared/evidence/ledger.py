"""The ledger: an append-only chain of entries, each of which holds the hash of the one before. Pure.

What an entry is made of, byte for byte, stands in docs/evidence.md; whoever checks a bundle by hand follows that.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from shared.domain.captures import SECRET_HEADERS

GENESIS = "0" * 64
"""What stands for the hash before the first entry."""

HEAD_EVERY = 100
"""Entries: no head lies further behind its successor, so none is further from the head that vouches for it."""


class Kind(StrEnum):
    """What an entry is about. A revision is a correction or retraction of a change, and names the change."""

    SNAPSHOT = "snapshot"
    VERSION = "version"
    CHANGE = "change"
    REVISION = "revision"


class NoLedger(ValueError):
    """JSON that is no entry, head or segment; the message says where."""


def canonical_json(value: object) -> bytes:
    """The one form of a JSON value that is hashed: keys sorted, no spaces, UTF-8, nothing escaped that need not be.

    For strings, integers, booleans, null, lists and objects with ASCII keys this is RFC 8785. Reports hold fractions
    besides, which stand as Python writes them: their shortest form that reads back the same.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")  # half a surrogate pair in a page must not stop the ledger


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def hash_of(value: object) -> str:
    """SHA-256 of a value's canonical JSON: of a subject's facts, of a report, of a list of parts."""
    return sha256_hex(canonical_json(value))


def moment(at: datetime) -> str:
    """A moment as it is hashed: UTC with six digits after the second (`2026-05-01T12:00:00.000000Z`)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_from(text: str) -> datetime:
    """The moment that `moment` wrote; ValueError for any other text."""
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    if moment(at) != text:
        raise ValueError(f"{text!r} is not written as moments are")
    return at


# --- What is hashed of each kind of subject ---


def snapshot_facts(
    *, id: str, document_id: str, captured_at: datetime, sha256: str, parts: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Of a capture. `sha256` is of its raw bytes (see `raw_sha256`); `parts` are its `part_facts`."""
    return {
        "id": id,
        "document_id": document_id,
        "url": parts[0]["url"] if parts else "",
        "sha256": sha256,
        "headers_sha256": hash_of(list(parts)),
        "captured_at": moment(captured_at),
    }


def part_facts(
    *,
    url: str,
    final_url: str,
    status: int,
    redirects: Sequence[Mapping[str, Any]],
    request_headers: Sequence[Sequence[str]],
    headers: Sequence[Sequence[str]],
    sha256: str,
    size: int,
    started_at: datetime,
    finished_at: datetime,
    reused: bool,
) -> dict[str, Any]:
    """Of one request and its answer: what `headers.json` holds of a snapshot is the list of these.

    Without the headers that let somebody in (SECRET_HEADERS): bundles are handed on.
    """
    return {
        "url": url,
        "final_url": final_url,
        "status": status,
        "redirects": [dict(one) for one in redirects],
        "request_headers": [list(pair) for pair in request_headers],
        "headers": [list(pair) for pair in headers if pair[0].lower() not in SECRET_HEADERS],
        "sha256": sha256,
        "size": size,
        "started_at": moment(started_at),
        "finished_at": moment(finished_at),
        "reused": reused,
    }


def raw_sha256(parts: Sequence[str]) -> str:
    """Of a capture's raw bytes, from its parts' hashes: the only one's own, else of all joined by line feeds."""
    return parts[0] if len(parts) == 1 else sha256_hex("\n".join(parts).encode())


def version_facts(
    *, id: str, document_id: str, snapshot_id: str, text_sha256: str, first_seen_at: datetime
) -> dict[str, Any]:
    """Of a confirmed text. `text_sha256` is of the canonical text in UTF-8."""
    return {
        "id": id,
        "document_id": document_id,
        "snapshot_id": snapshot_id,
        "text_sha256": text_sha256,
        "first_seen_at": moment(first_seen_at),
    }


def change_facts(
    *,
    id: str,
    document_id: str,
    old_version_id: str,
    new_version_id: str,
    report: Mapping[str, Any],
    detected_at: datetime,
) -> dict[str, Any]:
    """Of a change: the hash of its report's canonical JSON stands for all that it says."""
    return {
        "id": id,
        "document_id": document_id,
        "old_version_id": old_version_id,
        "new_version_id": new_version_id,
        "report_sha256": hash_of(report),
        "detected_at": moment(detected_at),
    }


def revision_facts(*, id: str, revision: int, status: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """Of a correction or retraction of the change `id`, numbered from 1: the report as it stands since."""
    return {"id": id, "revision": revision, "status": status, "report_sha256": hash_of(report)}


# --- The chain ---


@dataclass(frozen=True, slots=True)
class Entry:
    """One link. `seq` runs from 1 without a gap; all hashes are SHA-256 in hexadecimal."""

    seq: int
    kind: Kind
    subject_id: str
    content_sha256: str
    """Of the canonical JSON of the subject's facts."""
    at: datetime
    """When it was appended."""
    previous: str
    hash: str

    def expected_hash(self) -> str:
        """The hash that its other fields give."""
        return hash_of({name: value for name, value in self.to_json().items() if name != "hash"})

    def to_json(self) -> dict[str, Any]:
        """The entry as bundles hold it."""
        return {
            "seq": self.seq,
            "kind": str(self.kind),
            "subject_id": self.subject_id,
            "content_sha256": self.content_sha256,
            "at": moment(self.at),
            "previous": self.previous,
            "hash": self.hash,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The entry that `to_json` gave; NoLedger for anything else, also where a field is missing or one too many."""
        fields = _exactly(value, "an entry", "seq kind subject_id content_sha256 at previous hash")
        try:
            return cls(**{**fields, "kind": Kind(fields["kind"]), "at": moment_from(fields["at"])})
        except ValueError as error:
            raise NoLedger(f"entry {fields['seq']!r}: {error}") from None


@dataclass(frozen=True, slots=True)
class Head:
    """The chain up to `seq`, signed: whoever holds it notices when an entry up to there is another later."""

    seq: int
    hash: str
    at: datetime
    key_id: str
    """The first 16 hexadecimal digits of the SHA-256 of the raw public key."""
    signature: str
    """Ed25519 over `signed_bytes`, in base64."""

    def signed_bytes(self) -> bytes:
        """The canonical JSON of all fields but the signature."""
        return canonical_json({name: value for name, value in self.to_json().items() if name != "signature"})

    def to_json(self) -> dict[str, Any]:
        """The head as it is published."""
        return {
            "seq": self.seq,
            "hash": self.hash,
            "at": moment(self.at),
            "key_id": self.key_id,
            "signature": self.signature,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The head that `to_json` gave; NoLedger for anything else."""
        fields = _exactly(value, "a head", "seq hash at key_id signature")
        try:
            return cls(**{**fields, "at": moment_from(fields["at"])})
        except ValueError as error:
            raise NoLedger(f"head {fields['seq']!r}: {error}") from None


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive entries up to the one that a signed head names; for one subject at most `HEAD_EVERY` are needed."""

    entries: tuple[Entry, ...]
    head: Head

    def to_json(self) -> dict[str, Any]:
        """As ledger.json holds it."""
        return {"entries": [entry.to_json() for entry in self.entries], "head": self.head.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The segment that `to_json` gave; NoLedger for anything else."""
        fields = _exactly(value, "a segment", "entries head")
        if not isinstance(fields["entries"], list):
            raise NoLedger("a segment's entries are no list")
        return cls(tuple(map(Entry.from_json, fields["entries"])), Head.from_json(fields["head"]))


def next_entry(last: Entry | None, kind: Kind, subject_id: str, content_sha256: str, at: datetime) -> Entry:
    """The entry that follows `last`, or the first one."""
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    unhashed = Entry(seq, kind, subject_id, content_sha256, at, previous, "")
    return Entry(seq, kind, subject_id, content_sha256, at, previous, unhashed.expected_hash())


def broken_links(entries: Iterable[Entry], after: Entry | None = None) -> Iterator[tuple[int, str]]:
    """Every fault of consecutive entries, as (seq, what is wrong); `after` is the one before them, where it is known.

    Without `after` the first entry's `previous` is believed, unless it is entry 1, before which nothing stands.
    """
    last = after
    for entry in entries:
        if entry.hash != entry.expected_hash():
            yield entry.seq, "its hash is not that of its fields"
        if last and entry.seq != last.seq + 1:
            yield entry.seq, f"it does not follow on entry {last.seq}"
        elif last and entry.previous != last.hash:
            yield entry.seq, f"its previous hash is not that of entry {last.seq}"
        if entry.seq == 1 and entry.previous != GENESIS:
            yield entry.seq, "something stands before the first entry"
        last = entry


def _exactly(value: Any, what: str, names: str) -> dict[str, Any]:
    """The object, with these fields and no others, `seq` a positive integer and all else but lists and objects text."""
    wanted = names.split()
    if not isinstance(value, dict) or sorted(value) != sorted(wanted):
        raise NoLedger(f"{what} has other fields than {', '.join(wanted)}")
    for name, one in value.items():
        if name == "seq" and (type(one) is not int or one < 1):
            raise NoLedger(f"{what} has {one!r} for its seq")
        if name not in ("seq", "entries", "head") and not isinstance(one, str):
            raise NoLedger(f"{what} has {one!r} for its {name}")
    return value
