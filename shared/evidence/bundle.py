"""A bundle of evidence as a zip: the same bytes for the same content. docs/evidence.md says what is in it. Pure."""

import io
import zipfile
from collections.abc import Mapping

from shared.evidence.ledger import Kind, canonical_json, sha256_hex
from shared.evidence.verifying.manifest import FORMAT, NAME

_AT = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip can name (APPNOTE 4.4.6): when a bundle was packed is no evidence."""
_READABLE = 0o100644 << 16
_UNIX = 3


def with_manifest(
    files: Mapping[str, bytes], kind: Kind, subject_id: str, missing: Mapping[str, str]
) -> dict[str, bytes]:
    """The files with a manifest of them; `missing` names what could not be put in, and why."""
    manifest = {
        "format": FORMAT,
        "subject": {"kind": str(kind), "id": subject_id},
        "files": [
            {"path": path, "sha256": sha256_hex(data), "bytes": len(data)} for path, data in sorted(files.items())
        ],
        "missing": dict(missing),
    }
    return {NAME: canonical_json(manifest), **dict(sorted(files.items()))}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip, in the order given. Nothing in it is packed smaller: versions of zlib pack differently, and a
    check holds a zip to these very bytes.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in files.items():
            info = zipfile.ZipInfo(path, _AT)
            info.external_attr = _READABLE
            info.create_system = _UNIX
            archive.writestr(info, data)
    return packed.getvalue()
