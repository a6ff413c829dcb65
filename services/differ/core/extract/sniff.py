"""Which format a body has and how its bytes are written, from the header first and the bytes after."""

import codecs
import re
from typing import Literal

from services.differ.core.extract.content import PartContent, Unextractable

Format = Literal["html", "markdown", "text", "pdf"]

_BY_MEDIA_TYPE: dict[str, Format] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
    "application/pdf": "pdf",
}
_BY_SUFFIX: dict[str, Format] = {".md": "markdown", ".markdown": "markdown", ".txt": "text"}
_BINARY: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h[1-6]|article|main|table|ul|ol|span|br)\b", re.IGNORECASE
)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]+)""", re.IGNORECASE)
_MARKDOWN = re.compile(rb"^(?:#{1,6} \S|\* \S|- \S|>\s)|\]\((?:https?:|/|#|mailto:)", re.MULTILINE)
_NEVER_ON_THE_WEB = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
_SNIFFED = 4096
_BINARY_SHARE = 0.1


def detect_format(part: PartContent) -> Format:
    """The format of a part: unmistakable bytes, then the media type, then the look of the first bytes.

    Raises Unextractable where the bytes are of no format that holds readable text.
    """
    start = part.body[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF-"):
        return "pdf"
    for magic, name in _BINARY:
        if start.startswith(magic):
            raise Unextractable("unreadable", f"the body is {name}")
    declared = (part.media_type or "").split(";")[0].strip().lower()
    known = _BY_MEDIA_TYPE.get(declared)
    if known == "pdf":
        raise Unextractable("unreadable", "announced as PDF, but the bytes are none")
    wide = part.charset is not None and part.charset.lower().startswith(("utf-16", "utf-32"))
    if not wide and not part.body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _refuse_binary(part.body[:_SNIFFED])
    if known == "text" and part.url is not None and (by_suffix := _suffix_format(part.url)):
        return by_suffix
    return known or _look(start, part.url)


def _refuse_binary(start: bytes) -> None:
    controls = sum(1 for byte in start if byte < 9 or 13 < byte < 32)
    if start and controls / len(start) > _BINARY_SHARE and len(start) > 64:
        raise Unextractable("unreadable", "the body is binary data of an unknown kind")


def _suffix_format(url: str) -> Format | None:
    path = url.split("?")[0].split("#")[0].lower()
    return next((kind for suffix, kind in _BY_SUFFIX.items() if path.endswith(suffix)), None)


def _look(start: bytes, url: str | None) -> Format:
    if url is not None and (by_suffix := _suffix_format(url)):
        return by_suffix
    if _TAG.search(start):
        return "html"
    return "markdown" if _MARKDOWN.search(start) else "text"


def decode(body: bytes, header_charset: str | None, *, html: bool = False) -> str:
    """Text by byte order mark, HTTP header, `<meta charset>` (HTML only), then UTF-8, then windows-1252.

    A declared charset that the bytes contradict is passed over, since UTF-8 hardly ever decodes by chance.
    NUL characters are dropped.
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace").replace("\0", "")
    for name in (header_charset, _meta_charset(body) if html else None, "utf-8"):
        text = _try(body, name)
        if text is not None:
            return text.replace("\0", "")
    if body[:_SNIFFED].isascii() or _mostly_utf8(body):
        return body.decode("utf-8", "replace").replace("\0", "")
    return body.decode("cp1252", "replace").replace("\0", "")


def _meta_charset(body: bytes) -> str | None:
    match = _META_CHARSET.search(body[:_SNIFFED])
    return match[1].decode("ascii") if match else None


def _try(body: bytes, name: str | None) -> str | None:
    if not name:
        return None
    try:
        codec = codecs.lookup(name.strip().strip("\"'"))
        # The web reads Latin-1 as windows-1252 (WHATWG Encoding).
        if codec.name.replace("-", "_") in _NEVER_ON_THE_WEB or codec.name in _NEVER_ON_THE_WEB:
            return None
        encoding = "cp1252" if codec.name in {"iso8859-1", "ascii"} else codec.name
        if encoding == "cp1252" and not body.isascii() and (text := _try(body, "utf-8")) is not None:
            return text
        return body.decode(encoding)
    except (LookupError, UnicodeError, ValueError):
        return None


def _mostly_utf8(body: bytes) -> bool:
    """Whether a few broken bytes stand in what is otherwise UTF-8."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    wide = sum(1 for char in text if char > "\x7f")
    return wide > 4 * broken
