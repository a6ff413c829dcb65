"""Renderings for people: complete, escaped, readable without colour, without anything a page could inject."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from services.differ.core.pipeline import build_report
from services.differ.core.render import to_html, to_markdown, to_terminal
from services.differ.core.render.markdown import MOST
from services.differ.core.render.page_style import DARK, LIGHT, PAIRS
from shared.domain.report import DocumentRef, PlatformRef, Report, Unusable
from tests.factories.contrast import contrast
from tests.factories.differ import compared

NASTY = "We may <script>alert(1)</script> & *star* _line_ [link] (x) | \x1b[31m keep it."
CHANGED = build_report(
    compared(
        f"{NASTY} With 30 days' notice.\nYou have a right to a refund within a week of any purchase.\nWe utilise it.",
        f"{NASTY} With 14 days' notice.\nWe use it.",
    ),
    platform=PlatformRef(slug="acorn", name="Acorn <Ltd>"),
    document=DocumentRef(id="doc_1", type="Terms", url="https://acorn.test/?a=1&b=2", language="en"),
)
UNUSABLE = build_report(None, unusable=Unusable(side="new", reason="blank", why="The page is empty."))
UNCHANGED = build_report(compared(NASTY, NASTY))
VOID = ("meta", "input")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(report: Report) -> _Tags:
    tags = _Tags()
    tags.feed(to_html(report))
    return tags


def terminal(report: Report, width: int = 80) -> list[str]:
    return ["".join(piece.text for piece in line) for line in to_terminal(report, width)]


@pytest.mark.parametrize("report", [CHANGED, UNUSABLE, UNCHANGED], ids=["changed", "unusable", "unchanged"])
def test_html_is_self_contained_and_well_formed(report: Report) -> None:
    tags = parsed(report)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe"} & set(tags.seen)
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "src"]
    assert all((value or "").startswith("#") for name, value in tags.attributes if name == "href")
    assert "url(" not in to_html(report)
    assert "@media print" in to_html(report)
    assert tags.seen.count("h1") == 1
    assert report.disclaimer in tags.text


def test_html_goes_down_by_one_heading_level_at_a_time() -> None:
    levels = [int(tag[1]) for tag in parsed(CHANGED).seen if re.fullmatch(r"h\d", tag)]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_html_marks_edits_in_words_and_elements() -> None:
    page = to_html(CHANGED)
    assert '<del><span class="mark">[deleted: </span>30<span class="mark">]</span></del>' in page
    assert '<ins><span class="mark">[inserted: </span>14<span class="mark">]</span></ins>' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in page
    assert "Acorn &lt;Ltd&gt;" in page


def test_html_shows_both_sides_facts_hashes_and_what_weighs_nothing() -> None:
    text = parsed(CHANGED).text
    for words in ("Before", "After", "Side by side", "Amount", "Evidence (SHA-256)", "Without change of meaning"):
        assert words in text


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_colours_meet_the_contrast_that_wcag_asks_for(colours: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(colours[ink], colours[ground]) >= 4.5


def test_markdown_escapes_what_the_page_says() -> None:
    text = to_markdown(CHANGED)
    assert "~~30~~**14**" in text
    assert "\\<script\\>" in text
    assert "\\*star\\* \\_line\\_ \\[link\\] (x) \\|" in text
    assert "## Removed: " in text
    assert text.endswith(f"_{CHANGED.disclaimer}_\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("You may now leave it be.", "You must now leave it be."),
        ("Any (old) thing of ours ends.", "Any (new)thing of ours ends."),
        ("We keep it. It stays here.", "We keep it (all of it). It stays here."),
        ("Price is 10 for it all.", "Price is $10, plus tax, for it all."),
        ('"Word" means one thing.', '"Wording" means one thing.'),
    ],
)
def test_markdown_marks_are_marks_wherever_they_stand(old: str, new: str) -> None:
    """As rendered: what is struck through or bold (or tagged as such) are the redline's own parts."""
    report = build_report(compared(old, new))
    [change] = report.provisions
    page = MarkdownIt("commonmark", {"html": True}).enable("strikethrough").render(to_markdown(report))
    redline = page[page.index("<blockquote>") : page.index("</blockquote>")]
    assert "~~" not in redline
    assert "**" not in redline
    struck = re.findall(r"<(?:s|del)>(.*?)</", redline)
    bold = re.findall(r"<(?:strong|ins)>(.*?)</", redline)
    unmarked = [text.strip().replace('"', "&quot;") for mark, text in change.redline if mark != "=" and text.strip()]
    assert sorted(struck + bold) == sorted(unmarked)


def test_markdown_fits_into_a_comment() -> None:
    many = "\n".join(f"Clause {n} {'of many words ' * 40}ends." for n in range(200))
    text = to_markdown(build_report(compared("It begins.", f"It begins.\n{many}")))
    assert len(text) <= MOST
    assert re.search(r"\d+ more changes of meaning do not fit here", text)


def test_terminal_lines_carry_no_control_characters() -> None:
    lines = to_terminal(CHANGED)
    words = "\n".join(terminal(CHANGED))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", words)
    assert "[-30-]{+14+}" in words
    assert {piece.style for line in lines for piece in line} >= {"title", "deleted", "inserted", CHANGED.severity}


def test_a_terminal_says_everything_without_colour() -> None:
    words = " ".join("\n".join(terminal(CHANGED)).split())
    assert "MEDIUM" in words
    assert "worse" in words
    assert "[-deleted-] {+inserted+}" in words
    assert "Amount: 30 days → 14 days" in words
    assert "Without change of meaning (1)" in words


@pytest.mark.parametrize("width", [40, 80, 100])
def test_terminal_lines_keep_to_the_width(width: int) -> None:
    filler = "Wörter und 文字 stehen hier. " * 30
    report = build_report(compared(f"{filler} one end.", f"{filler} two end.", language="de"))
    hashes = 64
    assert all(len(line) <= width or re.search(rf"\w{{{hashes}}}", line) for line in terminal(report, width))


@pytest.mark.parametrize("render", [to_html, to_markdown, lambda report: "\n".join(terminal(report))])
def test_an_unusable_side_is_explained(render: object) -> None:
    assert callable(render)
    assert "The page is empty" in render(UNUSABLE)
    assert "Not comparable" in render(UNUSABLE)


def test_long_unchanged_text_is_shortened_but_not_in_html() -> None:
    filler = "word " * 300
    report = build_report(compared(f"{filler} one {filler}end.", f"{filler} two {filler}end."))
    assert "(…)" in to_markdown(report)
    assert len(to_markdown(report)) < 1_800
    assert "(…)" in "\n".join(terminal(report))
    assert filler.strip() in to_html(report)
