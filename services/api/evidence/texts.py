"""The canonical text of a version, read again from its capture: it is not stored, because the capture has it."""

import hashlib
from collections.abc import Sequence

from services.differ.core.extract import NO_CHROME, ChromeSet, PartContent, Unextractable, extract
from shared.db.ledger.bundling import Found, VersionFound


def canonical_text(found: Found, side: VersionFound, bodies: Sequence[bytes]) -> bytes | None:
    """In UTF-8; None where today's selectors or rules of extraction read the capture otherwise than was recorded."""
    for selected in (True, False):
        for chrome in _chromes(found):
            text = _read(found, side, bodies, chrome, selected=selected)
            if text is not None and hashlib.sha256(text).hexdigest() == side.text_sha256:
                return text
    return None


def _chromes(found: Found) -> list[ChromeSet]:
    """The set learned since, and none: a version may be older than what was learned."""
    stored = found.chrome
    return [*([ChromeSet(str(stored.version), stored.hashes)] if stored.hashes else []), NO_CHROME]


def _read(
    found: Found, side: VersionFound, bodies: Sequence[bytes], chrome: ChromeSet, *, selected: bool
) -> bytes | None:
    declared = found.document.declaration.parts
    contents = [
        PartContent(
            one.url,
            one.media_type,
            one.charset,
            body,
            part.select if selected else (),
            part.remove if selected else (),
        )
        for one, body, part in zip(side.capture.parts, bodies, declared, strict=False)
    ]
    try:
        extraction = extract(contents, chrome=chrome)
    except Unextractable:
        return None
    return extraction.canonical_text.encode("utf-8", "surrogatepass")
