"""A small bundle by hand, as docs/evidence.md describes it: a change with two versions and their captures."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.evidence.heads import SigningKey
from shared.evidence.ledger import (
    Entry,
    Kind,
    Segment,
    canonical_json,
    change_facts,
    hash_of,
    next_entry,
    part_facts,
    revision_facts,
    sha256_hex,
    snapshot_facts,
    version_facts,
)

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = SigningKey.derived("the installation's" * 2)

URL = "https://acme.example/terms"
BODIES = {"snp_old": b"<p>30 days</p>", "snp_new": b"<p>14 days</p>"}
TEXTS = {"texts/old.txt": b"30 days", "texts/new.txt": b"14 days"}
REPORT = {"id": "chg_1", "headline": {"text": "Notice is shorter"}, "confidence": 0.9}


def parts() -> dict[str, list[dict[str, Any]]]:
    """What headers.json holds."""
    return {snapshot_id: [_part(body)] for snapshot_id, body in BODIES.items()}


def facts(*, is_revised: bool = False) -> dict[tuple[Kind, str], dict[str, Any]]:
    """What is hashed of each subject."""
    found: dict[tuple[Kind, str], dict[str, Any]] = {}
    for side in ("old", "new"):
        snapshot_id, version_id = f"snp_{side}", f"ver_{side}"
        found[Kind.SNAPSHOT, snapshot_id] = snapshot_facts(
            id=snapshot_id,
            document_id="doc_1",
            captured_at=AT,
            sha256=sha256_hex(BODIES[snapshot_id]),
            parts=parts()[snapshot_id],
        )
        found[Kind.VERSION, version_id] = version_facts(
            id=version_id,
            document_id="doc_1",
            snapshot_id=snapshot_id,
            text_sha256=sha256_hex(TEXTS[f"texts/{side}.txt"]),
            first_seen_at=AT,
        )
    found[Kind.CHANGE, "chg_1"] = change_facts(
        id="chg_1",
        document_id="doc_1",
        old_version_id="ver_old",
        new_version_id="ver_new",
        report={"as": "first told"} if is_revised else REPORT,
        detected_at=AT,
    )
    if is_revised:
        found[Kind.REVISION, "chg_1"] = revision_facts(id="chg_1", revision=1, status="corrected", report=REPORT)
    return found


def bundle(*, key: SigningKey = KEY, is_revised: bool = False) -> dict[str, bytes]:
    """The files by path, the manifest included. The older side is under a head of its own."""
    of = facts(is_revised=is_revised)
    segments: list[Segment] = []
    entries: list[Entry] = []
    for number, ((kind, subject_id), value) in enumerate(of.items(), 1):
        last = entries[-1] if entries else (segments[-1].entries[-1] if segments else None)
        entries.append(next_entry(last, kind, subject_id, hash_of(value), AT + timedelta(seconds=number)))
        if number == 2 or number == len(of):
            segments.append(Segment(tuple(entries), key.head(entries[-1], entries[-1].at)))
            entries = []
    return listed(
        {
            "report.json": canonical_json(REPORT),
            **TEXTS,
            "captures.warc.gz": gzip.compress(b"".join(record(one) + request(one) for one in BODIES), mtime=0),
            "headers.json": canonical_json(parts()),
            **{f"facts/{kind}-{subject_id}.json": canonical_json(value) for (kind, subject_id), value in of.items()},
            "ledger.json": canonical_json({"segments": [segment.to_json() for segment in segments]}),
            "head.json": canonical_json(segments[-1].head.to_json()),
            "public_key.pem": key.public.pem.encode(),
            "redline.html": b"<p>30</p>",
            "README.txt": b"How to check this.\n",
        }
    )


def listed(files: Mapping[str, bytes], *, missing: tuple[str, ...] = ()) -> dict[str, bytes]:
    """These files with a manifest that fits them: what a forger makes last."""
    others = {path: data for path, data in files.items() if path != "manifest.json"}
    manifest = {
        "format": "clausewatch-evidence/1",
        "subject": {"kind": "change", "id": "chg_1"},
        "files": [
            {"path": path, "sha256": sha256_hex(data), "bytes": len(data)} for path, data in sorted(others.items())
        ],
        "missing": dict.fromkeys(missing, "kept no longer"),
    }
    return {**others, "manifest.json": canonical_json(manifest)}


def record(snapshot_id: str) -> bytes:
    """A response record of a WARC file."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + BODIES[snapshot_id]
    fields = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {URL}\r\n"
        f"Clausewatch-Snapshot: {snapshot_id}\r\nClausewatch-Part: 0\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return fields.encode() + block + b"\r\n\r\n"


def request(
    snapshot_id: str, *, part: int = 0, url: str = URL, line: str = "GET /terms HTTP/1.1", more: str = ""
) -> bytes:
    """The record of what was asked for it."""
    block = f"{line}\r\nUser-Agent: Clausewatch\r\n{more}\r\n".encode()
    fields = (
        f"WARC/1.1\r\nWARC-Type: request\r\nWARC-Target-URI: {url}\r\n"
        f"Clausewatch-Snapshot: {snapshot_id}\r\nClausewatch-Part: {part}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return fields.encode() + block + b"\r\n\r\n"


def _part(body: bytes) -> dict[str, Any]:
    return part_facts(
        url=URL,
        final_url=URL,
        status=200,
        redirects=[],
        request_headers=[["User-Agent", "Clausewatch"]],
        headers=[["Content-Type", "text/html"]],
        sha256=sha256_hex(body),
        size=len(body),
        started_at=AT,
        finished_at=AT,
        reused=False,
    )
