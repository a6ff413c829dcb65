"""Whatever comes in, extraction ends in blocks or in a typed refusal, and says the same every time."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from services.differ.core.blocks import Extraction
from services.differ.core.extract import Unextractable, extract
from services.differ.core.usable import judge_usable
from tests.unit.differ.extract.pages import part

TAGS = [
    "p",
    "div",
    "ol",
    "li",
    "ul",
    "table",
    "tr",
    "td",
    "b",
    "a href=/x",
    "h2",
    "nav",
    "main",
    "br",
    "sup",
    "dl",
    "dd",
    "form",
]
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag.split()[0]}>" for tag in TAGS]),
    st.text(max_size=20),
    st.sampled_from(["1. ", "(a) ", " 2026 ", "•", "&nbsp;", "<!--", "]]>", "\u200b", "e\u0301"]),
)
MEDIA_TYPES = st.sampled_from(["text/html", "text/markdown", "text/plain", "application/pdf", None, "image/png"])


def check(found: Extraction) -> None:
    for block in found.blocks:
        assert block.text == " ".join(block.text.split())
        assert block.canonical
        assert all(0 <= start <= end <= len(block.text) for start, end in (link.span for link in block.links))


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join), MEDIA_TYPES)
def test_any_markup(body: str, media_type: str | None) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    with contextlib.suppress(Unextractable):
        found = extract([part(raw, media_type)])
        check(found)
        assert extract([part(raw, media_type)]) == found
        judge_usable(found, [part(raw, media_type)], None)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), MEDIA_TYPES, st.sampled_from(["utf-8", "utf-16", "latin-1", "rot13", "", None]))
def test_any_bytes(body: bytes, media_type: str | None, charset: str | None) -> None:
    with contextlib.suppress(Unextractable):
        check(extract([part(body, media_type, charset=charset)]))
