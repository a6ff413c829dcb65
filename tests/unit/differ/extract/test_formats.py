"""Media types, charsets, Markdown, plain text, PDF, and bytes that are none of them."""

import io
import zipfile

import pytest

from services.differ.core.blocks import BlockKind
from services.differ.core.extract import Unextractable, extract
from tests.unit.differ.extract.pages import lines, part, read
from tests.unit.differ.extract.pdfs import encrypted_pdf, pdf


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("terms.html", "<p>Terms.</p>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        pytest.param("<p>Für Sie</p>".encode(), None, id="utf-8-by-default"),
        pytest.param("<p>Für Sie</p>".encode("latin-1"), "iso-8859-1", id="header"),
        pytest.param("<p>Für Sie</p>".encode(), "iso-8859-1", id="header-contradicted"),
        pytest.param(b"<meta charset=windows-1252>" + "<p>Für Sie</p>".encode("cp1252"), None, id="meta"),
        pytest.param("\ufeff<p>Für Sie</p>".encode("utf-16-le"), None, id="byte-order-mark"),
        pytest.param("<p>Für Sie</p>".encode("cp1252"), None, id="fallback"),
        pytest.param("<p>Für Sie</p>".encode(), "no-such-charset", id="unknown-charset"),
        pytest.param("<p>F\0ür Sie</p>".encode(), None, id="nul"),
    ],
)
def test_charsets(body: bytes, charset: str | None) -> None:
    assert extract([part(body, charset=charset)]).reading_text == "Für Sie"


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        pytest.param(zipped(), "text/html", "unreadable", id="zip-named-html"),
        pytest.param(b"GIF89a....", None, "unreadable", id="picture"),
        pytest.param(b"\0\1\2\3" * 100, None, "unreadable", id="binary"),
        pytest.param(b"no pdf", "application/pdf", "unreadable", id="announced-as-pdf"),
        pytest.param(b"%PDF-1.7 broken", "application/pdf", "unreadable", id="broken-pdf"),
        pytest.param(encrypted_pdf(), "application/pdf", "unreadable", id="encrypted-pdf"),
        pytest.param(pdf([[]]), "application/pdf", "no-text", id="pdf-without-text"),
        pytest.param(b"x" * (20 * 1024 * 1024 + 1), "text/plain", "too-large", id="too-many-bytes"),
        pytest.param(b"<p>" + b"word " * 1_000_000, "text/html", "too-large", id="one-endless-line"),
        pytest.param(b"<div>" * 100_000 + b"deep", "text/html", "too-large", id="nested-too-deep"),
        pytest.param(b"<br>" * 200_000, "text/html", "too-large", id="too-many-elements"),
    ],
)
def test_refusals_are_typed(body: bytes, media_type: str | None, reason: str) -> None:
    with pytest.raises(Unextractable) as refusal:
        extract([part(body, media_type)])
    assert refusal.value.reason == reason


@pytest.mark.parametrize("body", [b"", b"\0", b"   ", b"<!--", b"<html></html>"])
def test_nothing_to_read_is_no_error(body: bytes) -> None:
    assert extract([part(body)]).blocks == ()


def test_nesting_within_the_limit_is_read() -> None:
    depth = 3_900
    assert lines("<div>" * depth + "deep" + "</div>" * depth) == ["deep"]


@pytest.mark.parametrize("media_type", ["text/markdown", None])
def test_markdown(media_type: str | None) -> None:
    front = "---\na: b\n---\n" if media_type else ""
    text = "# Terms\n\nSee [privacy](/p).\n\n4. Fourth\n5. Fifth\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n> Note\n"
    found = read(front + text, media_type)
    assert found.reading_text.splitlines() == [
        "Terms",
        "See privacy.",
        "4. Fourth",
        "5. Fifth",
        "A | B",
        "1 | 2",
        "Note",
    ]
    assert found.blocks[0].kind is BlockKind.HEADING
    assert found.blocks[1].links[0].target == "acme.example/p"


def test_plain_text_has_sources() -> None:
    text = "TERMS OF USE\n\n1. Scope\nThese terms\napply.\n\n- first\n- second\n=====\nEnd."
    found = read(text, "text/plain")
    assert found.reading_text.splitlines() == ["TERMS OF USE", "1. Scope These terms apply.", "first", "second", "End."]
    assert found.blocks[0].kind is BlockKind.HEADING
    assert [text[slice(*block.source or (0, 0))].split()[0] for block in found.blocks] == [
        "TERMS",
        "1.",
        "-",
        "-",
        "End.",
    ]


def test_pdf() -> None:
    body = [
        (40, 10, "Acme running head"),
        (120, 20, "Terms of Use"),
        (140, 11, "We may end your ac-"),
        (153, 11, "cess to non-public parts."),
        (190, 11, "1. You must pay."),
        (203, 11, "2. You must not copy."),
    ]
    pages = [[*body, (820, 9, f"Page {number} of 3")] for number in (1, 2, 3)]
    found = read(pdf(pages), "application/pdf")
    first = ["Terms of Use", "We may end your access to non-public parts.", "1. You must pay.", "2. You must not copy."]
    assert found.reading_text.splitlines() == first * 3
    assert found.blocks[0].kind is BlockKind.HEADING
    assert found.ignored == {"page-number": 3, "running-head": 3}
