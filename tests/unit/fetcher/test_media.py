"""Which answers are read."""

import pytest

from services.fetcher.core.media import Media, media_of
from shared.domain.captures import FailureKind, FetchFailed

HTML = b"<!doctype html><title>Terms</title>"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/html", HTML, Media("text/html", None)),
        ("Text/HTML; Charset=UTF-8", HTML, Media("text/html", "utf-8")),
        ('text/html;charset="utf8"', HTML, Media("text/html", "utf-8")),
        ("text/html; charset='utf-8'", HTML, Media("text/html", "utf-8")),
        ("text/html; charset=iso-8859-1", HTML, Media("text/html", "cp1252")),
        ("text/html; charset=windows-1251", HTML, Media("text/html", "cp1251")),
        ("text/html; charset=Shift_JIS", HTML, Media("text/html", "shift_jis")),
        ("text/html; charset=klingon", HTML, Media("text/html", None)),
        ("text/html; charset=rot13", HTML, Media("text/html", None)),
        ("text/html; charset=utf-7", HTML, Media("text/html", None)),
        ("text/html; charset=idna", HTML, Media("text/html", None)),
        ("text/html; charset=" + "a" * 500, HTML, Media("text/html", None)),
        ("text/html; charset", HTML, Media("text/html", None)),
        ("text/html; charset*=utf-8''utf-8", HTML, Media("text/html", None)),
        ("text/html;;; boundary=\x00\xff", HTML, Media("text/html", None)),
        ("application/xhtml+xml", HTML, Media("application/xhtml+xml", None)),
        ("application/pdf", b"%PDF-1.7", Media("application/pdf", None)),
        ("text/markdown; charset=utf-8", b"# Terms", Media("text/markdown", "utf-8")),
        ("text/plain", b"Terms", Media("text/plain", None)),
        ("text/html", b"", Media("text/html", None)),
        (None, HTML, Media("text/html", None)),
        ("", b"\xef\xbb\xbf  <HTML>", Media("text/html", None)),
        ("application/octet-stream", b"%PDF-1.4\n\x00", Media("application/pdf", None)),
        ("application/octet-stream", b"# Terms\n\nWe may.", Media("text/plain", None)),
        ("binary/octet-stream", b"\xff\xfeT\x00e\x00", Media("text/plain", None)),
    ],
)
def test_what_is_read(content_type: str | None, body: bytes, expected: Media) -> None:
    assert media_of(content_type, body) == expected


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/zip", b"PK\x03\x04"),
        ("image/png", b"\x89PNG"),
        ("application/json", b"{}"),
        ("text/css", b"p {}"),
        ("application/msword", b"\xd0\xcf"),
        ("nonsense", HTML),
        ("application/octet-stream", b"PK\x03\x04\x14\x00\x00"),
        ("application/octet-stream", b""),
        (None, b"\x00\x01\x02"),
        (None, b"   "),
    ],
)
def test_what_is_not(content_type: str | None, body: bytes) -> None:
    with pytest.raises(FetchFailed) as caught:
        media_of(content_type, body)
    assert caught.value.kind is FailureKind.UNSUPPORTED_TYPE
