"""Renderings for people: complete, escaped, without anything a page could inject."""

import re
from html.parser import HTMLParser

import pytest

from services.differ.core.pipeline import build_report
from services.differ.core.render import to_html, to_markdown, to_terminal
from shared.domain.report import DocumentRef, PlatformRef, Report, Unusable
from tests.factories.differ import compared

NASTY = "We may <script>alert(1)</script> & *star* _line_ [link] (x) | \x1b[31m keep it."
CHANGED = build_report(
    compared(f"{NASTY} With 30 days' notice.\nGone & lost.", f"{NASTY} With 14 days' notice."),
    platform=PlatformRef(slug="acorn", name="Acorn <Ltd>"),
    document=DocumentRef(id="doc_1", type="Terms", url="https://acorn.test/?a=1&b=2", language="en"),
)
UNUSABLE = build_report(None, unusable=Unusable(side="new", reason="blank", why="The page is empty."))
UNCHANGED = build_report(compared(NASTY, NASTY))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(report: Report) -> _Tags:
    tags = _Tags()
    tags.feed(to_html(report))
    return tags


@pytest.mark.parametrize("report", [CHANGED, UNUSABLE, UNCHANGED], ids=["changed", "unusable", "unchanged"])
def test_html_is_self_contained_and_well_formed(report: Report) -> None:
    tags = parsed(report)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe"} & tags.seen
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]
    assert report.disclaimer in tags.text


def test_html_marks_edits_in_words_and_elements() -> None:
    page = to_html(CHANGED)
    assert '<del><span class="mark">[deleted: </span>30<span class="mark">]</span></del>' in page
    assert '<ins><span class="mark">[inserted: </span>14<span class="mark">]</span></ins>' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in page
    assert "Acorn &lt;Ltd&gt;" in page


def test_markdown_escapes_what_the_page_says() -> None:
    text = to_markdown(CHANGED)
    assert "~~30~~**14**" in text
    assert "\\<script\\>" in text
    assert "\\*star\\* \\_line\\_ \\[link\\] (x) \\|" in text
    assert "## Removed: " in text
    assert text.endswith(f"_{CHANGED.disclaimer}_\n")


def test_terminal_lines_carry_no_control_characters() -> None:
    lines = to_terminal(CHANGED)
    words = "\n".join("".join(piece.text for piece in line) for line in lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", words)
    assert "[-30-]{+14+}" in words
    assert {piece.style for line in lines for piece in line} >= {"title", "deleted", "inserted", CHANGED.severity}


@pytest.mark.parametrize("render", [to_html, to_markdown])
def test_an_unusable_side_is_explained(render: object) -> None:
    assert callable(render)
    assert "The page is empty" in render(UNUSABLE)
    assert "Not comparable" in render(UNUSABLE)


def test_long_unchanged_text_is_shortened_but_not_in_html() -> None:
    filler = "word " * 300
    report = build_report(compared(f"{filler} one {filler}end.", f"{filler} two {filler}end."))
    assert "(…)" in to_markdown(report)
    assert len(to_markdown(report)) < 1_500
    assert filler.strip() in to_html(report)
