"""Which answers hold a document we can read: by header, and by the bytes where the header says nothing."""

import codecs
from dataclasses import dataclass
from email.message import Message

from shared.domain.captures import FailureKind, FetchFailed

ACCEPTED = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "application/pdf",
        "text/markdown",
        "text/x-markdown",
        "text/plain",
    }
)
_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})
_NEVER_ON_THE_WEB = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
_SNIFFED = 1024
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--", b"<?xml", b"<meta", b"<title", b"<div", b"<p")


@dataclass(frozen=True, slots=True)
class Media:
    """The media type, lower-case without parameters, and the charset that the header declares, if Python knows it."""

    media_type: str
    charset: str | None


def media_of(content_type: str | None, body: bytes) -> Media:
    """What an answer is; FetchFailed(unsupported-type) where it is nothing that we read.

    A missing type and `application/octet-stream` are no statement: then the first bytes decide (WHATWG MIME Sniffing,
    7.1, as far as our types go). `<meta charset>` and byte order marks are left to extraction.
    """
    declared, charset = _parse(content_type or "")
    if declared in ACCEPTED:
        return Media(declared, charset)
    if declared not in _SAYS_NOTHING:
        raise FetchFailed(FailureKind.UNSUPPORTED_TYPE, f"the answer is {declared[:80]}, which holds no text we read")
    sniffed = _sniff(body)
    if sniffed is None:
        raise FetchFailed(FailureKind.UNSUPPORTED_TYPE, "the answer does not say what it is, and looks like no text")
    return Media(sniffed, charset)


def _parse(content_type: str) -> tuple[str, str | None]:
    message = Message()
    message["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    media_type = content_type.partition(";")[0].strip().lower()
    charset = message.get_param("charset", unquote=True)
    return media_type, _known_charset(charset.strip(" '\"") if isinstance(charset, str) else None)


def _known_charset(label: str | None) -> str | None:
    """Python's name of a charset, or None; WHATWG reads `iso-8859-1` and `us-ascii` as windows-1252, so do we."""
    if not label or not label.isascii() or len(label) > 40:
        return None
    try:
        b"?".decode(label, "replace")  # bytes.decode, unlike codecs.lookup, refuses codecs that make no text
    except (LookupError, ValueError):
        return None
    name = codecs.lookup(label).name
    if name in _NEVER_ON_THE_WEB:
        return None
    return "cp1252" if name in {"iso8859-1", "ascii"} else name


def _sniff(body: bytes) -> str | None:
    start = body[:_SNIFFED]
    if start.startswith(b"%PDF-"):
        return "application/pdf"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "text/plain"
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.lower().startswith(_HTML_STARTS):
        return "text/html"
    is_binary = any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in start)
    return None if is_binary or not text else "text/plain"
