"""What is fuzzed: extraction of every media type, and the comparison of two files, each bounded in time."""

import time

from services.differ.core.extract import PartContent, Unextractable, extract
from services.differ.core.two_files import compare_files

MAX_INPUT = 100_000
MAX_SECONDS = 2.0
MEDIA_TYPES = ("text/html", "text/markdown", "text/plain", "application/pdf", None)

SEEDS = (
    b"<html lang=en><title>Terms</title><main><h1>Terms</h1>"
    b"<ol start=3 type=i><li value=9>You may<ul><li>not</ol>"
    b"<table><tr><th rowspan=2>Data<td>30 days<tr><td><a href=/x?id=1>see</a></table><dl><dt>We<dd>us</dl></main>",
    b"# Terms\n\n1. You may *not*\n   - sell [data](/x)\n\n| a | b |\n|---|---|\n| 30 days | $5 |\n\n<b>&amp;</b>\n",
    "Stand: 1. März 2026\n\n1. Konto\n\n(a) Sie dürfen nicht.\n\n§ 2 Preise\n\nDer Kunde zahlt 5 €.\n".encode(),
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R>>endobj 4 0 obj<</Length 20>>stream\nBT (Terms) Tj ET\nendstream "
    b"endobj trailer<</Root 1 0 R>>",
)


class TooSlow(AssertionError):
    """An input of at most `MAX_INPUT` bytes that took more than `MAX_SECONDS` of CPU."""


def extract_any(data: bytes) -> None:
    """The first byte chooses the media type; the rest is the body. Any exception but Unextractable is a fault."""
    begin = time.process_time()
    try:
        found = extract((_part(data),))
    except Unextractable:
        found = None
    if found is not None:
        found.canonical_text.encode("utf-8", "surrogatepass")
        assert all(block.text for block in found.blocks)
    _in_time(begin)


def compare_any(data: bytes) -> None:
    """Two bodies of one media type, divided at the first NUL, or the body against itself."""
    begin = time.process_time()
    old, _, new = data.partition(b"\0")
    report = compare_files(_part(old), _part(data[:1] + new if new else old))
    for change in report.provisions:
        for side, other in ((change.before, "+"), (change.after, "-")):
            if side is not None and change.redline:
                assert "".join(text for mark, text in change.redline if mark != other) == side.text
    _in_time(begin)


def _part(data: bytes) -> PartContent:
    kind = MEDIA_TYPES[data[0] % len(MEDIA_TYPES)] if data else None
    return PartContent(None, kind, None, data[1 : MAX_INPUT + 1])


def _in_time(begin: float) -> None:
    took = time.process_time() - begin
    if took > MAX_SECONDS:
        raise TooSlow(f"{took:.1f} s")


def seeds(name: str) -> list[bytes]:
    """Every seed text as every media type; for comparing, beside a copy that says 14 for 30 and drops a line."""
    first = [bytes([kind]) + text for kind in range(len(MEDIA_TYPES)) for text in SEEDS]
    if name == "extract":
        return first
    return [data + b"\0" + data[1:].replace(b"30", b"14").replace(b"not", b"") for data in first]
