"""Makes bundles; docs/evidence.md says what is in one and what vouches for it."""

from collections.abc import Iterator

from services.api.evidence.texts import canonical_text
from services.differ.core.render.html import to_html
from shared.archive import Archive, ArchiveMissing
from shared.db.ledger.bundling import Bundling, Found, VersionFound
from shared.domain.report import Report
from shared.evidence.bundle import with_manifest, zipped
from shared.evidence.ledger import canonical_json
from shared.evidence.verifying.contents import CAPTURES, HEADERS, NEW_TEXT, OLD_TEXT, REPORT
from shared.evidence.verifying.subjects import path_of
from shared.evidence.warc import Captured, to_warc

README = """Clausewatch evidence, {kind} {id}

What was captured from the web, what was made of it, and the proof that both
stand in an append-only ledger. To check it, offline:

    clausewatch evidence verify FILE.zip --key KEY.pem

with the key that the installation publishes at
/.well-known/clausewatch-ledger, got by another way than this file. How to
check it by hand, with sha256sum and openssl, and what it proves and what not:
docs/evidence.md of the program.

report.json        the change report              redline.html, redline.pdf  for reading
texts/             the texts that were compared   captures.warc.gz           the raw captures
facts/             what the ledger hashed         headers.json               requests, headers, times
ledger.json        the entries and signed heads   head.json, public_key.pem  the newest head, the key
"""


MOST_CAPTURED = 64_000_000
"""Bytes of captures in one bundle: three of the largest that the fetcher takes by default."""

_RELEASED = "retention has let go of the bytes"
_IMPORTED = "the text was imported: there was no capture of ours"
_LARGE = f"the captures of a bundle are {MOST_CAPTURED // 1_000_000} MB at most"
_REREAD = "selectors or rules of extraction have changed since, and read the capture otherwise"


class Exporter:
    """Puts bundles together. NotYetProven where the ledger has not come to the subject yet: in some seconds it has."""

    def __init__(self, bundling: Bundling, archive: Archive) -> None:
        self._bundling, self._archive = bundling, archive

    def change(self, change_id: str) -> bytes | None:
        """The zip about a change; None where there is none of that id."""
        found = self._bundling.change(change_id)
        return self._packed(found) if found else None

    def version(self, version_id: str) -> bytes | None:
        """The same about a version."""
        found = self._bundling.version(version_id)
        return self._packed(found) if found else None

    def _packed(self, found: Found) -> bytes:
        captured: dict[str, Captured] = {}
        missing: dict[str, str] = {}
        texts: dict[str, bytes] = {}
        for path, side in ((OLD_TEXT, found.old), (NEW_TEXT, found.new)):
            if side is None:
                continue
            others = (one for one in captured.values() if one.snapshot_id != side.capture.snapshot_id)
            bodies, why = self._bodies(side, sum(len(body) for one in others for body in one.bodies))
            text = canonical_text(found, side, bodies) if bodies else None
            if text is None:
                missing[f"text:{side.id}"] = why or _REREAD
            else:
                texts[path] = text
            if why or _is_imported(side):
                missing[f"capture:{side.capture.snapshot_id}"] = why or _IMPORTED
            else:
                captured[side.capture.snapshot_id] = Captured(side.capture.snapshot_id, side.parts, bodies)
        files = {**dict(_told(found)), **texts, **dict(_proof(found))}
        if captured:
            files[CAPTURES] = to_warc(captured.values())
        files["README.txt"] = README.format(kind=found.kind, id=found.id).encode()
        return zipped(with_manifest(files, found.kind, found.id, missing))

    def _bodies(self, side: VersionFound, taken: int) -> tuple[list[bytes], str]:
        """What was captured; or nothing, and why not."""
        if not side.bytes_kept:
            return [], _RELEASED
        if taken + sum(part["size"] for part in side.parts) > MOST_CAPTURED:
            return [], _LARGE
        try:
            return [self._archive.get(part.sha256) for part in side.capture.parts], ""
        except ArchiveMissing:
            return [], _RELEASED


def _is_imported(side: VersionFound) -> bool:
    """Whether it was read from a file that somebody else recorded: such a part has no status."""
    return all(part["status"] == 0 for part in side.parts)


def _told(found: Found) -> Iterator[tuple[str, bytes]]:
    """What was told of a change, as data and for reading."""
    if found.report is None:
        return
    # fpdf brings a font library and PIL: a fifth of what starting the API would take, for what few ask for.
    from services.differ.core.render.pdf import to_pdf  # noqa: PLC0415

    report = Report.from_json({**found.report, "status": found.status})
    yield REPORT, canonical_json(found.report)
    yield "redline.html", to_html(report).encode("utf-8", "replace")
    yield "redline.pdf", to_pdf(report, found.proof.segments[-1].head.at)


def _proof(found: Found) -> Iterator[tuple[str, bytes]]:
    for subject in found.proof.subjects:
        yield path_of(subject.kind, subject.id), canonical_json(subject.facts)
    yield "ledger.json", canonical_json({"segments": [segment.to_json() for segment in found.proof.segments]})
    yield "head.json", canonical_json(found.proof.segments[-1].head.to_json())
    yield "public_key.pem", found.proof.public_keys.encode()
    sides = [side for side in (found.old, found.new) if side]
    yield HEADERS, canonical_json({side.capture.snapshot_id: list(side.parts) for side in sides})
