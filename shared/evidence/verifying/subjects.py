"""The facts in a bundle: each is in the ledger, and they speak of one another."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.evidence.ledger import Entry, Kind, sha256_hex
from shared.evidence.verifying.chain import LEDGER, Chain
from shared.evidence.verifying.faults import Fault, Unreadable, canonical_value
from shared.evidence.verifying.manifest import NAME, Manifest

Key = tuple[Kind, str]

_NAMES = re.compile(r"facts/(snapshot|version|change|revision)-(.+)\.json", re.DOTALL)
_FIELDS = {
    Kind.SNAPSHOT: "captured_at document_id headers_sha256 id sha256 url",
    Kind.VERSION: "document_id first_seen_at id snapshot_id text_sha256",
    Kind.CHANGE: "detected_at document_id id new_version_id old_version_id report_sha256",
    Kind.REVISION: "id report_sha256 revision status",
}


@dataclass(frozen=True, slots=True)
class Subjects:
    """What the bundle has facts of, as far as they could be read, and the entries that these facts were hashed into."""

    facts: Mapping[Key, Mapping[str, Any]]
    entries: Mapping[Key, Entry]

    def ids(self, kind: Kind) -> list[str]:
        return [one for of, one in self.facts if of is kind]


def path_of(kind: Kind, subject_id: str) -> str:
    """The file that holds a subject's facts."""
    return f"facts/{kind}-{subject_id}.json"


def read_subjects(manifest: Manifest, files: Mapping[str, bytes], chain: Chain) -> tuple[Subjects, list[Fault]]:
    """The facts, and what is wrong with them."""
    facts: dict[Key, Mapping[str, Any]] = {}
    entries: dict[Key, Entry] = {}
    faults: list[Fault] = []
    for path, data in files.items():
        named = _NAMES.fullmatch(path)
        if named is None:
            continue
        key = (Kind(named[1]), named[2])
        try:
            facts[key] = _facts(key, canonical_value(data))
        except Unreadable as error:
            faults.append(Fault(path, str(error)))
        found, fault = _entry(key, data, chain)
        if found:
            entries[key] = found
        if fault:
            faults.append(Fault(path, fault))
    subjects = Subjects(facts, entries)
    faults += _subject_faults(manifest, subjects)
    faults += _reference_faults(subjects)
    return subjects, faults


def _facts(key: Key, value: Any) -> Mapping[str, Any]:
    kind, subject_id = key
    if not isinstance(value, dict) or sorted(value) != _FIELDS[kind].split():
        raise Unreadable(f"it has other fields than {_FIELDS[kind]}")
    if not all(isinstance(one, str) or (name == "revision" and type(one) is int) for name, one in value.items()):
        raise Unreadable("a field in it has the wrong type")
    if value["id"] != subject_id:
        raise Unreadable(f"it is of {value['id']}")
    return value


def _entry(key: Key, data: bytes, chain: Chain) -> tuple[Entry | None, str | None]:
    """The entry that these facts were hashed into, or what is wrong."""
    about = [entry for entry in chain.entries() if (entry.kind, entry.subject_id) == key]
    if not about:
        return None, f"no entry of {LEDGER} is about it"
    found = sha256_hex(data)
    entry = next((entry for entry in about if entry.content_sha256 == found), None)
    if entry is None:
        numbers = ", ".join(str(entry.seq) for entry in about)
        return None, f"its SHA-256 is {found}, which is not the content of entry {numbers}"
    return entry, None


def _subject_faults(manifest: Manifest, subjects: Subjects) -> Iterator[Fault]:
    if manifest.subject is None:
        return
    kind, subject_id = manifest.subject
    if kind not in (Kind.CHANGE, Kind.VERSION):
        yield Fault(NAME, f"its subject is a {kind!r}, not a change or a version")
    elif (Kind(kind), subject_id) not in subjects.facts:
        yield Fault(NAME, f"there are no facts of its subject, {kind} {subject_id}")
    for one in manifest.missing:
        what, _, name = one.partition(":")
        of = {"capture": Kind.SNAPSHOT, "text": Kind.VERSION}.get(what)
        if of is None or (of, name) not in subjects.facts:
            yield Fault(NAME, f"{one!r} is said to be missing, and is nothing that this bundle is about")


def _reference_faults(subjects: Subjects) -> Iterator[Fault]:
    """What facts name is in the bundle too, and all is of one document."""
    named = {
        Kind.CHANGE: (("old_version_id", Kind.VERSION), ("new_version_id", Kind.VERSION)),
        Kind.VERSION: (("snapshot_id", Kind.SNAPSHOT),),
        Kind.REVISION: (("id", Kind.CHANGE),),
    }
    for (kind, subject_id), facts in subjects.facts.items():
        for field, of in named.get(kind, ()):
            if (of, facts[field]) not in subjects.facts:
                where = f"{path_of(kind, subject_id)}, {field}"
                yield Fault(where, f"there are no facts of {of} {facts[field]}")
    documents = {facts["document_id"] for facts in subjects.facts.values() if "document_id" in facts}
    if len(documents) > 1:
        yield Fault("facts", f"they are of several documents: {', '.join(sorted(documents))}")
