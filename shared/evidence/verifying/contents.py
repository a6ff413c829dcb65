"""The contents of a bundle against the facts: report, texts, captures and headers."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.evidence.ledger import Kind, hash_of, raw_sha256, sha256_hex
from shared.evidence.verifying.faults import Fault, Unreadable, canonical_value
from shared.evidence.verifying.manifest import Manifest
from shared.evidence.verifying.requests import request_faults
from shared.evidence.verifying.subjects import Subjects, path_of
from shared.evidence.verifying.warc import BadWarc, Request, Response, records

REPORT, CAPTURES, HEADERS = "report.json", "captures.warc.gz", "headers.json"
OLD_TEXT, NEW_TEXT = "texts/old.txt", "texts/new.txt"


def contents_against_facts(manifest: Manifest, subjects: Subjects, files: Mapping[str, bytes]) -> list[Fault]:
    """Every file whose hash is a fact, against that fact."""
    return [
        *_report_faults(subjects, files),
        *_text_faults(manifest, subjects, files),
        *_capture_faults(manifest, subjects, files),
    ]


def _report_faults(subjects: Subjects, files: Mapping[str, bytes]) -> Iterator[Fault]:
    changes = subjects.ids(Kind.CHANGE)
    if not changes and REPORT in files:
        yield Fault(REPORT, "the bundle is about no change")
    for change_id in changes:
        kind = Kind.REVISION if (Kind.REVISION, change_id) in subjects.facts else Kind.CHANGE
        said = subjects.facts[kind, change_id]["report_sha256"]
        if REPORT not in files:
            yield Fault(REPORT, f"it is missing: the report of change {change_id}")
        elif (found := sha256_hex(files[REPORT])) != said:
            yield Fault(REPORT, f"its SHA-256 is {found}, {path_of(kind, change_id)} says {said}")


def _text_faults(manifest: Manifest, subjects: Subjects, files: Mapping[str, bytes]) -> Iterator[Fault]:
    due = _texts(manifest, subjects)
    for path in (OLD_TEXT, NEW_TEXT):
        if path in files and path not in due:
            yield Fault(path, "no version of the bundle has it")
    for path, version_id in due.items():
        facts = subjects.facts.get((Kind.VERSION, version_id))
        is_missing = f"text:{version_id}" in manifest.missing
        if path not in files:
            if not is_missing:
                yield Fault(path, f"it is missing: the text of version {version_id}")
        elif is_missing:
            yield Fault(path, "the manifest says that it is missing")
        elif facts and (found := sha256_hex(files[path])) != facts["text_sha256"]:
            where = path_of(Kind.VERSION, version_id)
            yield Fault(path, f"its SHA-256 is {found}, {where} says {facts['text_sha256']}")


def _texts(manifest: Manifest, subjects: Subjects) -> dict[str, str]:
    """Which version's text each file holds."""
    for change_id in subjects.ids(Kind.CHANGE):
        facts = subjects.facts[Kind.CHANGE, change_id]
        return {OLD_TEXT: facts["old_version_id"], NEW_TEXT: facts["new_version_id"]}
    if manifest.subject and manifest.subject[0] == Kind.VERSION:
        return {NEW_TEXT: manifest.subject[1]}
    return {}


def _capture_faults(manifest: Manifest, subjects: Subjects, files: Mapping[str, bytes]) -> Iterator[Fault]:
    found: dict[str, list[Response]] = {}
    asked: dict[str, list[Request]] = {}
    try:
        for record in records(files[CAPTURES]) if CAPTURES in files else ():
            if isinstance(record, Response):
                found.setdefault(record.snapshot_id, []).append(record)
            else:
                asked.setdefault(record.snapshot_id, []).append(record)
    except BadWarc as error:
        yield Fault(CAPTURES, str(error))
    parts = {}
    try:
        parts = _headers(files[HEADERS]) if HEADERS in files else {}
    except Unreadable as error:
        yield Fault(HEADERS, str(error))
    snapshots = subjects.ids(Kind.SNAPSHOT)
    for where, known in ((CAPTURES, {*found, *asked}), (HEADERS, set(parts))):
        for snapshot_id in sorted(known - set(snapshots)):
            yield Fault(f"{where}, snapshot {snapshot_id}", "there are no facts of it")
    for snapshot_id in snapshots:
        facts = subjects.facts[Kind.SNAPSHOT, snapshot_id]
        yield from _header_faults(snapshot_id, facts, parts.get(snapshot_id))
        is_missing = f"capture:{snapshot_id}" in manifest.missing
        if is_missing and (snapshot_id in found or snapshot_id in asked):
            yield Fault(f"{CAPTURES}, snapshot {snapshot_id}", "the manifest says that it is missing")
        elif not is_missing:
            yield from _body_faults(snapshot_id, facts, found.get(snapshot_id, []), parts.get(snapshot_id))
            yield from request_faults(
                f"{CAPTURES}, snapshot {snapshot_id}", asked.get(snapshot_id, []), parts.get(snapshot_id)
            )


def _header_faults(snapshot_id: str, facts: Mapping[str, Any], parts: list[Any] | None) -> Iterator[Fault]:
    where = f"{HEADERS}, snapshot {snapshot_id}"
    if parts is None:
        yield Fault(where, "it is missing")
    elif (found := hash_of(parts)) != facts["headers_sha256"]:
        said = f"{path_of(Kind.SNAPSHOT, snapshot_id)} says {facts['headers_sha256']}"
        yield Fault(where, f"the SHA-256 of its canonical JSON is {found}, {said}")


def _body_faults(
    snapshot_id: str, facts: Mapping[str, Any], bodies: list[Response], parts: list[Any] | None
) -> Iterator[Fault]:
    where = f"{CAPTURES}, snapshot {snapshot_id}"
    if not bodies:
        yield Fault(where, "no record holds it")
        return
    if [body.part for body in bodies] != list(range(len(bodies))):
        yield Fault(where, "its parts are not in order, each once")
    found = raw_sha256([body.sha256 for body in bodies])
    if found != facts["sha256"]:
        said = f"{path_of(Kind.SNAPSHOT, snapshot_id)} says {facts['sha256']}"
        yield Fault(where, f"the SHA-256 of what was captured is {found}, {said}")
    for body, part in zip(bodies, parts or (), strict=False):
        yield from _record_faults(f"{where}, part {body.part}", body, part)


def _record_faults(where: str, body: Response, part: Any) -> Iterator[Fault]:
    """A record's own address, status and headers are those of headers.json, which the ledger covers."""
    if not isinstance(part, dict):
        return
    if body.url != part.get("final_url"):
        yield Fault(where, f"its WARC-Target-URI is not the address of {HEADERS}")
    if body.status != part.get("status"):
        yield Fault(where, f"its status is {body.status}, that of {HEADERS} is {part.get('status')}")
    known: dict[str, list[str]] = {"content-length": []}
    for name, value in filter(_is_pair, part.get("headers", ())):
        known.setdefault(name.lower(), []).append(value)
    for name, value in body.headers:
        said = known.get(name.lower())
        # the length is that of the decoded body; what is not ASCII has no one form in a header
        if said is None or (value not in said and all(one.isascii() for one in said) and said):
            yield Fault(where, f"its header {name} is not that of {HEADERS}")


def _headers(data: bytes) -> dict[str, list[Any]]:
    value = canonical_value(data)
    if not isinstance(value, dict) or not all(isinstance(parts, list) for parts in value.values()):
        raise Unreadable("it is no object of lists")
    return value


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
