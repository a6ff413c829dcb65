"""The manifest, and the files against it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.evidence.ledger import sha256_hex
from shared.evidence.verifying.faults import Fault, Unreadable, canonical_value

NAME = "manifest.json"
FORMAT = "clausewatch-evidence/1"
NEEDED = ("README.txt", "head.json", "headers.json", "ledger.json", "public_key.pem")
"""Files that every bundle has."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the manifest has it."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest says, as far as it could be read."""

    subject: tuple[str, str] | None
    """(kind, id)"""
    files: Mapping[str, Listed]
    missing: Mapping[str, str]
    """Why each could not be put in."""


_NOTHING = Manifest(None, {}, {})


def read_manifest(files: Mapping[str, bytes]) -> tuple[Manifest, list[Fault]]:
    """The manifest and what is wrong with it; one that says nothing where it cannot be read."""
    if NAME not in files:
        return _NOTHING, [Fault(NAME, "it is missing")]
    try:
        value = canonical_value(files[NAME])
        return _manifest(value), []
    except Unreadable as error:
        return _NOTHING, [Fault(NAME, str(error))]


def files_against(manifest: Manifest, files: Mapping[str, bytes]) -> list[Fault]:
    """Files that are missing, too many, or not what the manifest says."""
    if manifest is _NOTHING:
        return []
    return list(_differences(manifest, files))


_SHOWN_OTHERWISE = frozenset({"head.json", "headers.json", "ledger.json", "public_key.pem", "report.json"})
"""With texts and facts: files of which an altered byte is found without the manifest."""


def blamed(faults: Sequence[Fault]) -> list[Fault]:
    """The faults, those turned on the manifest in which it alone speaks against a file that all else bears out."""
    said_by_manifest = re.compile(r"it has \d+ bytes, the manifest says|its SHA-256 is \w+, the manifest says")
    others = {fault.where.partition(",")[0] for fault in faults if not said_by_manifest.match(fault.what)}
    turned = []
    for fault in faults:
        is_borne_out = fault.where in _SHOWN_OTHERWISE or fault.where.startswith(("texts/", "facts/"))
        if said_by_manifest.match(fault.what) and is_borne_out and fault.where not in others:
            fault = Fault(NAME, f"what it says of {fault.where} is not so: {fault.what}")
        turned.append(fault)
    return turned


def _differences(manifest: Manifest, files: Mapping[str, bytes]) -> Iterator[Fault]:
    for path, listed in manifest.files.items():
        if path not in files:
            yield Fault(path, "it is missing")
        elif len(files[path]) != listed.size:
            yield Fault(path, f"it has {len(files[path])} bytes, the manifest says {listed.size}")
        elif (found := sha256_hex(files[path])) != listed.sha256:
            yield Fault(path, f"its SHA-256 is {found}, the manifest says {listed.sha256}")
    for path in sorted(files.keys() - manifest.files.keys() - {NAME}):
        yield Fault(path, "the manifest does not list it")
    for path in NEEDED:
        if path not in manifest.files and path not in files:
            yield Fault(path, "it is missing, and every bundle has one")


def _manifest(value: Any) -> Manifest:
    if not isinstance(value, dict) or sorted(value) != ["files", "format", "missing", "subject"]:
        raise Unreadable("it has other fields than files, format, missing, subject")
    if value["format"] != FORMAT:
        raise Unreadable(f"its format is {value['format']!r}; this program knows {FORMAT}")
    subject = value["subject"]
    if not isinstance(subject, dict) or sorted(subject) != ["id", "kind"] or not _are_text(subject.values()):
        raise Unreadable("its subject is not a kind and an id")
    return Manifest((subject["kind"], subject["id"]), _listed(value["files"]), _missing(value["missing"]))


def _listed(value: Any) -> dict[str, Listed]:
    if not isinstance(value, list):
        raise Unreadable("its files are no list")
    listed: dict[str, Listed] = {}
    for one in value:
        if not isinstance(one, dict) or sorted(one) != ["bytes", "path", "sha256"]:
            raise Unreadable("a file in it has other fields than bytes, path, sha256")
        if not _are_text((one["path"], one["sha256"])) or type(one["bytes"]) is not int:
            raise Unreadable("a file in it has a field of the wrong type")
        listed[one["path"]] = Listed(one["sha256"], one["bytes"])
    if [one["path"] for one in value] != sorted(listed):
        raise Unreadable("its files are not sorted by path, each once")
    return listed


def _missing(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not _are_text(value.values()):
        raise Unreadable("what it says is missing is no object of names and why")
    return value


def _are_text(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)
